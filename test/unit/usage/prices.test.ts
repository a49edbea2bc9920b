/** Model names as people write them, prices of one's own, and kinds of tokens that have prices of their own. */
import { describe, expect, it } from 'vitest';
import { resolvePrices, resolveUsageOptions } from '../../../src/config/price-options.js';
import { estimate } from './helpers.js';

const million = { input: 1e6, output: 1e6 };
const priceOf = (model: string, provider?: string) => {
  const { costDetails, marks } = estimate({ model, provider, usageDetails: million }) ?? {};
  return costDetails && [costDetails.input, costDetails.output, marks?.priceModel];
};

describe('the price of a model', () => {
  it.each([
    ['gpt-4o', 2.5, 10, 'openai/gpt-4o'],
    ['openai/gpt-4o', 2.5, 10, 'openai/gpt-4o'],
    ['openai:gpt-4o', 2.5, 10, 'openai/gpt-4o'],
    ['azure/gpt-4o', 2.5, 10, 'azure/gpt-4o'],
    ['gpt-4o-2024-08-06', 2.5, 10, 'openai/gpt-4o'],
    ['GPT-4o-mini', 0.15, 0.6, 'openai/gpt-4o-mini'],
    ['ft:gpt-4o:acme::id', 3.75, 15, 'openai/ft:gpt-4o'],
    ['ft:gpt-4o-mini-2024-07-18:acme::id', 0.3, 1.2, 'openai/ft:gpt-4o-mini'],
    ['claude-3-5-sonnet-20241022', 3, 15, 'anthropic/claude-3-5-sonnet'],
    ['claude-3-5-sonnet@20240620', 3, 15, 'anthropic/claude-3-5-sonnet'],
    ['vertex_ai/claude-3-5-sonnet@20240620', 3, 15, 'google/claude-3-5-sonnet'],
    ['openrouter/anthropic/claude-sonnet-4', 3, 15, 'openrouter/anthropic/claude-sonnet-4'],
    ['models/gemini-2.5-flash', 0.3, 2.5, 'google/gemini-2.5-flash'],
  ])('%s: %d and %d dollars for a million tokens', (model, input, output, entry) => {
    expect(priceOf(model)).toEqual([input, output, entry]);
  });

  it('is found for Bedrock by its own names, with and without a prefix', () => {
    const bare = 'anthropic.claude-3-5-sonnet-20240620-v1:0';
    for (const model of [bare, `us.${bare}`, `bedrock/${bare}`])
      expect(priceOf(model)?.slice(0, 2)).toEqual([3, 15]);
  });

  it('is the price of the provider, where that is known', () => {
    expect(priceOf('gpt-4o', 'az.ai.openai')?.[2]).toBe('azure/gpt-4o');
    expect(priceOf('gemini-2.5-flash', 'gcp.vertex_ai')?.[2]).toBe('google/gemini-2.5-flash');
  });

  it.each(['no-such-model', 'gpt-99', 'somebody/gpt-4o', 'llama3:8b', ' '])('is unknown of %s', (model) => {
    expect(priceOf(model)).toBeUndefined();
  });
});

describe('kinds of tokens', () => {
  const cost = (model: string, usageDetails: Record<string, number>) =>
    estimate({ model, usageDetails })?.costDetails?.total;

  it('cost less from a cache, by any of the names that clients write', () => {
    for (const key of ['input_cached_tokens', 'cache_read_input_tokens', 'input_cache_read']) {
      expect(cost('gpt-4o', { input: 500_000, [key]: 500_000 })).toBeCloseTo(1.25 + 0.625, 9);
    }
  });

  it('cost more when they are written to one, and more again for an hour', () => {
    expect(cost('claude-3-5-sonnet-20241022', { cache_creation_input_tokens: 1e6 })).toBeCloseTo(3.75, 9);
    expect(cost('claude-3-5-sonnet-20241022', { input_cache_creation_1h: 1e6 })).toBeCloseTo(6, 9);
  });

  it('cost as output when they are reasoning', () => {
    expect(cost('o3-mini', { input: 0, output: 500_000, output_reasoning_tokens: 500_000 })).toBeCloseTo(
      4.4,
      9,
    );
  });
});

describe('prices of one’s own', () => {
  const prices = resolvePrices(
    [
      { model: 'GPT-4o', input: 1, output: 2, cacheRead: 0.1 },
      { model: '/^house-/', input: 5, output: 6 },
      { model: /embed/g, input: 3 },
    ],
    [],
  );

  it('go before the price list, and are marked', () => {
    expect(estimate({ usageDetails: million }, prices)).toEqual({
      costDetails: { input: 1, output: 2, total: 3 },
      marks: { usage: 'given', cost: 'computed', price: 'override', priceModel: 'gpt-4o' },
    });
    const cached = estimate({ usageDetails: { input_cached_tokens: 1e6 } }, prices);
    expect(cached?.costDetails?.total).toBeCloseTo(0.1, 9);
  });

  it('make a model known', () => {
    expect(estimate({ model: 'house-7b' }, prices)?.usageDetails).toEqual({ input: 6, output: 2, total: 8 });
  });

  it('say nothing of output that they have no price for', () => {
    for (let turn = 0; turn < 2; turn++) {
      expect(estimate({ model: 'my-embed', usageDetails: { input: 1e6 } }, prices)?.costDetails?.total).toBe(
        3,
      );
    }
    expect(estimate({ model: 'my-embed', usageDetails: million }, prices)).toBeUndefined();
  });

  it('are left out where they cannot be used, with a word on each', () => {
    const problems: string[] = [];
    const given = [
      7,
      { model: '', input: 1 },
      { model: '/(/', input: 1 },
      { model: 'a', input: -1 },
      { model: 'b', input: 1, output: '2' },
      { model: 'c', input: 1 },
    ];
    expect(resolvePrices(given, problems)).toEqual([{ model: 'c', input: 1 }]);
    expect(problems).toEqual([
      expect.stringContaining('option prices[0] must be {model, input'),
      expect.stringContaining('option prices[1].model must be a name or a regular expression, but got: ""'),
      expect.stringContaining('option prices[2].model must be a name or a regular expression'),
      expect.stringContaining('option prices[3].input must be a number of US dollars from 0, but got: -1'),
      expect.stringContaining('option prices[4].output must be a number of US dollars from 0, but got: "2"'),
    ]);
    expect(resolvePrices('none', problems)).toEqual([]);
  });

  it('are told to be of no use without estimateUsage', () => {
    const problems: string[] = [];
    const resolve = (given: object) =>
      resolveUsageOptions({ entry: 'client', given: { ...given }, env: {}, problems, faults: [] });
    expect(resolve({ prices: [{ model: 'a', input: 1 }] })).toMatchObject({
      estimateUsage: false,
    });
    expect(resolve({ estimateUsage: 'yes' })).toEqual({
      estimateUsage: false,
      prices: [],
    });
    expect(problems).toEqual([
      'option prices is for estimateUsage, which is off: the prices are not used',
      'option estimateUsage must be true or false, but got: "yes"; using false',
    ]);
  });
});
