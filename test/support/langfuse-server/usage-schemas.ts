/** What a Langfuse server reads as token usage: Langfuse's packages/shared/src/server/ingestion/types.ts. */
import { z } from 'zod';

const count = z.number().int().nullish();
const amount = z.number().nullish();
const unit = z.enum(['CHARACTERS', 'TOKENS', 'MILLISECONDS', 'SECONDS', 'IMAGES', 'REQUESTS']).nullish();

const ownUsage = z.object({
  input: count,
  output: count,
  total: count,
  unit,
  inputCost: amount,
  outputCost: amount,
  totalCost: amount,
});

const openAiUsage = { promptTokens: count, completionTokens: count, totalTokens: count };

/** The older `usage`: Langfuse's own members, or OpenAI's, which then count alone. */
export const usage = ownUsage
  .extend(openAiUsage)
  .nullish()
  .transform((given) => {
    if (!given) return null;
    if (Object.keys(openAiUsage).some((key) => key in given)) {
      const { promptTokens, completionTokens, totalTokens } = given;
      return { input: promptTokens, output: completionTokens, total: totalTokens, unit: 'TOKENS' as const };
    }
    return Object.keys(given).length === 0 ? undefined : given;
  })
  .pipe(ownUsage.nullish());

const nonNegative = z.number().int().nonnegative();
const parts = z.record(z.string(), nonNegative.nullish()).nullish();

/** One of OpenAI's two shapes, with nothing else in it: each part is taken out of its whole. */
function openAiShape(input: string, output: string) {
  return z
    .strictObject({
      [input]: nonNegative,
      [output]: nonNegative,
      total_tokens: nonNegative,
      [`${input}_details`]: parts,
      [`${output}_details`]: parts,
    })
    .transform((given) => {
      const counts: Record<string, number> = { total: given.total_tokens as number };
      for (const [side, key] of [
        ['input', input],
        ['output', output],
      ] as const) {
        counts[side] = given[key] as number;
        for (const [part, tokens] of Object.entries((given[`${key}_details`] ?? {}) as object)) {
          if (tokens === null || tokens === undefined) continue;
          counts[`${side}_${part}`] = tokens;
          counts[side] = Math.max((counts[side] as number) - tokens, 0);
        }
      }
      return counts;
    });
}

/** Whole numbers that are not negative, and texts that begin with one; anything else is left out. */
const anyCounts = z.record(z.string(), z.unknown()).transform((given) => {
  const kept = Object.entries(given)
    .map(([key, value]) => [key, typeof value === 'string' ? Number.parseInt(value, 10) : value] as const)
    .filter(([, value]) => Number.isInteger(value) && (value as number) >= 0);
  return kept.length === 0 ? undefined : (Object.fromEntries(kept) as Record<string, number>);
});

export const usageDetails = z
  .union([
    openAiShape('prompt_tokens', 'completion_tokens'),
    openAiShape('input_tokens', 'output_tokens'),
    anyCounts,
  ])
  .nullish();
