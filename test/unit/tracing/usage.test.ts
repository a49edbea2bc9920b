/** Usage in every spelling that applications have come to write. */
import { describe, expect, it } from 'vitest';
import { readUsage, toUsageDetails } from '../../../src/tracing/usage.js';

describe('usage', () => {
  it.each([
    [
      { promptTokens: 10, completionTokens: 5, totalTokens: 15 },
      { input: 10, output: 5, total: 15 },
    ],
    [
      { input: 10, output: 5, total: 15, unit: 'TOKENS' },
      { input: 10, output: 5, total: 15 },
    ],
    [{ input: 10, output: null, unit: null }, { input: 10 }],
    [{ prompt_tokens: 1, completion_tokens: 2 } as object, { input: 1, output: 2 }],
    [{}, undefined],
  ])('%o means %o', (usage, details) => {
    expect(readUsage(usage)).toEqual({ usageDetails: details, costDetails: undefined });
  });

  it('may hold costs', () => {
    expect(readUsage({ input: 1, inputCost: 0.5, outputCost: 0.25, totalCost: 0.75 })).toEqual({
      usageDetails: { input: 1 },
      costDetails: { input: 0.5, output: 0.25, total: 0.75 },
    });
  });

  it("details are as they are, but for an answer of OpenAI's API", () => {
    const details = { input: 1, audio: 2 };
    expect(toUsageDetails(details)).toBe(details);
    expect(
      toUsageDetails({
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 60, audio_tokens: null },
        completion_tokens_details: { reasoning_tokens: 5 },
      }),
    ).toEqual({ input: 40, output: 15, total: 120, input_cached_tokens: 60, output_reasoning_tokens: 5 });
    expect(toUsageDetails({ input_tokens: 7, output_tokens: 3, input_tokens_details: null })).toEqual({
      input: 7,
      output: 3,
    });
  });
});
