/**
 * A flush by shared memory alone, for a producer that blocks: at the exit of a process no message reaches it, while the worker
 * still runs.
 */
import { clearInterval, setInterval } from '../runtime/real-time.js';
import { BEAT, distance, FLUSH_IS_LAST, FLUSHES, HEAD, TAIL } from './ring-layout.js';

/** Interval at which the consumer shows that it is alive, as far as its event loop gets turns. */
const BEAT_INTERVAL_MS = 20;
/** Poll interval for requests, should a wake-up be lost. */
const REQUEST_POLL_MS = 10_000;

/** As `ConsumerControl.flush`. */
type Flush = (tail: number, isLast: boolean) => Promise<void>;

/**
 * Producer: asks for everything on the ring to be settled. `isLast`: the producer or its process ends after it. An attached thread
 * and its owner may ask for the same ring at once: so a request names no position, and `isLast` holds until everything
 * has settled, even if the process goes on.
 */
export function requestFlush(words: Int32Array, isLast: boolean): void {
  if (isLast) Atomics.store(words, FLUSH_IS_LAST, Atomics.load(words, FLUSHES) + 1);
  Atomics.add(words, FLUSHES, 1);
  Atomics.notify(words, FLUSHES);
}

/** Poll interval for `isOver`, even if the head does not move. */
const IS_OVER_POLL_MS = 250;

/** Producer: resolves once the head has reached `position`, or `isOver` returns true. Does not block. */
export async function headReached(words: Int32Array, position: number, isOver: () => boolean): Promise<void> {
  // waitAsync keeps no process alive.
  const keepAlive = setInterval(() => {}, 2 ** 30);
  try {
    while (!isOver()) {
      const head = Atomics.load(words, HEAD);
      if (distance(head, position) >= 0) return;
      const wait = Atomics.waitAsync(words, HEAD, head, IS_OVER_POLL_MS);
      if (wait.async) await wait.value;
    }
  } finally {
    clearInterval(keepAlive);
  }
}

/** Consumer, after each release: wakes a producer that waits. */
export function notifyHead(words: Int32Array): void {
  Atomics.notify(words, HEAD);
}

/**
 * Consumer: calls `flush` for each request until it is stopped, also for a request that came before it started. Shows that it is
 * alive until `flush` has resolved.
 */
export async function watchFlushes(words: Int32Array, isStopped: () => boolean, flush: Flush): Promise<void> {
  let seen = 0;
  while (!isStopped()) {
    const asked = Atomics.load(words, FLUSHES);
    if (asked !== seen) void answer(words, flush);
    seen = asked;
    const wait = Atomics.waitAsync(words, FLUSHES, seen, REQUEST_POLL_MS);
    if (wait.async) await wait.value;
  }
}

/** Consumer: shows that it is alive, with each record and batch and during long work on one, when its timer cannot run. */
export function beat(words: Int32Array): void {
  Atomics.add(words, BEAT, 1);
}

/** Consumer: ends `watchFlushes`, which would hold the ring's memory otherwise. */
export function endWatch(words: Int32Array): void {
  Atomics.notify(words, FLUSHES);
}

async function answer(words: Int32Array, flush: Flush): Promise<void> {
  beat(words);
  const timer = setInterval(beat, BEAT_INTERVAL_MS, words).unref();
  try {
    const last = Atomics.load(words, FLUSH_IS_LAST);
    await flush(Atomics.load(words, TAIL), last !== 0);
    // Unless another last flush was requested meanwhile. If this consumer dies, its successor finds the request.
    Atomics.compareExchange(words, FLUSH_IS_LAST, last, 0);
  } finally {
    clearInterval(timer);
  }
}
