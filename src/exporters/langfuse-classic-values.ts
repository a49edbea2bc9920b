/**
 * Values in the forms that the classic endpoint takes: it refuses the whole observation for one that it does not
 * (`CreateGenerationBody` in Langfuse's packages/shared/src/server/ingestion/types.ts).
 */

import { stringifyWellFormed } from '../shared/json.js';
import { isRecord } from '../shared/metadata.js';
import { withoutNulls } from './langfuse-ingestion.js';

/** Texts, numbers, truth values and lists of texts are taken as they are; anything else goes as its JSON text. */
export function toModelParameters(value: unknown): Record<string, unknown> {
  const parameters = isRecord(value) ? value : { parameters: value };
  return Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, toParameter(one)]));
}

function toParameter(value: unknown): unknown {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  return stringifyWellFormed(value);
}

/** OpenAI's two shapes, which the server knows with their breakdowns, but with nothing else in them. */
const OPENAI_SHAPES = [
  {
    counts: ['prompt_tokens', 'completion_tokens', 'total_tokens'],
    breakdowns: ['prompt_tokens_details', 'completion_tokens_details'],
  },
  {
    counts: ['input_tokens', 'output_tokens', 'total_tokens'],
    breakdowns: ['input_tokens_details', 'output_tokens_details'],
  },
];

/** Tokens and cost for servers of every age: `usage` is what those from before `usageDetails` (Langfuse 3) read. */
export function usageFields(usageDetails: unknown, costDetails: unknown): Record<string, unknown> {
  const tokens = toUsageDetails(usageDetails);
  const cost = isRecord(costDetails) ? amountsOf(costDetails) : null;
  if (tokens === null && cost === null) return {};
  const first = (...keys: string[]): unknown => keys.map((key) => tokens?.[key]).find(Number.isInteger);
  const usage = withoutNulls({
    input: first('input', 'prompt_tokens', 'input_tokens'),
    output: first('output', 'completion_tokens', 'output_tokens'),
    total: first('total', 'total_tokens'),
    unit: tokens === null ? null : 'TOKENS',
    inputCost: cost?.input,
    outputCost: cost?.output,
    totalCost: cost?.total,
  });
  return withoutNulls({ usageDetails: tokens, costDetails: cost, usage });
}

function toUsageDetails(value: unknown): Record<string, unknown> | null {
  if (!isRecord(value)) return null;
  if (OPENAI_SHAPES.some((shape) => hasShape(value, shape))) return value;
  // A breakdown that the server does not know is dropped: its side counts the same tokens already.
  return Object.fromEntries(Object.entries(amountsOf(value)).map(([key, n]) => [key, Math.round(n)]));
}

function hasShape(
  value: Record<string, unknown>,
  { counts, breakdowns }: (typeof OPENAI_SHAPES)[number],
): boolean {
  return (
    counts.every((key) => isCount(value[key])) &&
    Object.entries(value).every(
      ([key, one]) =>
        counts.includes(key) ||
        (breakdowns.includes(key) &&
          (one === null || (isRecord(one) && Object.values(one).every((n) => n === null || isCount(n))))),
    )
  );
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0;
}

function amountsOf(details: Record<string, unknown>): Record<string, number> {
  const isAmount = (entry: [string, unknown]): entry is [string, number] =>
    typeof entry[1] === 'number' && entry[1] >= 0;
  return Object.fromEntries(Object.entries(details).filter(isAmount));
}
