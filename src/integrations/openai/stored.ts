/**
 * Responses that the server goes on with in the background: the call that began one gets its answer when the program reads it. To read a
 * response is no call of a model, so it makes no observation, which would count the tokens again.
 */
import { now } from '../../tracing/clock.js';
import { guarded } from '../common/guard.js';
import { type Call, endCall, startCall } from './call.js';
import { endpointOf } from './endpoints.js';
import { type Fields, textOf } from './request.js';
import { readResult } from './result.js';
import type { Tracing } from './tracing.js';

/** A program may never read its responses. Beyond this number the oldest is forgotten: it keeps what it has. */
const MAX_STORED = 1000;

/** By the response's id: the call that began it, or null if its answer is on an observation. */
const stored = new Map<string, Call | null>();

function remember(id: string, call: Call | null): void {
  stored.delete(id);
  stored.set(id, call);
  if (stored.size > MAX_STORED) stored.delete(stored.keys().next().value as string);
}

const UNFINISHED = new Set<unknown>(['queued', 'in_progress']);

/** For a response that has just been begun. */
export function storeIfUnfinished(call: Call, response: unknown): void {
  guarded(call.tracing.client, 'openai background response', () => {
    const { id, status, background } = (response ?? {}) as Fields;
    const key = textOf(id);
    if (key !== undefined && background === true && UNFINISHED.has(status)) remember(key, call);
  });
}

/** For a response that was read or cancelled. */
export function settleStored(tracing: Tracing, response: unknown): void {
  guarded(tracing.client, 'openai stored response', () => {
    const { id, status, background } = (response ?? {}) as Fields;
    const key = textOf(id);
    if (key === undefined || background !== true || UNFINISHED.has(status)) return;
    const begun = stored.get(key);
    if (begun === null) return;
    // Another process may have begun it.
    const call = begun ?? startCall(tracing, RESPONSES, {});
    if (call === undefined) return;
    remember(key, null);
    endCall(call, { endTime: now(), ...readResult(response, call.request) });
  });
}

const RESPONSES = endpointOf('/responses') as NonNullable<ReturnType<typeof endpointOf>>;
