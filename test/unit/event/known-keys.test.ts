/** Keys of maps are written from memory once they are known: what is read must not show it. */
import { expect, it } from 'vitest';
import { decodeEvent } from '../../../src/event/event-decoder.js';
import { createEventWriter, NO_ROOM } from '../../../src/event/event-writer.js';
import { writeValue } from '../../../src/event/value-writer.js';

/** More than are kept. */
const MANY_KEYS = 2_000;
const UNTOUCHED = 0xee;

/** Writes the value in the middle of a buffer, with so many bytes up to its limit. */
function written(value: unknown, room: number): Buffer {
  const buffer = Buffer.alloc(room + 16, UNTOUCHED);
  const out = createEventWriter(buffer, 8 + room);
  out.position = 8;
  writeValue(out, value);
  expect(buffer.subarray(8 + room)).toEqual(Buffer.alloc(8, UNTOUCHED));
  return buffer.subarray(8, out.position);
}

const textOf = (character: string, length: number) => character.repeat(length);

it.each(['k', 'é', '漢', '\0'])(
  'keys of %j of each length are read as they were written, twice',
  (character) => {
    for (let length = 0; length < 70; length++) {
      const value = { [textOf(character, length)]: 1, [`${textOf(character, length)}!`]: { nested: 'text' } };
      for (let time = 0; time < 2; time++) expect(decodeEvent(written(value, 1_000))).toEqual(value);
    }
  },
);

it('more different keys than are kept are read as they were written', () => {
  for (let i = 0; i < MANY_KEYS; i++) {
    const value = { [`an attribute with the number ${i}`]: i };
    expect(decodeEvent(written(value, 100))).toEqual(value);
  }
});

it('a known key is not written at or behind the limit', () => {
  const value = { 'langfuse.observation.type': null };
  const bytes = written(value, 100).byteLength;
  for (let room = 0; room < bytes; room++) expect(() => written(value, room)).toThrow(NO_ROOM);
});
