/** All prices that estimates use, as a list: those of the application first, then the price list. */

import type { ConditionalPrice, MatchLogic, ModelInfo, ModelPrice, Provider } from '@pydantic/genai-prices';
import type { PriceOverride } from '../shared/contract/prices.js';
import { loadPrices } from './libraries.js';

export interface PricedModel {
  readonly id: string;
  readonly model: string;
  /** A regular expression that names of the model match, in any case unless it says otherwise. */
  readonly pattern: string;
  /** Observations before it have another price. Null: none. */
  readonly startDate: string | null;
  readonly isOverride: boolean;
  readonly rates: readonly Rate[];
}

/** What a unit of one kind of usage costs, in US dollars. */
export interface Rate {
  /** As usage details name it: `input`, `input_cache_read`, … */
  readonly usage: string;
  readonly price: number;
  /** With more input tokens than `above` each unit costs `price`. In ascending order. */
  readonly tiers: readonly { readonly above: number; readonly price: number }[];
}

/** Made once: the package does not change while it is loaded. */
let listed: Promise<PricedModel[]> | undefined;

/** Sorted by the model's name within the two groups. Without the package there are only those of the application. */
export async function listPrices(overrides: readonly PriceOverride[]): Promise<PricedModel[]> {
  listed ??= listOfPackage();
  return [...overrides.map(ofOverride), ...(await listed)];
}

async function listOfPackage(): Promise<PricedModel[]> {
  const providers = (await loadPrices()?.waitForUpdate()) ?? [];
  return providers
    .flatMap((provider) => provider.models.flatMap((model) => ofModel(provider, model)))
    .sort(byModel);
}

function byModel(a: PricedModel, b: PricedModel): number {
  return a.model < b.model ? -1 : a.model > b.model ? 1 : a.id < b.id ? -1 : 1;
}

function ofOverride(
  { model, input, output, cacheRead, cacheWrite }: PriceOverride,
  index: number,
): PricedModel {
  const rates = { input, output, input_cache_read: cacheRead, input_cache_creation: cacheWrite };
  return {
    id: `override/${index + 1}`,
    model: String(model),
    pattern: typeof model === 'string' ? `(?i)^${escaped(model.trim())}$` : patternOf(model),
    startDate: null,
    isOverride: true,
    rates: Object.entries(rates).flatMap(([usage, price]) =>
      price === undefined ? [] : [{ usage, price: price / MILLION, tiers: [] }],
    ),
  };
}

function patternOf({ source, ignoreCase }: RegExp): string {
  return ignoreCase ? `(?i)${source}` : source;
}

/** A price that begins at a date is an entry of its own. Prices by the time of day have no place in such a list. */
function ofModel(provider: Provider, model: ModelInfo): PricedModel[] {
  const prices: ConditionalPrice[] = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  return prices.flatMap(({ constraint, prices: price }) => {
    if (constraint?.type === 'time_of_date') return [];
    const id = `${provider.id}/${model.id}`;
    return {
      id: constraint === undefined ? id : `${id}@${constraint.start_date}`,
      model: model.id,
      pattern: `(?i)${expression(model.match)}`,
      startDate: constraint?.start_date ?? null,
      isOverride: false,
      rates: Object.entries(price).flatMap(([key, value]) => rateOf(key, value) ?? []),
    };
  });
}

const MILLION = 1e6;
/** The end of a key of the price list → how many units its price is for. */
const UNITS: readonly (readonly [end: string, units: number])[] = [
  ['_mtok', MILLION],
  ['_kcount', 1000],
];
/** Names of usage details where they differ from those of the price list. */
const USAGE_NAMES: Record<string, string> = {
  cache_read: 'input_cache_read',
  cache_write: 'input_cache_creation',
  cache_write_1h: 'input_cache_creation_1h',
};

function rateOf(key: string, value: ModelPrice[string]): Rate | undefined {
  const [end, units] = UNITS.find(([suffix]) => key.endsWith(suffix)) ?? [];
  if (end === undefined || units === undefined || value === undefined) return undefined;
  const kind = key.slice(0, -end.length);
  const { base, tiers } = typeof value === 'number' ? { base: value, tiers: [] } : value;
  return {
    usage: USAGE_NAMES[kind] ?? kind,
    price: base / units,
    tiers: tiers.map(({ start, price }) => ({ above: start, price: price / units })),
  };
}

function expression(match: MatchLogic): string {
  if ('or' in match) return `(${match.or.map(expression).join('|')})`;
  if ('and' in match) return `^${match.and.map((one) => `(?=${anywhere(expression(one))})`).join('')}`;
  if ('equals' in match) return `^${escaped(match.equals)}$`;
  if ('starts_with' in match) return `^${escaped(match.starts_with)}`;
  if ('ends_with' in match) return `${escaped(match.ends_with)}$`;
  if ('contains' in match) return escaped(match.contains);
  return match.regex;
}

/** A look-ahead begins at the start of the name. */
function anywhere(pattern: string): string {
  return pattern.startsWith('^') ? pattern : `.*${pattern}`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
