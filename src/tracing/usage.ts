/** Token usage in its older spellings, as the details that Langfuse stores today. */
import { usageDetailsOf } from '../shared/usage-details.js';
import type { GenerationBody, Usage } from './bodies.js';

/** The details as they are, unless they are an answer of OpenAI's API. */
export function toUsageDetails(details: NonNullable<GenerationBody['usageDetails']>): unknown {
  try {
    return isOpenAI(details) ? usageDetailsOf(details, toCount) : details;
  } catch {
    return details;
  }
}

/** What an older `usage` says of tokens and of costs; undefined where it says nothing, or cannot be read. */
export function readUsage(usage: Usage): Pick<GenerationBody, 'usageDetails' | 'costDetails'> {
  try {
    const { inputCost, outputCost, totalCost, unit: _, ...units } = usage;
    return {
      usageDetails: usageDetailsOf(units, toCount),
      costDetails: usageDetailsOf({ input: inputCost, output: outputCost, total: totalCost }, toCount),
    };
  } catch {
    return {};
  }
}

function isOpenAI(details: unknown): details is Readonly<Record<string, unknown>> {
  if (typeof details !== 'object' || details === null) return false;
  return 'prompt_tokens' in details || ('input_tokens' in details && 'input_tokens_details' in details);
}

/** Undefined for what is no number. */
function toCount(value: unknown): number | undefined {
  if (typeof value === 'bigint' || value instanceof Number) return Number(value);
  return typeof value === 'number' ? value : undefined;
}
