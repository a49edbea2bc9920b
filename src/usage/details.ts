/** Token usage and cost in the shapes that clients send them → Langfuse's usageDetails and costDetails. */

/** Each unit is counted under exactly one key; `total` is the sum of the others, or what the client said it is. */
export type Details = Record<string, number>;

export interface UsageAndCost {
  usageDetails: Details | null;
  costDetails: Details | null;
}

/** Other spellings of the three main keys: OpenAI's two APIs, Langfuse's older SDKs, OpenTelemetry. */
const aliases: Record<string, string> = {
  prompt_tokens: 'input',
  completion_tokens: 'output',
  total_tokens: 'total',
  input_tokens: 'input',
  output_tokens: 'output',
  promptTokens: 'input',
  completionTokens: 'output',
  totalTokens: 'total',
};

/** `input_tokens_details: {cached_tokens: 3}` says how much *of* the input was cached. */
const breakdowns: Record<string, 'input' | 'output'> = {
  prompt_tokens_details: 'input',
  input_tokens_details: 'input',
  completion_tokens_details: 'output',
  output_tokens_details: 'output',
};

/** Reads usage details as an object of numbers, in any of the spellings; null where it holds no number. */
export function readUsageDetails(raw: unknown): Details | null {
  if (!isObject(raw)) return null;
  const details: Details = {};
  for (const [key, value] of Object.entries(raw)) {
    if (typeof value === 'number' && Number.isFinite(value)) details[aliases[key] ?? key] = value;
  }
  for (const [key, side] of Object.entries(breakdowns)) {
    const parts = raw[key];
    if (!isObject(parts)) continue;
    for (const [part, value] of Object.entries(parts)) {
      if (typeof value !== 'number' || !Number.isFinite(value)) continue;
      details[`${side}_${part}`] = value;
      // The part is counted under its own key, so the side keeps the rest: no token is counted twice.
      if (details[side] !== undefined) details[side] = Math.max(0, details[side] - value);
    }
  }
  return Object.keys(details).length === 0 ? null : details;
}

export function readCostDetails(raw: unknown): Details | null {
  if (!isObject(raw)) return null;
  const entries = Object.entries(raw).filter(
    ([, value]) => typeof value === 'number' && Number.isFinite(value),
  );
  return entries.length === 0 ? null : (Object.fromEntries(entries) as Details);
}

/** The classic `usage` object: `{input, output, total, unit, inputCost, outputCost, totalCost}`, or OpenAI's. */
export function readClassicUsage(raw: unknown): UsageAndCost {
  if (!isObject(raw)) return { usageDetails: null, costDetails: null };
  const { inputCost, outputCost, totalCost, unit: _unit, ...units } = raw;
  return {
    usageDetails: readUsageDetails(units),
    costDetails: readCostDetails({ input: inputCost, output: outputCost, total: totalCost }),
  };
}

/** The total of the details: as given, or the sum of all other keys; null when there are none. */
export function totalOf(details: Details | null): number | null {
  if (details === null) return null;
  if (details.total !== undefined) return details.total;
  return Object.values(details).reduce((sum, value) => sum + value, 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
