/** Converts token usage, in any of its spellings, to the details that Langfuse stores. */

/** Each unit is counted under exactly one key. `total` is the sum of the others, or the client's own total. */
export type Details = Record<string, number>;

/** Other spellings of the three main keys: OpenAI's two APIs, Langfuse's older SDKs, OpenTelemetry. */
const SPELLINGS: Readonly<Record<string, string>> = {
  prompt_tokens: 'input',
  completion_tokens: 'output',
  total_tokens: 'total',
  input_tokens: 'input',
  output_tokens: 'output',
  promptTokens: 'input',
  completionTokens: 'output',
  totalTokens: 'total',
};

/** `input_tokens_details: {cached_tokens: 3}`: so many *of* the input tokens were cached. */
const BREAKDOWNS: Readonly<Record<string, 'input' | 'output'>> = {
  prompt_tokens_details: 'input',
  input_tokens_details: 'input',
  completion_tokens_details: 'output',
  output_tokens_details: 'output',
};

/** `toCount` converts a value to a count; undefined: it is none. Returns undefined if there are no counts. */
export function usageDetailsOf(
  usage: Readonly<Record<string, unknown>>,
  toCount: (value: unknown) => number | undefined,
): Details | undefined {
  const details: Details = {};
  for (const [key, count] of Object.entries(usage)) {
    const value = toCount(count);
    if (value !== undefined) details[SPELLINGS[key] ?? key] = value;
  }
  for (const [key, side] of Object.entries(BREAKDOWNS)) {
    const parts = usage[key];
    // The indices of an array would be taken for names.
    if (typeof parts !== 'object' || parts === null || Array.isArray(parts)) continue;
    for (const [part, count] of Object.entries(parts)) {
      const value = toCount(count);
      if (value === undefined) continue;
      details[`${side}_${part}`] = value;
      // The part is counted under its own key, so it is subtracted from the side: no token is counted twice.
      if (details[side] !== undefined) details[side] = Math.max(0, details[side] - value);
    }
  }
  return Object.keys(details).length === 0 ? undefined : details;
}
