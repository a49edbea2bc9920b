/** Events turned into JSON and text byte by byte: the same as by way of JavaScript values. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readText, skip } from '../../../../src/event/event-reader.js';
import { writeJson } from '../../../../src/exporters/encoding/event-json.js';
import { writePlainText } from '../../../../src/exporters/encoding/event-text.js';
import { createProtobufWriter, finish } from '../../../../src/exporters/encoding/protobuf-writer.js';
import { stringifyWellFormed } from '../../../../src/shared/json.js';
import { eventBytes } from '../../../support/event-bytes.js';

function jsonOf(value: unknown): string {
  const writer = createProtobufWriter();
  const reader = { bytes: eventBytes(value), position: 0 };
  writeJson(writer, reader);
  expect(reader.position).toBe(reader.bytes.byteLength);
  return finish(writer).toString();
}

function textOf(value: string): string {
  const writer = createProtobufWriter();
  const reader = { bytes: eventBytes(value), position: 0 };
  writePlainText(writer, reader, readText(reader));
  return finish(writer).toString();
}

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

describe('JSON', () => {
  it('is what JSON.stringify writes, but for halves of characters', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(jsonOf(value)).toBe(stringifyWellFormed(value));
      }),
    );
  });

  it('escapes text of every kind as JSON.stringify does, halves of characters replaced', () => {
    fc.assert(
      fc.property(textOfOneKind, (text) => {
        expect(jsonOf([text])).toBe(JSON.stringify([text.toWellFormed()]));
      }),
    );
  });

  it('has numbers as JSON has them', () => {
    const numbers = [0, -0, 1, -1, 127, 128, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, 0.1, 1e21, 5e-324];
    expect(jsonOf(numbers)).toBe(JSON.stringify(numbers));
    expect(jsonOf([Number.NaN, Number.NEGATIVE_INFINITY])).toBe('[null,null]');
  });

  it('of bytes is that of a Buffer', () => {
    expect(jsonOf(Buffer.from('hi'))).toBe(JSON.stringify(Buffer.from('hi')));
  });

  it.each(['a"\n', 'é"\n', '漢"\n', '😀\ud83d\n'])('of long text of %j comes in strides', (unit) => {
    const text = unit.repeat(30_000);
    expect(jsonOf({ text })).toBe(JSON.stringify({ text: text.toWellFormed() }));
  });
});

describe('plain text', () => {
  it('is the text as UTF-8, lone surrogates replaced', () => {
    fc.assert(
      fc.property(textOfOneKind, (text) => {
        expect(textOf(text)).toBe(text.toWellFormed());
      }),
    );
  });

  it.each(['a', 'é', '漢', '😀'])('of %s comes in strides', (unit) => {
    expect(textOf(unit.repeat(40_000))).toBe(unit.repeat(40_000));
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
  const claims4GB = [0xdb, 0xc6, 0xc9].map((tag) => Buffer.from([tag, 0xff, 0xff, 0xff, 0xff, 0x74, 2, 1]));
  for (const bytes of claims4GB) {
    expect(() => writeJson(createProtobufWriter(), { bytes, position: 0 })).toThrow('expected');
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        writeJson(createProtobufWriter(), { bytes: Buffer.from(bytes), position: 0 });
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});
