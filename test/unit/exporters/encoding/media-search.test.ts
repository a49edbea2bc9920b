/** The search for media in WebAssembly finds what the search in JavaScript finds. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mayHoldMedia } from '../../../../src/exporters/encoding/media-search.js';
import { loadRecord } from '../../../../src/exporters/encoding/webassembly.js';
import { MEDIA_KEYS, mayHoldMedia as searchInTurns } from '../../../../src/revision/media/detection.js';

const BASE64 = ';base64,';
const NEEDLES = [
  ...MEDIA_KEYS,
  ...(['latin1', 'utf16le'] as const).map((encoding) => Buffer.from(BASE64, encoding)),
];

/** Bytes that are near a needle: parts of them, what differs in one byte, and what they are looked for by. */
const part = fc.oneof(
  fc
    .tuple(fc.constantFrom(...NEEDLES), fc.nat({ max: 3 }), fc.nat({ max: 3 }))
    .map(([needle, start, missing]) => needle.subarray(start, needle.byteLength - missing)),
  fc
    .tuple(fc.constantFrom(...NEEDLES), fc.nat({ max: 15 }), fc.nat({ max: 255 }))
    .map(([needle, at, byte]) => Buffer.from(needle.map((old, i) => (i === at ? byte : old)))),
  fc
    .constantFrom('4,', '64,', '4\0,\0', '\xa8', '\xad', ',', 'plain text')
    .map((text) => Buffer.from(text, 'latin1')),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);

it('finds the same, wherever it is', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const event = Buffer.concat(parts);
      expect(mayHoldMedia(loadRecord(event))).toBe(searchInTurns(event));
    }),
    { numRuns: 2000 },
  );
});

it('finds each needle at each position, whole and in the record alone', () => {
  for (const needle of NEEDLES) {
    for (let before = 0; before < 40; before++) {
      const event = Buffer.concat([Buffer.alloc(before, '-'), needle]);
      expect(mayHoldMedia(loadRecord(event))).toBe(true);
      // The rest of the needle still lies behind the record.
      expect(mayHoldMedia(loadRecord(event.subarray(0, -1)))).toBe(false);
      expect(mayHoldMedia(loadRecord(event.subarray(before + 1)))).toBe(false);
    }
  }
});

it('has room for all keys, which begin with a tag that it looks for', () => {
  expect(MEDIA_KEYS.length).toBeLessThanOrEqual(8);
  for (const key of MEDIA_KEYS) {
    expect(key.byteLength).toBe(7);
    expect(key[0]).toBeGreaterThanOrEqual(0xa8);
    expect(key[0]).toBeLessThan(0xa8 + 6);
  }
});
