/** The list of prices: those of the application, and all of the package, as patterns and rates. */
import { calcPrice } from '@pydantic/genai-prices';
import { describe, expect, it } from 'vitest';
import { listPrices, type PricedModel } from '../../../src/usage/price-list.js';

/** As Postgres reads it, for which `(?i)` stands in front. */
function matches({ pattern }: PricedModel, name: string): boolean {
  const isAnyCase = pattern.startsWith('(?i)');
  return new RegExp(isAnyCase ? pattern.slice(4) : pattern, isAnyCase ? 'i' : '').test(name);
}

const find = async (id: string) => {
  const model = (await listPrices([])).find((one) => one.id === id);
  if (model === undefined) throw new Error(`no ${id}`);
  return model;
};

describe('the list', () => {
  it('has the models of all providers, each once, with patterns that can be read', async () => {
    const models = await listPrices([]);
    expect(models.length).toBeGreaterThan(1000);
    expect(new Set(models.map(({ id }) => id)).size).toBe(models.length);
    for (const model of models) expect(() => matches(model, 'x'), model.id).not.toThrow();
    for (const { rates, id } of models) {
      for (const { price } of rates) expect(Number.isFinite(price) && price >= 0, id).toBe(true);
    }
  });

  it.each([
    ['openai/gpt-4o', ['gpt-4o', 'GPT-4o', 'gpt-4o-2024-08-06'], ['gpt-4o-mini', 'my-gpt-4o', 'gpt-40']],
    [
      'anthropic/claude-opus-4-6',
      ['claude-opus-4-6', 'Claude-Opus-4.6-20260205'],
      ['claude-opus-4', 'my-claude-opus-4-6'],
    ],
    [
      'google/gemini-2.5-flash-lite',
      ['gemini-2.5-flash-lite-preview-06'],
      ['gemini-2.5-flash-lite-preview-tts'],
    ],
  ])('has a pattern for %s', async (id, names, others) => {
    const model = await find(id);
    for (const name of names) expect(matches(model, name), name).toBe(true);
    for (const name of others) expect(matches(model, name), name).toBe(false);
  });

  it('has the prices that estimates are made with', async () => {
    const { rates } = await find('openai/gpt-4o');
    const rate = (usage: string) => rates.find((one) => one.usage === usage)?.price as number;
    const calculated = calcPrice(
      { input_tokens: 1000, output_tokens: 100, cache_read_tokens: 400 },
      'gpt-4o',
      { providerId: 'openai' },
    );
    expect(calculated?.input_price).toBeCloseTo(600 * rate('input') + 400 * rate('input_cache_read'), 12);
    expect(calculated?.output_price).toBeCloseTo(100 * rate('output'), 12);
  });

  it('has tiers where many input tokens cost more', async () => {
    const { rates } = await find('anthropic/claude-opus-4-6');
    const input = rates.find(({ usage }) => usage === 'input');
    expect(input?.tiers).toHaveLength(1);
    expect(input?.tiers[0]?.price).toBeGreaterThan(input?.price as number);
  });

  it('has an entry of its own for a price that begins at a date', async () => {
    const models = await listPrices([]);
    const dated = models.filter(({ startDate }) => startDate !== null);
    expect(dated.length).toBeGreaterThan(10);
    for (const { id, startDate } of dated) expect(id).toMatch(new RegExp(`@${startDate}$`));
  });
});

describe('prices of the application', () => {
  it('come first, as they are given', async () => {
    const [named, pattern] = await listPrices([
      { model: 'Mine (v1.0)', input: 3, output: 6, cacheRead: 1 },
      { model: /^my-/i, input: 2 },
    ]);
    expect(named).toMatchObject({
      id: 'override/1',
      model: 'Mine (v1.0)',
      startDate: null,
      isOverride: true,
      rates: [
        { usage: 'input', price: 3e-6 },
        { usage: 'output', price: 6e-6 },
        { usage: 'input_cache_read', price: 1e-6 },
      ],
    });
    expect(matches(named as PricedModel, 'mine (V1.0)')).toBe(true);
    expect(matches(named as PricedModel, 'mine (v1x0)')).toBe(false);
    expect(pattern).toMatchObject({ id: 'override/2', pattern: '(?i)^my-', rates: [{ usage: 'input' }] });
  });
});
