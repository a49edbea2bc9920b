/** Usage and cost in every spelling that applications have come to write, and what a server would refuse of them. */

import { beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/messages/message.js';
import type { TracingCore } from '../../../src/tracing/core.js';
import { readCostDetails, readUsage, readUsageDetails } from '../../../src/tracing/observation-fields.js';

const warnings: string[] = [];
const core = { notifier: { warnOnce: ({ text }: Message) => warnings.push(text) } };
const its = core as unknown as TracingCore;

beforeEach(() => {
  warnings.length = 0;
});

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
    [{ input: '7', output: -1, total: Number.NaN } as object, { input: 7 }],
    [{}, undefined],
  ])('%o means %o', (usage, details) => {
    expect(readUsage(its, usage)).toEqual({ usageDetails: details, costDetails: undefined, unit: null });
  });

  it('may hold costs', () => {
    expect(readUsage(its, { input: 1, inputCost: 0.5, outputCost: 0.25, totalCost: 0.75 })).toEqual({
      usageDetails: { input: 1 },
      costDetails: { input: 0.5, output: 0.25, total: 0.75 },
      unit: null,
    });
  });

  it('may count in something else than tokens', () => {
    expect(readUsage(its, { input: 1, unit: 'CHARACTERS' }).unit).toBe('CHARACTERS');
    expect(readUsage(its, { input: 1, unit: 'seconds' }).unit).toBe('SECONDS');
    expect(readUsage(its, { input: 1, unit: 'furlongs' }).unit).toBeNull();
  });

  it("has details that are as they are, but for an answer of OpenAI's API", () => {
    const details = { input: 1, audio: 2 };
    expect(readUsageDetails(its, details)).toBe(details);
    expect(
      readUsageDetails(its, {
        prompt_tokens: 100,
        completion_tokens: 20,
        total_tokens: 120,
        prompt_tokens_details: { cached_tokens: 60, audio_tokens: null },
        completion_tokens_details: { reasoning_tokens: 5 },
        service_tier: 'flex',
      }),
    ).toEqual({ input: 40, output: 15, total: 120, input_cached_tokens: 60, output_reasoning_tokens: 5 });
    expect(readUsageDetails(its, { input_tokens: 7, output_tokens: 3, input_tokens_details: null })).toEqual({
      input: 7,
      output: 3,
    });
    expect(warnings).toEqual([]);
  });

  it('keeps of details what a server takes: whole numbers that are not negative', () => {
    const details = {
      input: 1.6,
      output: '20',
      cached: 3n,
      none: null,
      negative: -1,
      deep: { a: 1 },
      text: 'x',
    };
    expect(readUsageDetails(its, details)).toEqual({ input: 2, output: 20, cached: 3 });
    expect(warnings).toEqual([
      'usageDetails must hold numbers that are not negative: other values are left out, here of "negative", "deep", "text"',
    ]);
    expect(readUsageDetails(its, { input: Number.POSITIVE_INFINITY })).toBeUndefined();
    expect(readUsageDetails(its, { input: 2 ** 53, output: 1 })).toEqual({ output: 1 });
    expect(readUsageDetails(its, 'many' as never)).toBeUndefined();
  });

  it('keeps of costs what a server takes: numbers that are not negative', () => {
    const costs = { input: 0.5, output: '1e-3', total: -1, deep: {} } as never;
    expect(readCostDetails(its, costs)).toEqual({ input: 0.5, output: 0.001 });
    expect(warnings).toHaveLength(1);
  });
});
