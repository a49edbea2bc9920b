/** Options of `observeOpenAI`. */
import type { Observation, ParentContext, PromptReference, TailraceOptions, Trace } from '../../index.js';
import type { ClientSource } from '../common/client.js';

/**
 * Options of `observeOpenAI`: those of Langfuse's wrapper, `client`, and all options of a client of tailrace. With options of a client
 * (`publicKey`, `baseUrl`, …) the observed client has a client of tailrace of its own.
 */
export interface ObserveOpenAIOptions extends Omit<ClientSource, 'tags' | 'version'> {
  /** Name of the traces that begin with a call. @default the name of the call's observation */
  traceName?: string | null | undefined;
  /** User of the traces. At most 200 characters. */
  userId?: string | null | undefined;
  /** Session of the traces. At most 200 characters. */
  sessionId?: string | null | undefined;
  /** Tags of the traces. */
  tags?: readonly string[] | null | undefined;
  /** Version of the traces and observations. */
  version?: string | null | undefined;
  /** Name of the observations. @default class of the client and property: `OpenAI.chat`, `OpenAI.responses`, `AzureOpenAI.chat` */
  generationName?: string | null | undefined;
  /** Metadata of the observations, by key. */
  generationMetadata?: Readonly<Record<string, unknown>> | null | undefined;
  /** @deprecated The name of `generationMetadata` in langfuse 3. */
  metadata?: Readonly<Record<string, unknown>> | null | undefined;
  /** A prompt of Langfuse's prompt management, or its name and version, that the observations are linked to. */
  langfusePrompt?: PromptReference | null | undefined;
  /** A trace or an observation, a span of another process, or its `traceparent`. @default what is active when a call begins */
  parent?: Trace | Observation | ParentContext | string | null | undefined;
  /** OpenTelemetry's name for `parent`. */
  parentSpanContext?: ParentContext | null | undefined;
  /** A trace that the observations go into, if there is no `parent`: as with langfuse 3. */
  traceId?: string | null | undefined;
  /** Options of a client, under the name that langfuse 3 has for them. */
  clientInitParams?: TailraceOptions | null | undefined;
}
