/** When a ring presses its requests: from half of its bytes on, and while a flush waits. */
import { expect, it } from 'vitest';
import { type Drainer, isUrgent } from '../../../../src/consumer/intake/drainer.js';
import { createLedger } from '../../../../src/consumer/intake/ledger.js';
import { createRingReader } from '../../../../src/consumer/intake/ring-reader.js';
import { createRingWriter, writeRecord } from '../../../../src/producer/push/ring-writer.js';
import { allocateRing, EVENT } from '../../../../src/shared/ring/ring-layout.js';

const RING_BYTES = 4096;

function startRing() {
  const ring = allocateRing(RING_BYTES);
  const writer = createRingWriter(ring);
  const reader = createRingReader(ring);
  const drainer = { reader, ledger: createLedger(reader), flushes: [] as unknown[], lostBefore: 0 };
  return {
    drainer: drainer as unknown as Drainer & { flushes: unknown[] },
    /** A record of so many bytes on the ring, its header included. */
    push: (bytes: number) => writeRecord(writer, EVENT, new Uint8Array(bytes - 16), 0, bytes - 16),
  };
}

it('a ring presses from half of its bytes on', () => {
  const { drainer, push } = startRing();
  push(RING_BYTES / 2 - 64);
  expect(isUrgent(drainer)).toBe(false);
  push(128);
  expect(isUrgent(drainer)).toBe(true);
});

it('an empty ring presses while a flush waits', () => {
  const { drainer } = startRing();
  expect(isUrgent(drainer)).toBe(false);
  drainer.flushes.push({});
  expect(isUrgent(drainer)).toBe(true);
});
