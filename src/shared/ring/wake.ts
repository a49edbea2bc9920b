/**
 * Lets the consumer sleep and the producer wake it, without a lost wake-up.
 *
 * Waking a sleeping thread costs the application 6-13 µs, publishing without a wake 11 ns. So while there is traffic the
 * consumer dozes: it polls by its own clock, and the producer leaves it alone. Only when the ring has been empty for a while
 * does it park and need to be woken. A doze in little traffic may be as long as a batch may wait, so the producer ends it when enough
 * for a batch is on the ring.
 */
import { distance, READ, SLEEP, TAIL, WAKE_BYTES } from './ring-layout.js';

const AWAKE = 0;
const DOZING = 1;
const PARKED = 2;
/** There is no consumer: it was stopped when idle, and the producer starts another. */
const ABSENT = 3;
/** A doze that the producer ends when WAKE_BYTES are unread. */
const LONG_DOZE = 4;

/**
 * Producer, after each publish: wakes a parked consumer, and one in a long doze if it has enough to read. One load where it neither is.
 * False: there is no consumer, which is returned once.
 */
export function wakeParked(words: Int32Array, tail: number): boolean {
  const sleep = Atomics.load(words, SLEEP);
  return sleep < PARKED || (sleep === LONG_DOZE && !isWorthAWake(words, tail)) || wake(words);
}

function isWorthAWake(words: Int32Array, tail: number): boolean {
  return distance(tail, Atomics.load(words, READ)) >= Atomics.load(words, WAKE_BYTES);
}

/** Producer, at the high-water mark, and both threads for a flush: wakes the consumer however it sleeps. False: there is none. */
export function wake(words: Int32Array): boolean {
  // The exchange makes sure that a sleep is ended by one notify, whichever thread comes first.
  const before = Atomics.exchange(words, SLEEP, AWAKE);
  if (before !== AWAKE && before !== ABSENT) Atomics.notify(words, SLEEP, 1);
  return before !== ABSENT;
}

/** Producer: the consumer is gone, and the next publish has to start another. */
export function markAbsent(words: Int32Array): void {
  Atomics.store(words, SLEEP, ABSENT);
}

/** Producer: a consumer starts, which will see every record on the ring. */
export function markPresent(words: Int32Array): void {
  Atomics.compareExchange(words, SLEEP, ABSENT, AWAKE);
}

/** Consumer: sleeps until woken or until `ms` have passed, whether or not records arrive meanwhile. */
export async function doze(words: Int32Array, ms: number): Promise<void> {
  Atomics.store(words, SLEEP, DOZING);
  await waitWhile(words, DOZING, ms);
}

/** Consumer: as `doze`, but the producer wakes it as soon as `wakeBytes` are unread. */
export async function dozeLong(words: Int32Array, ms: number, wakeBytes: number): Promise<void> {
  Atomics.store(words, WAKE_BYTES, wakeBytes);
  Atomics.store(words, SLEEP, LONG_DOZE);
  await waitWhile(words, LONG_DOZE, ms);
}

/** Consumer: sleeps until woken, unless the tail has moved past `seenTail`. `netMs` is the safety net that bounds a sleep. */
export async function park(words: Int32Array, seenTail: number, netMs: number): Promise<void> {
  Atomics.store(words, SLEEP, PARKED);
  // The publisher of a record between the last look at the tail and the store above saw AWAKE and woke nobody.
  if (Atomics.load(words, TAIL) === seenTail) await waitWhile(words, PARKED, netMs);
  Atomics.store(words, SLEEP, AWAKE);
}

async function waitWhile(words: Int32Array, state: number, ms: number): Promise<void> {
  const wait = Atomics.waitAsync(words, SLEEP, state, ms);
  if (wait.async) await wait.value;
  Atomics.store(words, SLEEP, AWAKE);
}
