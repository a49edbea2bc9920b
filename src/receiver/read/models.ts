/**
 * Models: the prices that estimates use, in the shape of Langfuse's model definitions (its
 * web/src/features/public-api/types/models.ts). They cannot be changed over the API.
 */

import { listPrices, type PricedModel, type Rate } from '../../usage/price-list.js';
import { found, type RouteContext, sendJson } from '../http/requests.js';
import { paging } from './parameters.js';

/** The definitions of this server are as old as its process. */
const CREATED_AT = new Date(performance.timeOrigin).toISOString();

export async function getModels({ prices, url: { searchParams }, response }: RouteContext): Promise<void> {
  const { page, limit } = paging(searchParams);
  const models = await listPrices(prices);
  sendJson(response, 200, {
    data: models.slice((page - 1) * limit, page * limit).map(modelObject),
    meta: { page, limit, totalItems: models.length, totalPages: Math.ceil(models.length / limit) },
  });
}

export async function getModel({ prices, response }: RouteContext, id: string): Promise<void> {
  const models = await listPrices(prices);
  sendJson(
    response,
    200,
    modelObject(
      found(
        models.find((model) => model.id === id),
        'model',
        id,
      ),
    ),
  );
}

function modelObject({ id, model, pattern, startDate, isOverride, rates }: PricedModel) {
  const flat = pricesAt(rates, 0);
  return {
    id,
    modelName: model,
    matchPattern: pattern,
    startDate: startDate === null ? null : new Date(startDate).toISOString(),
    inputPrice: flat.input ?? null,
    outputPrice: flat.output ?? null,
    totalPrice: null,
    unit: 'TOKENS',
    tokenizerId: null,
    tokenizerConfig: null,
    isLangfuseManaged: !isOverride,
    createdAt: CREATED_AT,
    prices: Object.fromEntries(Object.entries(flat).map(([usage, price]) => [usage, { price }])),
    pricingTiers: tiersOf(id, rates),
  };
}

/** All input tokens decide on the tier, whatever their kind. */
const ALL_INPUT = '^(input|cache)';

/** The default, and a tier for each number of input tokens where prices change. The first that matches holds: the largest. */
function tiersOf(id: string, rates: readonly Rate[]) {
  const bounds = [...new Set(rates.flatMap(({ tiers }) => tiers.map(({ above }) => above)))];
  const conditional = bounds
    .sort((a, b) => b - a)
    .map((above, index) => ({
      id: `${id}/above-${above}`,
      name: `More than ${above} input tokens`,
      isDefault: false,
      priority: index + 1,
      conditions: [{ usageDetailPattern: ALL_INPUT, operator: 'gt', value: above, caseSensitive: false }],
      prices: pricesAt(rates, above + 1),
    }));
  const standard = { id: `${id}/standard`, name: 'Standard', isDefault: true, priority: 0, conditions: [] };
  return [{ ...standard, prices: pricesAt(rates, 0) }, ...conditional];
}

function pricesAt(rates: readonly Rate[], inputTokens: number): Record<string, number> {
  return Object.fromEntries(
    rates.map(({ usage, price, tiers }) => {
      const tier = tiers.findLast(({ above }) => inputTokens > above);
      return [usage, tier?.price ?? price];
    }),
  );
}
