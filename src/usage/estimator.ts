/**
 * Estimates missing usage and cost. In this order: a given cost stays; given usage is
 * multiplied by the model's price; text is counted only if neither was given, the model is known, and it has
 * answered. Anything else stays unknown, and is never 0.
 */

import { message, type WarningMessage } from '../messages/message.js';
import { FULLY_MASKED } from '../records/masking.js';
import type { PriceOverride } from '../shared/contract/prices.js';
import { REDACTED } from '../shared/contract/redaction.js';
import type { Details } from './details.js';
import type { Billed, Figures } from './figures.js';
import { type LoadEncoding, loadPrices, missingLibraries } from './libraries.js';
import { encodingOf } from './model-names.js';
import { type Cost, createPriceFinder, type Price } from './prices.js';
import { textsOfInput, textsOfOutput } from './texts.js';
import { type CountTokens, createTokenCounter } from './tokens.js';

/** Undefined if nothing can be estimated. Never throws. */
export type Estimate = (billed: Billed) => Figures | undefined;

/** `warn` is called once if packages are not installed; `load` loads an encoding. */
export function createEstimator(
  prices: readonly PriceOverride[],
  warn: (message: WarningMessage) => void,
  load?: LoadEncoding,
): Estimate {
  const missing = missingLibraries();
  if (missing.length > 0) {
    warn(message('TAILRACE_USAGE_PACKAGES_MISSING', missing.join(', '), missing.join(' ')));
  }
  const findPrice = createPriceFinder(prices, loadPrices());
  const countTokens = createTokenCounter(undefined, load);
  return (billed) => {
    if (billed.costDetails !== null) return undefined;
    try {
      const price = findPrice(billed);
      if (price === undefined) return undefined;
      return billed.usageDetails === null
        ? estimateByText(billed, price, countTokens)
        : computeByUsage(billed.usageDetails, billed.type, price);
    } catch {
      // Code of libraries runs on arbitrary text: if it throws, the cost is unknown.
      return undefined;
    }
  };
}

function computeByUsage(usage: Details, type: string, price: Price): Figures | undefined {
  const cost = price.cost(usage, type);
  if (cost === undefined) return undefined;
  const marks = { usage: 'given', cost: 'computed', price: price.source, priceModel: price.model } as const;
  return { costDetails: costDetails(cost), marks };
}

function estimateByText(billed: Billed, price: Price, countTokens: CountTokens): Figures | undefined {
  const { type, model, isError } = billed;
  if (isError || (type !== 'generation' && type !== 'embedding')) return undefined;
  const input = billed.input();
  const output = type === 'embedding' ? '' : billed.output();
  // A sum of one side alone would look like the whole.
  if (isMissing(input) || isMissing(output)) return undefined;
  const encoding = encodingOf(model);
  const read = textsOfInput(input);
  const written = textsOfOutput(output);
  const inputTokens = countTokens(read.texts, encoding.name);
  const outputTokens = countTokens(written.texts, encoding.name);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const usage = usageDetails(type, inputTokens + read.overheadTokens, outputTokens);
  const cost = price.cost(usage, type);
  const hasMedia = read.hasMedia || written.hasMedia;
  return {
    usageDetails: usage,
    ...(cost && { costDetails: costDetails(cost) }),
    marks: {
      usage: 'estimated',
      cost: cost === undefined ? 'unknown' : 'estimated',
      ...(cost && { price: price.source, priceModel: price.model }),
      tokenizer: encoding.label,
      ...(hasMedia && { uncounted: 'media' }),
    },
  };
}

/** A placeholder of a masked value is not what the model has seen. */
function isMissing(value: unknown): boolean {
  return value === null || value === undefined || value === FULLY_MASKED || value === REDACTED;
}

function usageDetails(type: string, input: number, output: number): Details {
  return type === 'embedding' ? { input, total: input } : { input, output, total: input + output };
}

function costDetails({ input, output, total }: Cost): Details {
  return { input, output, total };
}
