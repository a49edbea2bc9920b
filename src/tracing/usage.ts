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
  return isOpenAI(details) ? detailsOf(details) : details;
}

/** What an older `usage` says of tokens and of costs; undefined where it says nothing. */
export function readUsage(usage: Usage): Pick<GenerationBody, 'usageDetails' | 'costDetails'> {
  const { inputCost, outputCost, totalCost, unit: _, ...units } = usage;
  return {
    usageDetails: detailsOf(units),
    costDetails: detailsOf({ input: inputCost, output: outputCost, total: totalCost }),
  };
}

function isOpenAI(details: object): boolean {
  return 'prompt_tokens' in details || ('input_tokens' in details && 'input_tokens_details' in details);
}

function detailsOf(given: Readonly<Record<string, unknown>>): Record<string, number> | undefined {
  const details: Record<string, number> = {};
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === 'number') details[SPELLINGS[key] ?? key] = value;
  }
  for (const [key, side] of Object.entries(BREAKDOWNS)) {
    for (const [part, value] of Object.entries(given[key] ?? {})) {
      if (typeof value !== 'number') continue;
      details[`${side}_${part}`] = value;
      if (details[side] !== undefined) details[side] = Math.max(0, details[side] - value);
    }
  }
  return Object.keys(details).length === 0 ? undefined : details;
}
