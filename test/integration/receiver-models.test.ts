/** Models of the receiver's API: the prices that its estimates use. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { call, ingestionEvent, postJson } from '../unit/receiver/helpers.js';

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ port: 0, prices: [{ model: 'house-model', input: 3, output: 6 }] });
});
afterAll(() => receiver.close());

const get = (path: string) => call(`${receiver.url}/api/public${path}`);

describe('models', () => {
  it('are listed by pages, those of the application first', async () => {
    const first = (await get('/models?limit=2')).json;
    expect(first.data[0]).toMatchObject({
      id: 'override/1',
      modelName: 'house-model',
      matchPattern: '(?i)^house-model$',
      inputPrice: 3e-6,
      outputPrice: 6e-6,
      isLangfuseManaged: false,
    });
    expect(first.data[1].isLangfuseManaged).toBe(true);
    expect(first.meta.totalPages).toBe(Math.ceil(first.meta.totalItems / 2));
    const last = (await get(`/models?limit=2&page=${first.meta.totalPages}`)).json;
    expect(last.data.length).toBeGreaterThan(0);
    expect((await get(`/models?limit=2&page=${first.meta.totalPages + 1}`)).json.data).toEqual([]);
    expect(await get('/models?limit=101')).toMatchObject({ status: 400 });
  });

  it('are found by their id', async () => {
    const listed = (await get('/models?limit=100')).json.data;
    for (const model of listed.slice(0, 5)) {
      expect((await get(`/models/${encodeURIComponent(model.id)}`)).json).toEqual(model);
    }
    expect(await get('/models/none')).toMatchObject({ status: 404, json: { error: 'NotFoundError' } });
  });

  it('have tiers whose first match is the price of that many tokens', async () => {
    const { pricingTiers, inputPrice } = (await get('/models/anthropic%2Fclaude-opus-4-6')).json;
    expect(pricingTiers).toMatchObject([
      { isDefault: true, priority: 0, conditions: [], prices: { input: inputPrice } },
      { isDefault: false, priority: 1, conditions: [{ operator: 'gt', value: 200_000 }] },
    ]);
    expect(pricingTiers[1].prices.input).toBeGreaterThan(inputPrice);
  });

  it('have the prices of the estimates', async () => {
    for (const model of ['house-model', 'gpt-4o']) {
      const event = ingestionEvent('generation-create', {
        id: model,
        traceId: 'priced',
        model,
        usageDetails: { input: 1000, output: 100 },
      });
      await postJson(`${receiver.url}/api/public/ingestion`, { batch: [event] });
    }
    await receiver.usage();
    const costOf = async (id: string) => (await get(`/observations/${id}`)).json.calculatedTotalCost;
    expect(await costOf('house-model')).toBeCloseTo(1000 * 3e-6 + 100 * 6e-6, 12);
    const { inputPrice, outputPrice } = (await get('/models/openai%2Fgpt-4o')).json;
    expect(await costOf('gpt-4o')).toBeCloseTo(1000 * inputPrice + 100 * outputPrice, 12);
  });
});
