import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIfJson, payloadText, toJsonText } from '../../../src/ingest/json-text.js';

describe('a stored payload', () => {
  it('comes back as the JSON value that was sent', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(typeof value !== 'string' && value !== null && !Object.is(value, -0));
        expect(parseIfJson(payloadText(value) ?? '')).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it.each([
    '',
    'hello',
    'not {json',
    '{"cut',
    '12 monkeys',
    '007',
    '1.0',
    '12345678901234567890',
    'nullable',
    ' x',
  ])('stays the text %j', (text) => expect(parseIfJson(text)).toBe(text));

  it('is JSON even for what JSON has no word for', () => {
    expect(toJsonText({ big: 2n ** 63n, bytes: new Uint8Array([255]), nan: Number.NaN })).toBe(
      '{"big":"9223372036854775808","bytes":"/w==","nan":null}',
    );
    expect(toJsonText(undefined)).toBe('null');
  });
});
