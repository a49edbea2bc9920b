/** Options on usage and cost that are missing: `estimateUsage` and `prices`. */
import type { PriceOverride } from '../shared/contract/prices.js';
import { show } from '../shared/untrusted-text/show.js';
import { readFlag } from './readers.js';
import { type Settings, warnInvalid } from './settings.js';

const RATES = ['input', 'output', 'cacheRead', 'cacheWrite'] as const;
const SHAPE = '{model, input, output?, cacheRead?, cacheWrite?} in US dollars for a million tokens';

interface UsageOptions {
  readonly estimateUsage: boolean;
  readonly prices: readonly PriceOverride[];
}

export function resolveUsageOptions(settings: Settings): UsageOptions {
  const { given, problems } = settings;
  const prices = resolvePrices(given.prices, problems);
  const before = problems.length;
  const estimateUsage = readFlag(settings, 'estimateUsage');
  if (problems.length === before && !estimateUsage && prices.length > 0) {
    problems.push('option prices is for estimateUsage, which is off: the prices are not used');
  }
  return { estimateUsage, prices };
}

/** Leaves out each price that cannot be used, and names it in `problems`. */
export function resolvePrices(given: unknown, problems: string[]): PriceOverride[] {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) {
    warnInvalid(problems, 'option prices', `an array of ${SHAPE}`, `got: ${show(given)}`, 'using none');
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

/** Copies the known fields alone, so that nothing else can stop the structured clone to the worker. */
function copyOf({ model, input, output, cacheRead, cacheWrite }: PriceOverride): PriceOverride {
  return { model: patternOf(model) ?? model, input, output, cacheRead, cacheWrite };
}

/** A name, or a pattern for names; undefined: neither. */
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
