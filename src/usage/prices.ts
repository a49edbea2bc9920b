/** A model → what its tokens cost: prices of the application's own first, then the price list. */
import type { PriceOverride } from '../shared/contract/prices.js';
import { type BillableTokens, billableTokens, tokensOf } from './billing.js';
import type { Details } from './details.js';
import type { Billed } from './figures.js';
import type { PriceLibrary } from './libraries.js';
import { lookupsFor, type ModelName } from './model-names.js';

/** In US dollars. */
export interface Cost {
  readonly input: number;
  readonly output: number;
  readonly total: number;
}

export interface Price {
  /** Source and version. */
  readonly source: string;
  /** The entry's name. */
  readonly model: string;
  /** Undefined if the details do not suffice. */
  cost(usage: Details, type: string): Cost | undefined;
}

type FindPrice = (billed: Pick<Billed, 'model' | 'provider' | 'startTime'>) => Price | undefined;

const MILLION = 1e6;

/** The returned function returns undefined for an unknown model. */
export function createPriceFinder(
  overrides: readonly PriceOverride[],
  library: PriceLibrary | undefined,
): FindPrice {
  return (billed) => {
    const override = overrides.find(({ model }) => matches(model, billed.model));
    if (override !== undefined) return priceOfOverride(override, billed.model);
    return library && priceOfList(library, billed);
  };
}

function matches(pattern: string | RegExp, model: string): boolean {
  if (typeof pattern === 'string') return pattern.trim().toLowerCase() === model.trim().toLowerCase();
  // A global expression would continue after its last match.
  pattern.lastIndex = 0;
  return pattern.test(model);
}

function priceOfOverride(rates: PriceOverride, model: string): Price {
  const { cacheRead = rates.input, cacheWrite = rates.input } = rates;
  return priceOf('override', model, (tokens) => {
    if (rates.output === undefined && tokens.output > 0) return undefined;
    const plain = tokens.input - tokens.cacheRead - tokens.cacheWrite;
    const input =
      (plain * rates.input + tokens.cacheRead * cacheRead + tokens.cacheWrite * cacheWrite) / MILLION;
    const output = (tokens.output * (rates.output ?? 0)) / MILLION;
    return { input, output, total: input + output };
  });
}

function priceOfList(library: PriceLibrary, { model, provider, startTime }: Parameters<FindPrice>[0]) {
  const isProvider = (name: string) => library.findProvider({ providerId: name }) !== undefined;
  for (const lookup of lookupsFor(model, provider, isProvider)) {
    const found = calculate(library, tokensOf(0, 0), lookup, startTime);
    if (found === undefined) continue;
    return priceOf(library.source, `${found.provider.id}/${found.model.id}`, (tokens) => {
      const result = calculate(library, tokens, lookup, startTime);
      if (result === undefined) return undefined;
      const { model_price, input_price, output_price, total_price } = result;
      // The list charges 0 if it has no price: here that means unknown.
      if (tokens.input > 0 && model_price.input_mtok === undefined) return undefined;
      if (tokens.output > 0 && model_price.output_mtok === undefined) return undefined;
      return { input: input_price, output: output_price, total: total_price };
    });
  }
  return undefined;
}

/** The library throws on contradictory counts. */
function calculate(library: PriceLibrary, tokens: BillableTokens, lookup: ModelName, timestamp: Date) {
  const usage = {
    input_tokens: tokens.input,
    output_tokens: tokens.output,
    cache_read_tokens: tokens.cacheRead,
    cache_write_tokens: tokens.cacheWrite,
    cache_write_1h_tokens: tokens.cacheWrite1h,
    input_audio_tokens: tokens.inputAudio,
    output_audio_tokens: tokens.outputAudio,
    output_reasoning_tokens: tokens.outputReasoning,
  };
  try {
    const providerId = lookup.provider;
    return library.calcPrice(usage, lookup.model, { providerId, timestamp }) ?? undefined;
  } catch {
    return undefined;
  }
}

function priceOf(
  source: string,
  model: string,
  calculateCost: (tokens: BillableTokens) => Cost | undefined,
): Price {
  return {
    source,
    model,
    cost(usage, type) {
      const tokens = billableTokens(usage);
      if (tokens !== undefined) return calculateCost(tokens);
      const keys = Object.keys(usage);
      const { total } = usage;
      if (total === undefined || keys.length > 1) return undefined;
      const asInput = calculateCost(tokensOf(total, 0));
      if (type === 'embedding') return asInput;
      // A total alone has a price only if both sides cost the same.
      const asOutput = calculateCost(tokensOf(0, total));
      return asInput !== undefined && asInput.total === asOutput?.total ? asInput : undefined;
    },
  };
}
