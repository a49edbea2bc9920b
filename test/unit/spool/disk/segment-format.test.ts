/** The bytes of a segment: read as they were written, cut at any byte, or with any bit wrong. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeBatch,
  encodeFrame,
  encodeSegmentHeader,
  newHeader,
  readSegment,
  type SpooledBatch,
} from '../../../../src/spool/disk/segment-format.js';

const HEADER = newHeader({ identity: 'a project', engine: '1.2.3', client: '1.2.1' });

/** What is on disk of a record: a lane is the batch's. */
const batches = fc.array(
  fc
    .record({
      lane: fc.string({ unit: 'grapheme', maxLength: 8 }),
      events: fc.array(
        fc.record({
          ordinal: fc.nat(),
          id: fc.string({ unit: 'grapheme', maxLength: 8 }),
          bytes: fc.uint8Array({ maxLength: 40 }),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    })
    .map(({ lane, events }) => ({
      lane,
      records: events.map(({ id, bytes }) => ({ lane, id, bytes })),
      ordinals: events.map(({ ordinal }) => ordinal),
    })),
  { maxLength: 4 },
);

function segmentOf(content: readonly SpooledBatch[]): { bytes: Buffer; ends: number[] } {
  let before = 0;
  const frames = content.map((batch, number) => {
    const frame = encodeFrame(HEADER, { number, before }, batch.records.length, encodeBatch(batch));
    before += batch.records.length;
    return frame;
  });
  const parts = [encodeSegmentHeader(HEADER), ...frames];
  const ends = parts.map((_, i) => Buffer.concat(parts.slice(0, i + 1)).byteLength);
  return { bytes: Buffer.concat(parts), ends };
}

/** With plain arrays of bytes, for comparing. */
function plain(batch: SpooledBatch | undefined) {
  return batch && { ...batch, records: batch.records.map((one) => ({ ...one, bytes: [...one.bytes] })) };
}

describe('a segment', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(batches, (content) => {
        const read = readSegment(segmentOf(content).bytes);
        expect(read).toMatchObject({ header: HEADER, damaged: false });
        expect([...read.batches.values()].map(plain)).toEqual(content.map(plain));
      }),
    );
  });

  it('that ends at any byte holds the frames that were written as a whole, and is not damaged', () => {
    fc.assert(
      fc.property(batches, (content) => {
        const { bytes, ends } = segmentOf(content);
        for (let length = 0; length < bytes.byteLength; length++) {
          const read = readSegment(bytes.subarray(0, length));
          expect(read.damaged).toBe(false);
          expect(read.batches.size).toBe(Math.max(0, ends.filter((end) => end <= length).length - 1));
        }
      }),
      { numRuns: 20 },
    );
  });

  it('with any one bit wrong is damaged, and no batch is read that was not written', () => {
    const content = fc.sample(fc.tuple(batches, batches), { numRuns: 2, seed: 7 }).map((one) => one.flat());
    for (const written of content) {
      const { bytes } = segmentOf(written);
      for (let bit = 0; bit < bytes.byteLength * 8; bit++) {
        const wrong = Buffer.from(bytes);
        wrong.writeUInt8(wrong.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        const read = readSegment(wrong);
        expect(read.damaged, `bit ${bit}`).toBe(true);
        for (const [number, batch] of read.batches) expect(plain(batch)).toEqual(plain(written[number]));
      }
    }
  });

  it('that is damaged in the middle of a batch is read on behind it', () => {
    const batch = (id: string) => ({
      lane: 'l',
      records: [{ lane: 'l', id, bytes: Buffer.from('x') }],
      ordinals: [1],
    });
    const { bytes, ends } = segmentOf([batch('one'), batch('two'), batch('three')]);
    bytes.writeUInt8(0xff, (ends[2] as number) - 1);
    const read = readSegment(bytes);
    expect(read.damaged).toBe(true);
    expect([...read.batches.values()].map(({ records }) => records[0]?.id)).toEqual(['one', 'three']);
  });

  it('may be any bytes whatsoever', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void readSegment(Buffer.from(bytes))));
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const read = readSegment(Buffer.concat([encodeSegmentHeader(HEADER), bytes]));
        expect(read.batches.size).toBe(0);
      }),
    );
  });

  it('of zeroes behind what was written, as a power failure leaves it, is damaged and read up to there', () => {
    const { bytes } = segmentOf([
      { lane: 'l', records: [{ lane: 'l', id: 'a', bytes: Buffer.from('x') }], ordinals: [0] },
    ]);
    const read = readSegment(Buffer.concat([bytes, Buffer.alloc(4096)]));
    expect(read).toMatchObject({ damaged: true });
    expect(read.batches.size).toBe(1);
  });
});
