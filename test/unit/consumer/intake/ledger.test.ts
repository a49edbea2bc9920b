/** What the ledger keeps of the records that were taken off the ring, and what it tells a successor by the ring. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  closeLedger,
  countReleased,
  createLedger,
  enter,
  failSpooled,
  type Ledger,
  markDelivered,
  ordinalOf,
  positionOf,
  Settled,
  settle,
  settleAsBefore,
  settleDelivered,
  settleInherited,
  settleSpooled,
  unreleasedBytes,
} from '../../../../src/consumer/intake/ledger.js';
import {
  ACCEPTED,
  allocateRing,
  DRAWN_UP,
  EVENT,
  FAILED,
  FAILED_IN_SPOOL,
  HEAD,
  IS_SENT,
  RECOVERED,
  type RingMemory,
  ringMemory,
  SENT,
  SENT_FROM_SPOOL,
  SPOOLED,
  TAIL,
  typeIndexOf,
  UNRECOVERED,
} from '../../../../src/shared/ring/ring-layout.js';

const RECORD_BYTES = 64;

let memory: RingMemory;
let ledger: Ledger;

beforeEach(() => {
  memory = ringMemory(allocateRing(64 * 1024));
  ledger = createLedger(memory);
});

/** Puts records onto the ring, as the producer does. */
function publish(count: number): void {
  for (let i = 0; i < count; i++) {
    const position = Atomics.load(memory.words, TAIL);
    const index = typeIndexOf(memory, position);
    memory.headers[index - 1] = RECORD_BYTES - 8;
    memory.headers[index] = EVENT;
    Atomics.store(memory.words, TAIL, position + RECORD_BYTES);
    memory.totals[ACCEPTED]!++;
  }
}

/** Publishes records and takes them off the ring; their numbers. */
function take(count: number): number[] {
  const start = Atomics.load(memory.words, TAIL);
  publish(count);
  return Array.from({ length: count }, (_, i) => {
    const position = start + i * RECORD_BYTES;
    return enter(ledger, { position, end: position + RECORD_BYTES });
  });
}

const headInRecords = (): number => Atomics.load(memory.words, HEAD) / RECORD_BYTES;
const counted = (counter: number): number => Number(Atomics.load(memory.counters, counter));
const counts = () => ({ sent: counted(SENT), failed: counted(FAILED), spooled: counted(SPOOLED) });

describe('space on the ring', () => {
  it('is released up to the oldest record that has not settled', () => {
    const [a, b, c] = take(3) as [number, number, number];
    settle(ledger, [b, c], Settled.sent);
    expect(headInRecords()).toBe(0);
    settle(ledger, [a], Settled.failed);
    expect(headInRecords()).toBe(3);
    expect(unreleasedBytes(ledger)).toBe(0);
  });

  it('is counted when it is released, and not before', () => {
    const [a, b, c] = take(3) as [number, number, number];
    settle(ledger, [b], Settled.sent);
    settle(ledger, [c], Settled.spooled);
    expect(counts()).toEqual({ sent: 0, failed: 0, spooled: 0 });
    settle(ledger, [a], Settled.failed);
    expect(counts()).toEqual({ sent: 1, failed: 1, spooled: 1 });
  });

  it('is announced after each release, once', () => {
    let releases = 0;
    ledger.onRelease = () => releases++;
    const [a, b] = take(2) as [number, number];
    settle(ledger, [b], Settled.sent);
    expect(releases).toBe(0);
    settle(ledger, [a], Settled.sent);
    expect(releases).toBe(1);
  });

  it('is released in order, and each record counted once, whatever the order in which they settle', () => {
    const outcome = fc.constantFrom(Settled.sent, Settled.failed, Settled.spooled);
    const settlements = fc.array(fc.tuple(fc.nat(), outcome), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(settlements, (shuffled) => {
        memory = ringMemory(allocateRing(64 * 1024));
        ledger = createLedger(memory);
        const numbers = take(shuffled.length);
        const order = numbers.map((number, i) => ({ number, key: shuffled[i]![0], how: shuffled[i]![1] }));
        const settled = new Set<number>();
        for (const { number, how } of order.sort((one, other) => one.key - other.key)) {
          settle(ledger, [number], how);
          settle(ledger, [number], Settled.failed);
          settled.add(number);
          const oldest = numbers.find((one) => !settled.has(one)) ?? numbers.length;
          expect(headInRecords()).toBe(oldest);
        }
        const { sent, failed, spooled } = counts();
        const of = (wanted: number) => order.filter(({ how }) => how === wanted).length;
        expect([sent, failed, spooled]).toEqual([of(Settled.sent), of(Settled.failed), of(Settled.spooled)]);
      }),
    );
  });
});

describe('a record', () => {
  it('is found by its number and by its ordinal, however many there are', () => {
    const numbers = take(1_000);
    settle(ledger, numbers.slice(0, 900), Settled.sent);
    const later = take(1_500 - 1_000);
    expect(positionOf(ledger, later.at(-1) as number)).toBe(1_499 * RECORD_BYTES);
    expect(ordinalOf(ledger, later.at(-1) as number)).toBe(1_499);
  });

  it('settles once: what comes later for its number changes nothing', () => {
    const [a, b] = take(2) as [number, number];
    settle(ledger, [b], Settled.sent);
    settle(ledger, [b], Settled.failed);
    settle(ledger, [a], Settled.sent);
    settle(ledger, [a, b], Settled.failed);
    expect(counts()).toEqual({ sent: 2, failed: 0, spooled: 0 });
  });

  it('that is delivered settles when what belongs to it is in as well, or when the consumer ends', () => {
    const [a, b] = take(2) as [number, number];
    markDelivered(ledger, a);
    settle(ledger, [b], Settled.failed);
    expect(headInRecords()).toBe(0);
    settleDelivered(ledger);
    expect(headInRecords()).toBe(2);
    expect(counts()).toEqual({ sent: 1, failed: 1, spooled: 0 });
  });
});

describe('a successor', () => {
  it('sees what was sent behind the head by a mark on the record', () => {
    const [, b] = take(2) as [number, number];
    settle(ledger, [b], Settled.sent);
    const marks = [0, RECORD_BYTES].map(
      (position) => memory.headers[typeIndexOf(memory, position)]! & IS_SENT,
    );
    expect(marks).toEqual([0, IS_SENT]);
  });

  it('counts ordinals on from what its predecessor released', () => {
    settle(ledger, take(3), Settled.sent);
    publish(2);
    const successor = createLedger(memory);
    expect(successor.released).toBe(3);
    const number = enter(successor, { position: 3 * RECORD_BYTES, end: 4 * RECORD_BYTES });
    expect(ordinalOf(successor, number)).toBe(3);
  });

  it('knows what a dead consumer has spooled and sent since', () => {
    settle(ledger, take(1), Settled.sent);
    publish(2);
    const successor = createLedger(memory);
    // The ordinals 1 and 2 are still on the ring, not taken yet.
    settleSpooled(successor, [1, 2], Settled.sent);
    expect(counted(SENT_FROM_SPOOL)).toBe(0);
    const number = enter(successor, { position: RECORD_BYTES, end: 2 * RECORD_BYTES });
    expect(settleAsBefore(successor, number)).toBe(true);
    expect(settleAsBefore(successor, number)).toBe(false);
    expect(counts()).toMatchObject({ sent: 2, spooled: 0 });
  });
});

describe('spooled records', () => {
  it('are counted as sent from the spool when they are released, else as sent', () => {
    const numbers = take(3);
    settle(ledger, numbers.slice(0, 1), Settled.spooled);
    settle(ledger, numbers.slice(2), Settled.spooled);
    expect(countReleased(ledger, [0, 1, 2])).toBe(1);
    settleSpooled(ledger, [0, 2], Settled.sent);
    expect(counted(SENT_FROM_SPOOL)).toBe(1);
    settle(ledger, numbers.slice(1, 2), Settled.sent);
    expect(counts()).toEqual({ sent: 2, failed: 0, spooled: 1 });
  });

  it('that can no longer be told apart fail, but no more than are open', () => {
    settle(ledger, take(3), Settled.spooled);
    settleSpooled(ledger, [0], Settled.sent);
    failSpooled(ledger, 5, 'ring');
    expect(counted(FAILED_IN_SPOOL)).toBe(2);
  });

  it('of a thread or of an earlier process are counted apart', () => {
    settleInherited(ledger, 4, 'thread', Settled.sent);
    settleInherited(ledger, 3, 'earlier', Settled.sent);
    settleInherited(ledger, 2, 'earlier', Settled.failed);
    expect([SENT_FROM_SPOOL, RECOVERED, UNRECOVERED].map(counted)).toEqual([4, 3, 2]);
  });
});

describe('at its end', () => {
  it('what has settled behind one that has not is counted, and nothing after it', () => {
    const [a, b, c] = take(4) as [number, number, number, number];
    settle(ledger, [b], Settled.sent);
    settle(ledger, [c], Settled.failed);
    closeLedger(ledger);
    expect(Atomics.load(memory.words, DRAWN_UP)).toBe(1);
    expect(counts()).toEqual({ sent: 1, failed: 1, spooled: 0 });
    settle(ledger, [a], Settled.sent);
    settleSpooled(ledger, [0], Settled.sent);
    settleInherited(ledger, 1, 'earlier', Settled.sent);
    closeLedger(ledger);
    expect(counts()).toEqual({ sent: 1, failed: 1, spooled: 0 });
    expect([counted(SENT_FROM_SPOOL), counted(RECOVERED)]).toEqual([0, 0]);
    expect(headInRecords()).toBe(0);
  });
});
