/**
 * Usage and cost where they are missing. In this order: a cost that was given stands; usage that was given is
 * multiplied by the model's price; text is counted only where neither was given, the model is known, and it has
 * answered. What cannot be told stays unknown, and is never 0.
 */
import { message, type WarningMessage } from '../messages/message.js';
import { FULLY_MASKED } from '../records/masking.js';
import { REDACTED } from '../shared/contract/redaction.js';
import type { PriceOverride } from '../shared/usage-options.js';
import type { Details } from './details.js';
import type { Billed, Figures } from './figures.js';
import { type LoadEncoding, loadPrices, missingLibraries } from './libraries.js';
import { encodingOf } from './model-names.js';
import { type Cost, createPriceFinder, type Price } from './prices.js';
import { textsOfInput, textsOfOutput } from './texts.js';
import { type CountTokens, createTokenCounter } from './tokens.js';

/** Undefined: nothing can be added. Never throws. */
export type Estimate = (billed: Billed) => Figures | undefined;

/** `warn` hears once of a package that is not installed; `load`, how an encoding is had. */
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
      // Somebody else's code at anybody's text: what it cannot take has an unknown cost, and no other effect.
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
  // With one side alone the sum would pass for the whole.
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

/** What stands for a value that was hidden as a whole is not what the model has seen. */
function isMissing(value: unknown): boolean {
  return value === null || value === undefined || value === FULLY_MASKED || value === REDACTED;
}

function usageDetails(type: string, input: number, output: number): Details {
  return type === 'embedding' ? { input, total: input } : { input, output, total: input + output };
}

function costDetails({ input, output, total }: Cost): Details {
  return { input, output, total };
}
