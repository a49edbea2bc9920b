/** The calls of the AI SDK that are under way on one client, bounded: a stream that nobody reads to its end never ends its call. */
import type { Observation, TailraceClient } from '../../index.js';

/** What belongs to one call of `generateText` and its like, by the SDK's `callId`. */
export interface OpenCall {
  readonly client: TailraceClient;
  /** The integration that saw it first. Another one with the same client leaves it alone. */
  readonly owner: object;
  readonly startedAtMs: number;
  readonly operationId: string;
  readonly root: Observation<'generation'>;
  context: Readonly<Record<string, unknown>> | undefined;
  /** Of the step that begins: the messages as the provider gets them. Released by the model call. */
  promptMessages: readonly unknown[] | undefined;
  toolChoice: unknown;
  stepNumber: number | undefined;
  generation: Observation<'generation'> | undefined;
  generationStartedAtMs: number;
  /** Calls of tools and embedding models, which may run side by side. Undefined: none yet. */
  inner: Map<string, Observation<'generation'>> | undefined;
  /** How often the same integration is registered. */
  copies: number;
  /** How often each hook was called, if `copies` is more than one. */
  seen: Map<string, number> | undefined;
}

/** As the client's `maxOpenAge`, by whose default it writes an open observation as it stands. */
const MAX_AGE_MS = 3_600_000;
const MAX_CALLS = 10_000;

export type OpenCalls = Map<string, OpenCall>;

const callsByClient = new WeakMap<TailraceClient, OpenCalls>();

/** The calls that any integration traces by this client: another one leaves them alone. */
export function callsOf(client: TailraceClient): OpenCalls {
  let calls = callsByClient.get(client);
  if (calls === undefined) callsByClient.set(client, (calls = new Map()));
  return calls;
}

/** Adds a call, and forgets those that are too old or too many. The client writes their observations by its own bounds. */
export function addCall(calls: OpenCalls, id: string, call: OpenCall): void {
  calls.set(id, call);
  for (const [oldestId, oldest] of calls) {
    const isOld = call.startedAtMs - oldest.startedAtMs > MAX_AGE_MS;
    if (!isOld && calls.size <= MAX_CALLS) break;
    calls.delete(oldestId);
  }
}

/** The SDK calls a hook once for each registration, one directly after the other. All but the first are echoes. */
export function isEcho(call: OpenCall, hook: string): boolean {
  if (call.copies === 1) return false;
  call.seen ??= new Map();
  const count = call.seen.get(hook) ?? 0;
  call.seen.set(hook, count + 1);
  return count % call.copies !== 0;
}
