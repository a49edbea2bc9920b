/** Memory that encoded records give back is used again, and never while a record still needs it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES, createChunkPool, releaseChunk } from '../../../../src/exporters/encoding/chunk-pool.js';
import {
  begin,
  createProtobufWriter,
  take,
  writeRaw,
} from '../../../../src/exporters/encoding/protobuf-writer.js';

function createRecords() {
  const pool = createChunkPool();
  const writer = createProtobufWriter(pool);
  let count = 0;
  return {
    /** `expected`: the size that the writer is told, which may be too small. */
    write(size: number, expected = size) {
      const fill = ++count % 251;
      begin(writer, expected);
      writeRaw(writer, new Uint8Array(size).fill(fill));
      return { bytes: take(writer), fill };
    },
    giveBack: ({ bytes }: { bytes: Buffer }) => releaseChunk(pool, bytes.buffer),
    pool,
  };
}

describe('a chunk pool', () => {
  it('gives a chunk to other records once all of its records have come to their end, in any order', () => {
    const { write, giveBack, pool } = createRecords();
    const half = CHUNK_BYTES / 2;
    const [a, b, c] = [write(half), write(half), write(half)];
    expect([a.bytes.buffer === b.bytes.buffer, b.bytes.buffer === c.bytes.buffer]).toEqual([true, false]);
    giveBack(b);
    expect(pool.free).toHaveLength(0);
    giveBack(a);
    expect(pool.free).toHaveLength(1);
    write(half);
    expect(write(half).bytes.buffer).toBe(a.bytes.buffer);
  });

  it('does not take back the chunk that is being written', () => {
    const { write, giveBack, pool } = createRecords();
    const first = write(CHUNK_BYTES / 2);
    giveBack(first);
    expect(pool.free).toHaveLength(0);
    expect(write(CHUNK_BYTES / 4).bytes.buffer).toBe(first.bytes.buffer);
  });

  it('ignores memory that is not its own, and keeps a few chunks only', () => {
    const { write, giveBack, pool } = createRecords();
    giveBack({ bytes: Buffer.alloc(10) });
    const records = Array.from({ length: 20 }, () => write(CHUNK_BYTES));
    for (const record of records) giveBack(record);
    expect(pool.free).toHaveLength(6);
  });

  it('leaves the bytes of each record alone until they are given back', () => {
    const step = fc.record({
      size: fc.integer({ min: 1, max: 1.5 * CHUNK_BYTES }),
      expected: fc.integer({ min: 0, max: CHUNK_BYTES }),
      back: fc.array(fc.nat(), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const { write, giveBack } = createRecords();
        const held: ReturnType<typeof write>[] = [];
        for (const { size, expected, back } of steps) {
          held.push(write(size, expected));
          for (const at of back) {
            const [record] = held.splice(at % Math.max(1, held.length), 1);
            if (record !== undefined) giveBack(record);
          }
          for (const { bytes, fill } of held) {
            expect([bytes[0], bytes[bytes.length >> 1], bytes[bytes.length - 1]]).toEqual([fill, fill, fill]);
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
