/** The options for usage and cost that are not given: their shape, and what is usable of what an application passed. */
import { show } from './options.js';

/** What a model costs, in US dollars for a million tokens. */
export interface PriceOverride {
  /** The model as observations name it, in any case of letters; or a pattern, as a RegExp or in a text: `'/^my-/i'`. */
  readonly model: string | RegExp;
  /** Input tokens. */
  readonly input: number;
  /** Output tokens. Absent: the model has none, as one that makes embeddings. */
  readonly output?: number | undefined;
  /** Input tokens read from a cache. @default the price of input */
  readonly cacheRead?: number | undefined;
  /** Input tokens written to a cache. @default the price of input */
  readonly cacheWrite?: number | undefined;
}

const RATES = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;
const SHAPE = '{model, input, output?, cacheRead?, cacheWrite?} in US dollars for a million tokens';

export interface UsageOptions {
  readonly estimateUsage: boolean;
  readonly prices: readonly PriceOverride[];
}

export function resolveUsageOptions(
  given: { readonly estimateUsage?: unknown; readonly prices?: unknown },
  problems: string[],
): UsageOptions {
  const { estimateUsage = false } = given;
  const prices = resolvePrices(given.prices, problems);
  if (typeof estimateUsage !== 'boolean') {
    problems.push(`option estimateUsage must be true or false, but got: ${show(estimateUsage)}; using false`);
  } else if (!estimateUsage && prices.length > 0) {
    problems.push('option prices is for estimateUsage, which is off: the prices are not used');
  }
  return { estimateUsage: estimateUsage === true, prices };
}

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
  if (patternOf(model) === undefined) {
    return `.model must be a name or a regular expression, but got: ${show(model)}`;
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
  return { model: patternOf(model) ?? model, input, output, cacheRead, cacheWrite };
}

/** A name, or what finds one; undefined where it can be neither. */
function patternOf(model: unknown): string | RegExp | undefined {
  if (model instanceof RegExp) return model;
  if (typeof model !== 'string' || model.trim() === '') return undefined;
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/.exec(model) ?? [];
  if (source === undefined) return model;
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}
