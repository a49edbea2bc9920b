/** The ring between its two ends: framing, padding, wrap-around, release, and two real threads over a tiny ring. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { createLedger, enter, SETTLED, settle } from '../../../src/consumer/intake/ledger.js';
import { createRingReader, type RingRecord, takeRecord } from '../../../src/consumer/intake/ring-reader.js';
import { createRingWriter, usedBytes, writeRecord } from '../../../src/producer/push/ring-writer.js';
import { allocateRing, EVENT, SENT } from '../../../src/shared/ring/ring-layout.js';
import { markAbsent, markPresent } from '../../../src/shared/ring/wake.js';

function bytes(length: number, fill: number): Uint8Array {
  return new Uint8Array(length).fill(fill);
}

function ringOf(capacity: number) {
  const buffer = allocateRing(capacity);
  const reader = createRingReader(buffer);
  return { writer: createRingWriter(buffer), reader, ledger: createLedger(reader) };
}

describe('ring', () => {
  it('returns records in order, byte for byte, of any length, over many laps', () => {
    const { writer, reader, ledger } = ringOf(4096);
    for (let i = 0; i < 20_000; i++) {
      const length = (i * 37) % 500;
      expect(writeRecord(writer, EVENT, bytes(length, i % 256), 0, length)).toBe(true);
      const record = takeRecord(reader);
      expect(record?.type).toBe(EVENT);
      expect(Buffer.compare(record?.payload as Buffer, bytes(length, i % 256))).toBe(0);
      settle(ledger, [enter(ledger, record as RingRecord)], SETTLED.sent);
    }
    expect(takeRecord(reader)).toBeUndefined();
    expect(usedBytes(writer)).toBe(0);
  });

  it('reports once, at the next record, that there is no consumer', () => {
    const { writer } = ringOf(4096);
    let wanted = 0;
    writer.onAbsent = () => wanted++;
    writeRecord(writer, EVENT, bytes(8, 1), 0, 8);
    expect(wanted).toBe(0);
    markAbsent(writer.words);
    writeRecord(writer, EVENT, bytes(8, 1), 0, 8);
    writeRecord(writer, EVENT, bytes(8, 1), 0, 8);
    expect(wanted).toBe(1);
    markAbsent(writer.words);
    markPresent(writer.words);
    writeRecord(writer, EVENT, bytes(8, 1), 0, 8);
    expect(wanted).toBe(1);
    // Also if so much is unread that a dozing consumer would be woken.
    markAbsent(writer.words);
    for (let i = 0; i < 4; i++) writeRecord(writer, EVENT, bytes(400, 1), 0, 400);
    expect(wanted).toBe(2);
  });

  it('continues where its 32-bit positions wrap around', () => {
    const { writer, reader, ledger } = ringOf(4096);
    const nearTheEnd = 2 ** 31 - 2048;
    writer.tail = writer.cachedHead = writer.cachedRead = nearTheEnd;
    for (const word of [0, 32, 33]) Atomics.store(writer.words, word, nearTheEnd);
    reader.position = nearTheEnd;
    for (let i = 0; i < 100; i++) {
      expect(writeRecord(writer, EVENT, bytes(100, i), 0, 100)).toBe(true);
      const record = takeRecord(reader);
      expect(record?.payload[0]).toBe(i);
      settle(ledger, [enter(ledger, record as RingRecord)], SETTLED.sent);
    }
    expect(writer.tail).toBeLessThan(0);
    expect(usedBytes(writer)).toBe(0);
  });

  it('copies the given part of the source', () => {
    const { writer, reader } = ringOf(4096);
    writeRecord(writer, EVENT, new Uint8Array([9, 1, 2, 3, 9]), 1, 4);
    expect(takeRecord(reader)?.payload).toEqual(Buffer.from([1, 2, 3]));
  });

  it('is full when its space has not been released, though all of it was read', () => {
    const { writer, reader, ledger } = ringOf(4096);
    const numbers: number[] = [];
    while (writeRecord(writer, EVENT, bytes(120, 1), 0, 120)) {
      numbers.push(enter(ledger, takeRecord(reader) as RingRecord));
    }
    expect(numbers).toHaveLength(32);
    settle(ledger, numbers.slice(0, 1), SETTLED.sent);
    expect(writeRecord(writer, EVENT, bytes(120, 1), 0, 120)).toBe(true);
    expect(writeRecord(writer, EVENT, bytes(120, 1), 0, 120)).toBe(false);
  });

  it('is unchanged when a record is refused', () => {
    const { writer, reader } = ringOf(4096);
    writeRecord(writer, EVENT, bytes(3000, 7), 0, 3000);
    const { tail } = writer;
    expect(writeRecord(writer, EVENT, bytes(2000, 8), 0, 2000)).toBe(false);
    expect(writer.tail).toBe(tail);
    expect(takeRecord(reader)?.payload.byteLength).toBe(3000);
    expect(takeRecord(reader)).toBeUndefined();
  });
});

describe('ledger', () => {
  it('releases records in order that settle in any order', () => {
    const { writer, reader, ledger } = ringOf(4096);
    const numbers = [1, 2, 3].map((fill) => {
      writeRecord(writer, EVENT, bytes(8, fill), 0, 8);
      return enter(ledger, takeRecord(reader) as RingRecord);
    });
    settle(ledger, numbers.slice(2), SETTLED.sent);
    settle(ledger, numbers.slice(1, 2), SETTLED.failed);
    expect([usedBytes(writer), reader.counters[SENT]]).toEqual([48, 0n]);
    settle(ledger, numbers.slice(0, 1), SETTLED.sent);
    expect([usedBytes(writer), reader.counters[SENT]]).toEqual([0, 2n]);
  });

  it('tracks any number of unsettled records', () => {
    const { reader, ledger } = ringOf(4096);
    const numbers = Array.from({ length: 5000 }, (_, i) =>
      enter(ledger, { position: i * 8 - 8, end: i * 8 }),
    );
    settle(ledger, numbers.toReversed(), SETTLED.sent);
    expect(reader.counters[SENT]).toBe(5000n);
  });

  it('a successor starts with the records that have not settled', () => {
    const buffer = allocateRing(4096);
    const writer = createRingWriter(buffer);
    const first = createRingReader(buffer);
    const ledger = createLedger(first);
    for (let i = 0; i < 4; i++) writeRecord(writer, EVENT, bytes(8, i), 0, 8);
    const numbers = [0, 1, 2, 3].map(() => enter(ledger, takeRecord(first) as RingRecord));
    settle(ledger, [numbers[0] as number, numbers[2] as number], SETTLED.sent);
    const second = createRingReader(buffer);
    expect([1, 2, 3].map(() => takeRecord(second)?.payload[0])).toEqual([1, 2, 3]);
  });
});

describe('two threads', () => {
  it('pass 200,000 records of random sizes through a ring of 4 KiB: none lost, none changed, no wake-up missed', async () => {
    const buffer = allocateRing(4096);
    const consumer = new Worker(new URL('../../support/ring-consumer.mjs', import.meta.url), {
      workerData: { buffer, records: 200_000 },
    });
    const finished = once(consumer, 'message');
    const writer = createRingWriter(buffer);
    let seed = 1;
    for (let i = 0; i < 200_000; ) {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff;
      const payload = Buffer.alloc(4 + (seed % 300), i % 256);
      payload.writeUInt32LE(i);
      if (writeRecord(writer, EVENT, payload, 0, payload.byteLength)) i++;
      // Now and then the consumer reaches the end of the ring, and parks.
      if (seed % 5000 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect((await finished)[0]).toEqual({ read: 200_000, wrong: 0 });
    await consumer.terminate();
  });
});
