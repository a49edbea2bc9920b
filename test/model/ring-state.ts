/** The state of the ring's model: what both threads see, what each knows, and what becomes of the records. */
import type { Fault } from './faults.js';

export interface State {
  // The words in shared memory, and what stands in the two places of the ring: the number of a record.
  tail: number;
  head: number;
  read: number;
  sleep: 'awake' | 'dozing' | 'parked';
  evenPlace: number;
  oddPlace: number;
  /** The counter SENT. */
  sent: number;
  /** Threads that are gone, and in the list of those to be notified. */
  waitersLeft: number;

  producer: 'idle' | 'write' | 'publish' | 'load READ' | 'load SLEEP' | 'exchange SLEEP' | 'notify';
  pushes: number;
  cachedHead: number;
  cachedRead: number;

  consumer:
    | 'dead'
    | 'seenTail'
    | 'takeRecord'
    | 'encode'
    | 'store READ'
    | 'cut'
    | 'slotFree'
    | 'doze: store DOZING'
    | 'doze: waitAsync'
    | 'doze: asleep'
    | 'park: store PARKED'
    | 'park: load TAIL'
    | 'park: waitAsync'
    | 'park: asleep'
    | 'store AWAKE';
  deaths: number;
  position: number;
  seenTail: number;
  looksInVain: number;
  /** By record: `-` settled before this life, `t` taken, `o` in an open batch, `f` in flight, `a` answered, `s` settled. */
  ledger: string;
  /** A release that is still to be made; only where a fault makes it a step of its own. */
  releaseTo: number;

  /** By record: whether the server has it. */
  delivered: string;
  flush: 'none' | 'asked' | 'waiting' | 'answered';
  flushTail: number;
  flushCut: boolean;
}

export interface Scope {
  /** Tries of the application to push a record. */
  readonly pushes: number;
  readonly deaths: number;
  /** Records in flight from which no further one is taken. */
  readonly saturatedAt: number;
  /** What sends a batch that is not full on its way. */
  readonly cutBy: 'age' | 'flush';
}

export function initialState({ pushes, deaths }: Scope): State {
  return {
    tail: 0,
    head: 0,
    read: 0,
    sleep: 'awake',
    evenPlace: -1,
    oddPlace: -1,
    sent: 0,
    waitersLeft: 0,
    producer: 'idle',
    pushes,
    cachedHead: 0,
    cachedRead: 0,
    consumer: 'seenTail',
    deaths,
    position: 0,
    seenTail: 0,
    looksInVain: 0,
    ledger: '',
    releaseTo: 0,
    delivered: '-'.repeat(pushes),
    flush: 'none',
    flushTail: 0,
    flushCut: false,
  };
}

export const PLACES = 2;
export const HIGH_WATER = 1;
export const FLUSH_AT = 2;
export const LOOKS_BEFORE_PARKING = 2;

/** Whether this is the way in which the model gets it wrong. */
export type Is = (fault: Fault) => boolean;

/** Wakes the one that has waited longest. */
export function notify(s: State): void {
  if (s.waitersLeft > 0) s.waitersLeft--;
  else if (s.consumer === 'doze: asleep' || s.consumer === 'park: asleep') s.consumer = 'store AWAKE';
}

/** Whether the consumer's thread has returned to its event loop, so that answers, timers and calls get their turn. */
export function isInEventLoop({ consumer }: State): boolean {
  return ['slotFree', 'doze: asleep', 'park: asleep', 'store AWAKE'].includes(consumer);
}

export function cutAll(s: State): void {
  s.ledger = s.ledger.replaceAll('o', 'f');
}

/** There is one lane, so one open batch; it is cut if it starts with the oldest record. */
export function cutBlocker(s: State): void {
  if (s.tail - s.head > PLACES / 2 && s.ledger[s.head] === 'o') cutAll(s);
}

export function enterFate(s: State, number: number, fate: string): void {
  s.ledger = replaced(s.ledger, number, fate);
}

export function replaced(text: string, index: number, by: string): string {
  return text.slice(0, index) + by + text.slice(index + 1);
}

export function count(ledger: string, fates: string): number {
  let total = 0;
  for (const fate of ledger) if (fates.includes(fate)) total++;
  return total;
}
