/** Token usage in its older spellings, as the details that Langfuse stores today. */
import type { GenerationBody, Usage } from './bodies.js';

/** Langfuse's clients before version 3, and OpenAI's two APIs. */
const SPELLINGS: Readonly<Record<string, string>> = {
  promptTokens: 'input',
  completionTokens: 'output',
  totalTokens: 'total',
  prompt_tokens: 'input',
  completion_tokens: 'output',
  total_tokens: 'total',
  input_tokens: 'input',
  output_tokens: 'output',
};
/** Of which part of the tokens these are the parts: they are counted under names of their own, and not twice. */
const BREAKDOWNS: Readonly<Record<string, string>> = {
  prompt_tokens_details: 'input',
  completion_tokens_details: 'output',
  input_tokens_details: 'input',
  output_tokens_details: 'output',
};

/** The details as they are, unless they are an answer of OpenAI's API. */
export function toUsageDetails(details: NonNullable<GenerationBody['usageDetails']>): unknown {
  try {
    return isOpenAI(details) ? detailsOf(details) : details;
  } catch {
    return details;
  }
}

/** What an older `usage` says of tokens and of costs; undefined where it says nothing, or cannot be read. */
export function readUsage(usage: Usage): Pick<GenerationBody, 'usageDetails' | 'costDetails'> {
  try {
    const { inputCost, outputCost, totalCost, unit: _, ...units } = usage;
    return {
      usageDetails: detailsOf(units),
      costDetails: detailsOf({ input: inputCost, output: outputCost, total: totalCost }),
    };
  } catch {
    return {};
  }
}

function isOpenAI(details: unknown): details is Readonly<Record<string, unknown>> {
  if (typeof details !== 'object' || details === null) return false;
  return 'prompt_tokens' in details || ('input_tokens' in details && 'input_tokens_details' in details);
}

function detailsOf(given: Readonly<Record<string, unknown>>): Record<string, number> | undefined {
  const details: Record<string, number> = {};
  for (const [key, count] of Object.entries(given)) {
    const value = toCount(count);
    if (value !== undefined) details[SPELLINGS[key] ?? key] = value;
  }
  for (const [key, side] of Object.entries(BREAKDOWNS)) {
    for (const [part, count] of Object.entries(given[key] ?? {})) {
      const value = toCount(count);
      if (value === undefined) continue;
      details[`${side}_${part}`] = value;
      if (details[side] !== undefined) details[side] = Math.max(0, details[side] - value);
    }
  }
  return Object.keys(details).length === 0 ? undefined : details;
}

/** Undefined for what is no number. */
function toCount(value: unknown): number | undefined {
  if (typeof value === 'bigint' || value instanceof Number) return Number(value);
  return typeof value === 'number' ? value : undefined;
}
