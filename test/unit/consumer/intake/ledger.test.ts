/** The ledger of a ring: when space is released, what is counted, and that each record is counted once. */
import { describe, expect, it } from 'vitest';
import {
  closeLedger,
  createLedger,
  enter,
  markDelivered,
  ordinalOf,
  SETTLED,
  settle,
  settleDelivered,
  unreleasedBytes,
} from '../../../../src/consumer/intake/ledger.js';
import {
  createRingReader,
  type RingRecord,
  takeRecord,
} from '../../../../src/consumer/intake/ring-reader.js';
import {
  failSpooled,
  settleAsBefore,
  settleInherited,
  settleSpooled,
} from '../../../../src/consumer/intake/spooled-records.js';
import { createRingWriter, writeRecord } from '../../../../src/producer/push/ring-writer.js';
import {
  allocateRing,
  EVENT,
  FAILED,
  FAILED_IN_SPOOL,
  RECOVERED,
  SENT,
  SENT_FROM_SPOOL,
  SPOOLED,
} from '../../../../src/shared/ring/ring-layout.js';

/** A ring with as many records, all of them taken; `numbers`: those by which they settle. */
function ringWith(count: number) {
  const ring = allocateRing(64 * 1024);
  const writer = createRingWriter(ring);
  for (let i = 0; i < count; i++) writeRecord(writer, EVENT, Uint8Array.of(i), 0, 1);
  const reader = createRingReader(ring);
  let releases = 0;
  const ledger = createLedger(reader, () => releases++);
  const numbers = Array.from({ length: count }, () => enter(ledger, takeRecord(reader) as RingRecord));
  const counted = (counter: number) => Number(reader.counters[counter]);
  return { ring, ledger, numbers, counted, releases: () => releases };
}

describe('space on the ring', () => {
  it('is released in order, in whatever order records settle', () => {
    const { ledger, counted, releases } = ringWith(3);
    const full = unreleasedBytes(ledger);
    settle(ledger, [2], SETTLED.sent);
    settle(ledger, [1], SETTLED.failed);
    expect(unreleasedBytes(ledger)).toBe(full);
    expect(releases()).toBe(0);
    settle(ledger, [0], SETTLED.sent);
    expect(unreleasedBytes(ledger)).toBe(0);
    expect(releases()).toBe(1);
    expect([counted(SENT), counted(FAILED)]).toEqual([2, 1]);
  });

  it('is released for more records than the ledger begins with', () => {
    const { ledger, numbers, counted } = ringWith(2500);
    settle(ledger, numbers.slice(1), SETTLED.sent);
    expect(counted(SENT)).toBe(0);
    settle(ledger, [0], SETTLED.failed);
    expect([counted(SENT), counted(FAILED)]).toEqual([2499, 1]);
  });

  it('need not wait for what belongs to a record that the server has', () => {
    const { ledger, counted } = ringWith(2);
    markDelivered(ledger, 0);
    settle(ledger, [1], SETTLED.sent);
    expect(counted(SENT)).toBe(0);
    settleDelivered(ledger);
    expect(counted(SENT)).toBe(2);
    expect(unreleasedBytes(ledger)).toBe(0);
  });
});

it('a record settles once', () => {
  const { ledger, counted } = ringWith(2);
  settle(ledger, [1], SETTLED.failed);
  settle(ledger, [1], SETTLED.sent);
  settle(ledger, [0], SETTLED.sent);
  settle(ledger, [0], SETTLED.failed);
  expect([counted(SENT), counted(FAILED)]).toEqual([1, 1]);
});

describe('the final counts', () => {
  it('include records behind one that has not settled', () => {
    const { ledger, counted } = ringWith(4);
    settle(ledger, [1], SETTLED.failed);
    settle(ledger, [2], SETTLED.spooled);
    markDelivered(ledger, 3);
    closeLedger(ledger);
    expect([counted(SENT), counted(FAILED), counted(SPOOLED)]).toEqual([1, 1, 1]);
  });

  it('are final: nothing is counted or released after them', () => {
    const { ledger, counted, releases } = ringWith(1);
    closeLedger(ledger);
    settle(ledger, [0], SETTLED.sent);
    settleInherited(ledger, 1, 'earlier', SETTLED.sent);
    failSpooled(ledger, 1, 'ring');
    closeLedger(ledger);
    expect([counted(SENT), counted(RECOVERED), counted(FAILED_IN_SPOOL)]).toEqual([0, 0, 0]);
    expect(releases()).toBe(0);
  });

  it('are read by a successor as released: it begins behind them', () => {
    const { ring, ledger } = ringWith(2);
    settle(ledger, [1], SETTLED.sent);
    closeLedger(ledger);
    expect(takeRecord(createRingReader(ring))).toBeUndefined();
  });
});

describe('a spooled record', () => {
  it('counts as sent from the spool if it was released as spooled, else as sent', () => {
    const { ledger, counted } = ringWith(3);
    settle(ledger, [0, 2], SETTLED.spooled);
    settleSpooled(ledger, [ordinalOf(ledger, 0), ordinalOf(ledger, 2)], SETTLED.sent);
    settle(ledger, [1], SETTLED.failed);
    expect([counted(SPOOLED), counted(SENT_FROM_SPOOL), counted(SENT), counted(FAILED)]).toEqual([
      1, 1, 1, 1,
    ]);
  });

  it('of a worker that died settles by what became of it since', () => {
    const { ring, ledger } = ringWith(2);
    settle(ledger, [0], SETTLED.sent);
    const reader = createRingReader(ring);
    const successor = createLedger(reader);
    successor.spooledBefore.set(1, SETTLED.spooled);
    settleSpooled(successor, [1], SETTLED.failed);
    const number = enter(successor, takeRecord(reader) as RingRecord);
    expect(ordinalOf(successor, number)).toBe(1);
    expect(settleAsBefore(successor, number)).toBe(true);
    expect(settleAsBefore(successor, number)).toBe(false);
    expect([Number(reader.counters[SENT]), Number(reader.counters[FAILED])]).toEqual([1, 1]);
  });

  it('of which only the number is known counts as failed, no more of them than are in the spool', () => {
    const { ledger, counted } = ringWith(3);
    settle(ledger, [0, 1, 2], SETTLED.spooled);
    settleSpooled(ledger, [0], SETTLED.sent);
    failSpooled(ledger, 5, 'ring');
    expect([counted(SPOOLED), counted(SENT_FROM_SPOOL), counted(FAILED_IN_SPOOL)]).toEqual([3, 1, 2]);
  });
});
