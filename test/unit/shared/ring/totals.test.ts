/** The account of a ring, as whoever sees its memory draws it up. */
import { expect, it } from 'vitest';
import { mark } from '../../../../src/consumer/recovery/record-marks.js';
import { createRingWriter, writeRecord } from '../../../../src/producer/push/ring-writer.js';
import {
  ACCEPTED,
  allocateRing,
  DRAWN_UP,
  EVENT,
  FAILED,
  IS_FAILED,
  IS_TOLD,
  ringMemory,
  SENT,
} from '../../../../src/shared/ring/ring-layout.js';
import { abandonPending, readCounts } from '../../../../src/shared/ring/totals.js';

it('what was given up and is delivered after all counts once, as sent', () => {
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

it('what was told to have failed before it was given up is not told again', () => {
  const ring = allocateRing(4096);
  const memory = ringMemory(ring);
  const writer = createRingWriter(ring);
  for (let i = 0; i < 3; i++) writeRecord(writer, EVENT, Uint8Array.of(i), 0, 1);
  mark(memory, 16, IS_FAILED | IS_TOLD);
  expect(abandonPending(memory)).toBe(2);
  expect(readCounts(memory)).toMatchObject({ accepted: 3, failed: 3, pending: 0 });
  writeRecord(writer, EVENT, Uint8Array.of(3), 0, 1);
  expect(abandonPending(memory)).toBe(1);
});

it('what a consumer has counted as it ended is not told again either', () => {
  const ring = allocateRing(4096);
  const memory = ringMemory(ring);
  const writer = createRingWriter(ring);
  for (let i = 0; i < 3; i++) writeRecord(writer, EVENT, Uint8Array.of(i), 0, 1);
  mark(memory, 16, IS_FAILED | IS_TOLD);
  Atomics.add(memory.counters, FAILED, 1n);
  Atomics.store(memory.words, DRAWN_UP, 1);
  expect(abandonPending(memory)).toBe(2);
});
