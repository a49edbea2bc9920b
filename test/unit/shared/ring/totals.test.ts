/** The counts of a ring, read from its memory. */
import { expect, it } from 'vitest';
import { mark } from '../../../../src/consumer/recovery/record-marks.js';
import { createRingWriter, writeRecord } from '../../../../src/producer/push/ring-writer.js';
import {
  ACCEPTED,
  allocateRing,
  COUNTS_ARE_FINAL,
  EVENT,
  FAILED,
  IS_FAILED,
  IS_REPORTED,
  ringMemory,
  SENT,
} from '../../../../src/shared/ring/ring-layout.js';
import { abandonPending, readCounts } from '../../../../src/shared/ring/totals.js';

it('events that were abandoned and then delivered count once, as sent', () => {
  const memory = ringMemory(allocateRing(4096));
  memory.totals[ACCEPTED] = 10;
  Atomics.add(memory.counters, FAILED, 1n);
  Atomics.add(memory.counters, SENT, 2n);
  expect(abandonPending(memory)).toBe(7);
  expect(readCounts(memory)).toMatchObject({ accepted: 10, sent: 2, failed: 8, pending: 0 });
  Atomics.add(memory.counters, SENT, 4n);
  expect(readCounts(memory)).toMatchObject({ accepted: 10, sent: 6, failed: 4, pending: 0 });
  expect(abandonPending(memory)).toBe(0);
});

it('events that were reported as failed before they were abandoned are not reported again', () => {
  const ring = allocateRing(4096);
  const memory = ringMemory(ring);
  const writer = createRingWriter(ring);
  for (let i = 0; i < 3; i++) writeRecord(writer, EVENT, Uint8Array.of(i), 0, 1);
  mark(memory, 16, IS_FAILED | IS_REPORTED);
  expect(abandonPending(memory)).toBe(2);
  expect(readCounts(memory)).toMatchObject({ accepted: 3, failed: 3, pending: 0 });
  writeRecord(writer, EVENT, Uint8Array.of(3), 0, 1);
  expect(abandonPending(memory)).toBe(1);
});

it('nor are those that the consumer has counted at its end', () => {
  const ring = allocateRing(4096);
  const memory = ringMemory(ring);
  const writer = createRingWriter(ring);
  for (let i = 0; i < 3; i++) writeRecord(writer, EVENT, Uint8Array.of(i), 0, 1);
  mark(memory, 16, IS_FAILED | IS_REPORTED);
  Atomics.add(memory.counters, FAILED, 1n);
  Atomics.store(memory.words, COUNTS_ARE_FINAL, 1);
  expect(abandonPending(memory)).toBe(2);
});
