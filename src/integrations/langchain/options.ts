/** The options of the callback handler. */
import type { Observation, TailraceClient, Trace } from '../../index.js';
import { type ClientSource, clientOf, warnUnreadable } from '../common/client.js';
import { splitOff } from '../common/options.js';

/**
 * Options of a `CallbackHandler`: about its traces, and about the client (`client`, or the options of one: `publicKey`, `secretKey`,
 * `baseUrl`, …).
 */
export interface CallbackHandlerOptions extends ClientSource {
  /** User of the traces. A run's metadata `langfuseUserId` (or `langfuse_user_id`) takes precedence. */
  userId?: string | undefined;
  /** Session of the traces. A run's metadata `langfuseSessionId` (or `langfuse_session_id`) takes precedence. */
  sessionId?: string | undefined;
  /** Tags of the traces, beside the tags of the run and those in its metadata `langfuseTags` (or `langfuse_tags`). */
  tags?: readonly string[] | undefined;
  /** Version of the traces and of all observations in them. @default the client's version */
  version?: string | undefined;
  /** Metadata of the traces, merged with what they have. */
  traceMetadata?: Readonly<Record<string, unknown>> | undefined;
  /** The older name of `traceMetadata`. */
  metadata?: Readonly<Record<string, unknown>> | undefined;
  /**
   * A trace or an observation that all runs become children of. Its client is the handler's.
   * @default the active observation of the code that starts the run; if there is none, each run begins a trace
   */
  root?: Trace | Observation | undefined;
  /** Whether `root` gets name, input, output and metadata of the run. @default false */
  updateRoot?: boolean | undefined;
  /**
   * Whether LangChain calls the hooks in the flow of the run. A hook takes microseconds, so there is nothing to gain by `false`: then
   * LangChain calls them from a queue, behind those of other handlers. Runs end later in that case, and `flushAsync()` covers only the
   * runs whose end the queue has reached (`awaitAllCallbacks()` of LangChain waits for it).
   * @default false if LANGCHAIN_CALLBACKS_BACKGROUND is `true`, else true
   */
  awaitHandlers?: boolean | undefined;
}

/** The options about traces. */
export type TraceOptions = Pick<
  CallbackHandlerOptions,
  'userId' | 'sessionId' | 'tags' | 'version' | 'traceMetadata' | 'root' | 'updateRoot'
>;

const TRACE_OPTIONS = [
  'userId',
  'sessionId',
  'tags',
  'version',
  'traceMetadata',
  'metadata',
  'root',
  'updateRoot',
  'awaitHandlers',
] as const;

/** Takes the options apart. An option that cannot be read counts as missing, with a warning. */
export function splitOptions(options: CallbackHandlerOptions | null | undefined) {
  const { own, others, errors } = splitOff<CallbackHandlerOptions, (typeof TRACE_OPTIONS)[number]>(
    options ?? {},
    TRACE_OPTIONS,
  );
  const { root: given, metadata, awaitHandlers, ...trace } = own;
  const root = readRoot(given);
  const client = clientOf(root.client === undefined ? others : { client: root.client }, 'langchain');
  warnUnreadable(client, 'langchain', [...errors, ...root.errors]);
  return {
    trace: { ...trace, traceMetadata: trace.traceMetadata ?? metadata, root: root.root },
    client,
    awaitHandlers: awaitHandlers ?? process.env.LANGCHAIN_CALLBACKS_BACKGROUND !== 'true',
  };
}

interface Root {
  readonly root?: Trace | Observation | undefined;
  readonly client?: TailraceClient;
  readonly errors: readonly unknown[];
}

/** A root whose client cannot be read counts as missing. */
function readRoot(root: Trace | Observation | null | undefined): Root {
  if (root === undefined || root === null) return { root: undefined, errors: [] };
  try {
    return { root, client: root.client, errors: [] };
  } catch (error) {
    return { errors: [error] };
  }
}
