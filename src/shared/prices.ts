/** Prices of an application's own, which go before those of the price list: their shape, and what is usable of it. */
import { show } from './options.js';

/** What a model costs, in US dollars for a million tokens. */
export interface PriceOverride {
  /** The model as observations name it, in any case of letters; or a pattern that finds it. */
  readonly model: string | RegExp;
  /** Input tokens. */
  readonly input: number;
  /** Output tokens. Absent: the model has none, as one that makes embeddings. */
  readonly output?: number;
  /** Input tokens read from a cache. @default the price of input */
  readonly cacheRead?: number;
  /** Input tokens written to a cache. @default the price of input */
  readonly cacheWrite?: number;
}

const RATES = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;
const SHAPE = '{model, input, output?, cacheRead?, cacheWrite?} in US dollars for a million tokens';

/** Leaves out what cannot be used, and says so in `problems`. */
export function resolvePrices(given: unknown, problems: string[]): PriceOverride[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) {
    problems.push(`option prices must be an array of ${SHAPE}, but got: ${show(given)}; using none`);
    return [];
  }
  return given.flatMap((entry: unknown, index) => {
    const problem = problemOf(entry);
    if (problem === undefined) return [copyOf(entry as PriceOverride)];
    problems.push(`option prices[${index}]${problem}; leaving it out`);
    return [];
  });
}

function problemOf(entry: unknown): string | undefined {
  if (typeof entry !== 'object' || entry === null) return ` must be ${SHAPE}, but got: ${show(entry)}`;
  const { model, ...rates } = entry as Record<string, unknown>;
  if (!(model instanceof RegExp) && (typeof model !== 'string' || model.trim() === '')) {
    return `.model must be a name or a RegExp, but got: ${show(model)}`;
  }
  for (const rate of RATES) {
    const value = rates[rate];
    if (value === undefined && rate !== 'input') continue;
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) continue;
    return `.${rate} must be a number of US dollars from 0, but got: ${show(value)}`;
  }
  return undefined;
}

/** What the worker is sent: no more than this, so that nothing in it can stop the structured clone. */
function copyOf({ model, input, output, cacheRead, cacheWrite }: PriceOverride): PriceOverride {
  return { model, input, output, cacheRead, cacheWrite };
}
