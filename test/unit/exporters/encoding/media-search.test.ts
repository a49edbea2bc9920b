/** The search for media in WebAssembly finds what the search in JavaScript finds. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mayHoldMedia, spanMayHoldMedia } from '../../../../src/exporters/encoding/media-search.js';
import { loadRecord } from '../../../../src/exporters/encoding/webassembly.js';
import {
  MEDIA_KEYS,
  PART_TYPES,
  mayHoldMedia as searchInTurns,
  spanMayHoldMedia as searchSpanInTurns,
} from '../../../../src/revision/media/detection.js';

const BASE64 = ';base64,';
const IN_TEXT = (['latin1', 'utf16le'] as const).map((encoding) => Buffer.from(BASE64, encoding));
const NEEDLES = [...MEDIA_KEYS, ...PART_TYPES, ...IN_TEXT];

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
      expect(spanMayHoldMedia(loadRecord(event))).toBe(searchSpanInTurns(event));
    }),
    { numRuns: 2000 },
  );
});

it.each([
  { what: 'an event', search: mayHoldMedia, needles: [...MEDIA_KEYS, ...IN_TEXT] },
  { what: 'a span', search: spanMayHoldMedia, needles: [...PART_TYPES, ...IN_TEXT] },
])('finds each needle at each position of $what, whole and in the record alone', ({ search, needles }) => {
  for (const needle of needles) {
    for (let before = 0; before < 70; before++) {
      const event = Buffer.concat([Buffer.alloc(before, '-'), needle]);
      expect(search(loadRecord(event))).toBe(true);
      // The rest of the needle still lies behind the record.
      expect(search(loadRecord(event.subarray(0, -1)))).toBe(false);
      expect(search(loadRecord(event.subarray(before + 1)))).toBe(false);
    }
  }
});

it('has room for all needles, which begin with what it looks for', () => {
  expect(MEDIA_KEYS.length).toBeLessThan(16);
  for (const key of MEDIA_KEYS) {
    expect(key[0]).toBeGreaterThanOrEqual(0xa8);
    expect(key[0]).toBeLessThan(0xa8 + 6);
  }
  expect(PART_TYPES.length).toBeLessThan(8);
  for (const type of PART_TYPES) expect(type.toString('latin1').replaceAll('\0', '')).toMatch(/^"m/);
  for (const needle of NEEDLES) expect(needle.byteLength).toBeLessThan(32);
});
