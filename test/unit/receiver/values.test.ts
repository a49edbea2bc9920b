import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLoopback } from '../../../src/receiver/http/access.js';
import { parseIfJson, payloadText, toJsonText } from '../../../src/receiver/ingest/json-text.js';
import { readClassicUsage, readCostDetails, readUsageDetails, totalOf } from '../../../src/usage/details.js';

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

describe('usage', () => {
  it.each([
    [{ input: 3, output: 4 }, { input: 3, output: 4 }, 7],
    [{ input: 3, output: 4, total: 9 }, { input: 3, output: 4, total: 9 }, 9],
    [{ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }, { input: 3, output: 4, total: 7 }, 7],
    [{ promptTokens: 3, completionTokens: 4 }, { input: 3, output: 4 }, 7],
    [{ input_tokens: 3, output_tokens: 4 }, { input: 3, output: 4 }, 7],
    [{ input: 3, input_cached_tokens: 5, output: 4 }, { input: 3, input_cached_tokens: 5, output: 4 }, 12],
    [
      {
        prompt_tokens: 10,
        prompt_tokens_details: { cached_tokens: 6, audio_tokens: null },
        completion_tokens: 4,
      },
      { input: 4, input_cached_tokens: 6, output: 4 },
      14,
    ],
    [{ input: 'many' }, null, null],
    [{}, null, null],
    ['text', null, null],
    [null, null, null],
  ])('%j counts each token once', (raw, details, total) => {
    expect(readUsageDetails(raw)).toEqual(details);
    expect(totalOf(readUsageDetails(raw))).toBe(total);
  });

  it('of classic clients carries the cost as well', () => {
    const raw = { input: 1, output: 2, total: 3, unit: 'TOKENS', inputCost: 0.1, totalCost: 0.3 };
    expect(readClassicUsage(raw)).toEqual({
      usageDetails: { input: 1, output: 2, total: 3 },
      costDetails: { input: 0.1, total: 0.3 },
    });
    expect(readClassicUsage(undefined)).toEqual({ usageDetails: null, costDetails: null });
    expect(readCostDetails({ input: 'free' })).toBeNull();
  });
});

describe('loopback', () => {
  it.each(['127.0.0.1', '127.8.9.10', 'localhost', 'LOCALHOST', '::1', '[::1]'])('is %s', (host) =>
    expect(isLoopback(host)).toBe(true),
  );
  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'example.com',
    '127.0.0.1.example.com',
    'localhost.example.com',
    '127.1',
    '',
  ])('is not %s', (host) => expect(isLoopback(host)).toBe(false));
});
