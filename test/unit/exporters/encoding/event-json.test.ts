/** Events turned into JSON and text byte by byte: the same as by way of JavaScript values. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXT8, TYPED_ARRAY, UTF16_TEXT } from '../../../../src/event/event-format.js';
import { type EventReader, readText, skip } from '../../../../src/event/event-reader.js';
import { writeJson } from '../../../../src/exporters/encoding/event-json.js';
import { writePlainText } from '../../../../src/exporters/encoding/event-text.js';
import { createProtobufWriter, finish } from '../../../../src/exporters/encoding/protobuf-writer.js';
import { loadRecord } from '../../../../src/exporters/encoding/webassembly.js';
import { stringifyWellFormed } from '../../../../src/shared/json.js';
import { eventBytes } from '../../../support/event-bytes.js';

/** Where the bytes of an event lie while they are read. */
type Place = (event: Buffer) => Buffer;
const PLACES: [string, Place][] = [
  ['in the memory of the WebAssembly', loadRecord],
  ['elsewhere', (event) => event],
];

function jsonOf(value: unknown, place: Place): string {
  const writer = createProtobufWriter();
  const reader = { bytes: place(eventBytes(value)), position: 0 };
  writeJson(writer, reader);
  expect(reader.position).toBe(reader.bytes.byteLength);
  return finish(writer).toString();
}

function textOf(value: string, place: Place): string {
  const writer = createProtobufWriter();
  const reader = { bytes: place(eventBytes(value)), position: 0 };
  writePlainText(writer, reader, readText(reader));
  return finish(writer).toString();
}

/** Of a long text. */
const HEADER_BYTES = 7;

/** Every UTF-16 unit, so lone surrogates too, and with luck pairs of them. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 200 })
  .map((units) => String.fromCharCode(...units));
const textOfOneKind = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc
    .array(fc.integer({ min: 0, max: 0xff }), { maxLength: 300 })
    .map((units) => String.fromCharCode(...units)),
  anyText,
);

describe.each(PLACES)('JSON of an event %s', (_, place) => {
  it('is what JSON.stringify writes, but for halves of characters', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(jsonOf(value, place)).toBe(stringifyWellFormed(value));
      }),
    );
  });

  it('escapes text of every kind as JSON.stringify does, halves of characters replaced', () => {
    fc.assert(
      fc.property(textOfOneKind, (text) => {
        expect(jsonOf([text], place)).toBe(JSON.stringify([text.toWellFormed()]));
      }),
    );
  });

  it('has numbers as JSON has them', () => {
    const numbers = [0, -0, 1, -1, 127, 128, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, 0.1, 1e21, 5e-324];
    expect(jsonOf(numbers, place)).toBe(JSON.stringify(numbers));
    expect(jsonOf([Number.NaN, Number.NEGATIVE_INFINITY], place)).toBe('[null,null]');
  });

  it('of bytes is that of a Buffer, beside other values too', () => {
    const mixed = { text: 'é'.repeat(100), bytes: Buffer.from('hi'), list: [1, { more: Buffer.alloc(0) }] };
    expect(jsonOf(mixed, place)).toBe(JSON.stringify(mixed));
    expect(jsonOf(Buffer.from('hi'), place)).toBe(JSON.stringify(Buffer.from('hi')));
  });

  it.each([0, 1])(
    'of the largest record that there is room for, and of one that is %i bytes larger',
    (more) => {
      const text = '\u0001'.repeat(256 * 1024 - HEADER_BYTES + more);
      expect(eventBytes(text).byteLength).toBe(256 * 1024 + more);
      expect(jsonOf(text, place)).toBe(JSON.stringify(text));
    },
  );

  it('of a deeply nested value is complete', () => {
    let value: unknown = ['the innermost'];
    for (let depth = 0; depth < 150; depth++) value = depth % 2 === 0 ? { value } : [value];
    expect(jsonOf(value, place)).toBe(JSON.stringify(value));
  });

  it('has text of every length between strides of 16 bytes, whatever is in it', () => {
    for (const unit of [
      'a',
      '"',
      '\0',
      'é',
      'ж',
      '漢',
      '😀',
      '\ud83d',
      'a"é\u0001',
      'a"ж\u0001漢',
      'ÿ\\漢',
    ]) {
      for (let length = 0; length <= 70; length++) {
        const texts = [unit.repeat(length), `${'-'.repeat(length)}${unit}-`, `${unit}${'-'.repeat(length)}`];
        expect(jsonOf(texts, place)).toBe(JSON.stringify(texts.map((text) => text.toWellFormed())));
        for (const text of texts) expect(textOf(text, place)).toBe(text.toWellFormed());
      }
    }
  });

  it.each(['a"\n', 'é"\n', '漢"\n', '😀\ud83d\n'])('may hold long text of %j', (unit) => {
    const text = unit.repeat(30_000);
    expect(jsonOf({ text }, place)).toBe(JSON.stringify({ text: text.toWellFormed() }));
  });
});

describe.each(PLACES)('plain text of an event %s', (_, place) => {
  it('is the text as UTF-8, lone surrogates replaced', () => {
    fc.assert(
      fc.property(textOfOneKind, (text) => {
        expect(textOf(text, place)).toBe(text.toWellFormed());
      }),
    );
  });

  it.each(['a', 'é', '漢', '😀'])('of %s may be long', (unit) => {
    expect(textOf(unit.repeat(40_000), place)).toBe(unit.repeat(40_000));
  });
});

describe('the conversion in WebAssembly', () => {
  it.each(['--jitless', '--wasm-max-mem-pages=1'])(
    'is not needed: with %s the outcome is the same',
    async (flag) => {
      const program = `
      import { writeUtf8 } from ${JSON.stringify(new URL('../../../../dist/exporters/encoding/utf8-text.js', import.meta.url).href)};
      import { createProtobufWriter, finish } from ${JSON.stringify(new URL('../../../../dist/exporters/encoding/protobuf-writer.js', import.meta.url).href)};
      const writer = createProtobufWriter();
      const bytes = Buffer.from('a"é漢\\ud83d', 'utf16le');
      for (const escaped of [true, false]) writeUtf8(writer, bytes, { start: 0, end: bytes.length }, 'utf16le', escaped);
      process.stdout.write(finish(writer));`;
      const { stdout } = await promisify(execFile)(process.execPath, [
        flag,
        '--input-type=module',
        '--eval',
        program,
      ]);
      expect(stdout).toBe('a\\"é漢\ufffda"é漢\ufffd');
    },
  );
});

it('a value can be skipped, whatever it is', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withTypedArray: true }), (value) => {
      const reader = { bytes: eventBytes(value), position: 0 };
      skip(reader);
      expect(reader.position).toBe(reader.bytes.byteLength);
    }),
  );
});

it('anything but an event is an error, not a loop or a crash', () => {
  const loaded = (bytes: Buffer) => ({ bytes: loadRecord(bytes), position: 0 });
  const claims4GB = [0xdb, 0xc6, 0xc9].map((tag) => Buffer.from([tag, 0xff, 0xff, 0xff, 0xff, 0x74, 2, 1]));
  for (const bytes of claims4GB) {
    expect(() => writeJson(createProtobufWriter(), { bytes, position: 0 })).toThrow('expected');
    expect(() => writeJson(createProtobufWriter(), loaded(bytes))).toThrow('expected');
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const places = [{ bytes: Buffer.from(bytes), position: 0 }, loaded(Buffer.from(bytes))];
      expect(outcomeOf(places[1] as EventReader)).toEqual(outcomeOf(places[0] as EventReader));
    }),
  );
});

it('half a unit of UTF-16 at the end of a text is left out', () => {
  const bytes = Buffer.from([EXT8, 4, TYPED_ARRAY, UTF16_TEXT, 0x61, 0, 0x62]);
  for (const event of [bytes, loadRecord(bytes)]) {
    expect(outcomeOf({ bytes: event, position: 0 })).toBe('"a" up to 7');
  }
});

/** The text, or the error. */
function outcomeOf(reader: EventReader): string {
  const writer = createProtobufWriter();
  try {
    writeJson(writer, reader);
    return `${finish(writer)} up to ${reader.position}`;
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return String(error);
  }
}
