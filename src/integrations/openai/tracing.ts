/** What the observations of one observed client have in common: the client that they go to, their name, parent and attributes. */
import type {
  BodyOf,
  Observation,
  ParentContext,
  PromptReference,
  PropagatedAttributes,
  TailraceClient,
  Trace,
} from '../../index.js';
import { type ClientSource, clientOf } from '../common/client.js';
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
  readonly traceId: string | undefined;
  /** Undefined: there are none, and no scope is needed. */
  readonly attributes: PropagatedAttributes | undefined;
}

/** Takes the options apart: those of a client of tailrace, and those of the observations. */
function splitOptions(options: ObserveOpenAIOptions) {
  const { traceName, userId, sessionId, tags, version, ...others } = options;
  const { generationName, generationMetadata, metadata, langfusePrompt, ...more } = others;
  const { parent, parentSpanContext, traceId, clientInitParams, ...client } = more;
  return {
    attributes: { traceName, userId, sessionId, tags, version },
    generationName,
    generationMetadata: generationMetadata ?? metadata,
    langfusePrompt,
    parent: parent ?? parentSpanContext,
    traceId,
    client: { ...clientInitParams, ...client } satisfies ClientSource,
  };
}

/** @param earlier Of the observed client that is observed again. Its client of tailrace stays unless `added` names another. */
export function tracingOf(
  observed: object,
  options: ObserveOpenAIOptions,
  earlier?: { readonly tracing: Tracing; readonly added: ObserveOpenAIOptions },
): Tracing {
  const split = splitOptions(options);
  const { attributes, generationName, generationMetadata, langfusePrompt, parent, traceId } = split;
  const hasAttributes = Object.values(attributes).some((one) => one !== undefined && one !== null);
  const named = (observed as { constructor?: { name?: unknown } }).constructor?.name;
  const keepsClient = earlier !== undefined && Object.keys(splitOptions(earlier.added).client).length === 0;
  return {
    client: keepsClient ? earlier.tracing.client : clientOf(split.client, 'openai'),
    className: typeof named === 'string' && named !== '' ? named : 'OpenAI',
    key: () => (observed as { apiKey?: unknown }).apiKey,
    generationName: generationName ?? undefined,
    generationMetadata: generationMetadata ?? undefined,
    langfusePrompt: langfusePrompt ?? undefined,
    parent: parent ?? undefined,
    traceId: traceId ?? undefined,
    attributes: hasAttributes ? attributes : undefined,
  };
}

/** Begins an observation where the options want it, and with their attributes. */
export function begin<T extends 'generation' | 'embedding' | 'agent' | 'tool'>(
  { client: clientNow, attributes, parent, traceId }: Tracing,
  asType: T,
  name: string,
  fields: BodyOf<T>,
  inside?: Observation,
): Observation<T> {
  const client = clientNow();
  const above = inside ?? parent;
  const start = () =>
    above === undefined && traceId !== undefined
      ? (client[asType]({ name, traceId, ...fields }) as Observation<T>)
      : client.startObservation(name, fields, { asType, parent: above });
  return attributes === undefined ? start() : client.propagateAttributes(attributes, start);
}
