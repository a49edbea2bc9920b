/**
 * How late a client has spoken of traces that are continued by their id: each handle of one begins without knowing of the
 * others, and a server of Langfuse 3 goes by the times of what it is sent (see trace-news).
 */
import { setNewest } from '../shared/newest.js';
import { wholeMs } from './clock.js';

/** Traces that are remembered, by a word of their ids. */
const MAX_TRACES = 4096;

export type SaidTimes = Map<number, number>;

/** The time, or as much later as it takes to be after all that was said of the trace before. */
export function afterAllSaid(said: SaidTimes, key: number, ms: number): number {
  return Math.max(ms, wholeMs(said.get(key) ?? 0) + 1);
}

/** Whether something was said of the trace that a server takes for as late as this, or later. */
export function isSaidSince(said: SaidTimes, key: number, ms: number): boolean {
  const last = said.get(key);
  return last !== undefined && wholeMs(last) >= wholeMs(ms);
}

export function rememberSaid(said: SaidTimes, key: number, ms: number): void {
  if ((said.get(key) ?? 0) >= ms) return;
  setNewest(said, key, ms, MAX_TRACES);
}
