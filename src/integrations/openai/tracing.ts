/** What the observations of one observed client have in common: the client that they go to, their name, parent and attributes. */
import type {
  Observation,
  ParentContext,
  PromptReference,
  PropagatedAttributes,
  TailraceClient,
  Trace,
} from '../../index.js';
import { clientOf } from '../common/client.js';
import type { ObserveOpenAIOptions } from './options.js';

export interface Tracing {
  readonly client: () => TailraceClient;
  /** Of the observed client: `OpenAI`, `AzureOpenAI`. */
  readonly className: string;
  /** The observed client's API key, which no message may show. */
  readonly key: () => unknown;
  readonly generationName: string | undefined;
  readonly generationMetadata: Readonly<Record<string, unknown>> | undefined;
  readonly langfusePrompt: PromptReference | undefined;
  readonly parent: Trace | Observation | ParentContext | string | undefined;
  /** Undefined: there are none, and no scope is needed. */
  readonly attributes: PropagatedAttributes | undefined;
}

export function tracingOf(observed: object, options: ObserveOpenAIOptions): Tracing {
  const { traceName, userId, sessionId, tags, version, ...others } = options;
  const { generationName, generationMetadata, metadata, langfusePrompt, ...more } = others;
  const { parent, parentSpanContext, clientInitParams, ...client } = more;
  const hasAttributes = [traceName, userId, sessionId, tags, version].some((one) => one != null);
  const named = (observed as { constructor?: { name?: unknown } }).constructor?.name;
  return {
    client: clientOf({ ...clientInitParams, ...client }),
    className: typeof named === 'string' && named !== '' ? named : 'OpenAI',
    key: () => (observed as { apiKey?: unknown }).apiKey,
    generationName: generationName ?? undefined,
    generationMetadata: generationMetadata ?? metadata ?? undefined,
    langfusePrompt: langfusePrompt ?? undefined,
    parent: parent ?? parentSpanContext ?? undefined,
    attributes: hasAttributes ? { traceName, userId, sessionId, tags, version } : undefined,
  };
}
