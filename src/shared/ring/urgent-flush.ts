/**
 * A flush by shared memory alone, for a producer that blocks: at the exit of a process no message comes back to it, while
 * the worker goes on.
 */
import { clearInterval, setInterval } from '../runtime/real-time.js';
import { BEAT, distance, FLUSH_IS_LAST, FLUSHES, HEAD, TAIL } from './ring-layout.js';

/** How often the consumer says that it is alive, where its event loop gets turns. */
const BEAT_MS = 20;
/** A request is looked for once in this time even if nobody wakes the consumer. */
const WATCH_NET_MS = 10_000;

/** What answers: `ConsumerControl.flush`. */
type Flush = (tail: number, isLast: boolean) => Promise<void>;

/**
 * Producer: asks for everything on the ring to be settled. `isLast`: the producer or its process ends after it. Two may ask
 * at once, for a thread's ring that thread and the one it is attached to: so none says up to where, and what was last stays so until
 * all of it has settled: a process may go on.
 */
export function requestFlush(words: Int32Array, isLast: boolean): void {
  if (isLast) Atomics.store(words, FLUSH_IS_LAST, Atomics.load(words, FLUSHES) + 1);
  Atomics.add(words, FLUSHES, 1);
  Atomics.notify(words, FLUSHES);
}

/** So often is looked whether waiting still makes sense, even if nothing is released. */
const LOOK_MS = 250;

/** Producer: resolves once the head has reached `position`, or nobody wants to wait any longer. Does not block. */
export async function headReached(words: Int32Array, position: number, isOver: () => boolean): Promise<void> {
  // waitAsync keeps no process alive.
  const keepAlive = setInterval(() => {}, 2 ** 30);
  try {
    while (!isOver()) {
      const head = Atomics.load(words, HEAD);
      if (distance(head, position) >= 0) return;
      const wait = Atomics.waitAsync(words, HEAD, head, LOOK_MS);
      if (wait.async) await wait.value;
    }
  } finally {
    clearInterval(keepAlive);
  }
}

/** Consumer, after each release: wakes a producer that waits. */
export function tellHead(words: Int32Array): void {
  Atomics.notify(words, HEAD);
}

/**
 * Consumer: calls `flush` for each request, also for one that came before it started, until it is stopped, and shows that
 * it is alive until what `flush` returns has resolved.
 */
export async function watchFlushes(words: Int32Array, isStopped: () => boolean, flush: Flush): Promise<void> {
  let seen = 0;
  while (!isStopped()) {
    const asked = Atomics.load(words, FLUSHES);
    if (asked !== seen) void answer(words, flush);
    seen = asked;
    const wait = Atomics.waitAsync(words, FLUSHES, seen, WATCH_NET_MS);
    if (wait.async) await wait.value;
  }
}

/** Consumer, with each record and batch, and in the midst of long work on one: says that it is alive, as its timer cannot. */
export function beat(words: Int32Array): void {
  Atomics.add(words, BEAT, 1);
}

/** Consumer: ends its watch, which would hold the ring's memory else. */
export function endWatch(words: Int32Array): void {
  Atomics.notify(words, FLUSHES);
}

async function answer(words: Int32Array, flush: Flush): Promise<void> {
  beat(words);
  const timer = setInterval(beat, BEAT_MS, words).unref();
  try {
    const last = Atomics.load(words, FLUSH_IS_LAST);
    await flush(Atomics.load(words, TAIL), last !== 0);
    // Unless it was asked for again meanwhile. A dead consumer's successor finds it as it was.
    Atomics.compareExchange(words, FLUSH_IS_LAST, last, 0);
  } finally {
    clearInterval(timer);
  }
}
