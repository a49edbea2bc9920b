import { describe, expect, it } from 'vitest';
import { readCostDetails, readUsageDetails, totalOf } from '../../../src/usage/details.js';

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

  it('without a number has no details of cost', () => expect(readCostDetails({ input: 'free' })).toBeNull());
});
