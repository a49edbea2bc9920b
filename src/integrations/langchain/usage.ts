/** Token counts of a model's result, wherever the provider's package leaves them, under the keys that Langfuse's handler uses. */
import type { Fields, GenerationLike, ResultLike } from './langchain-types.js';

type Counts = Record<string, number>;

/** Names of the counts: of LangChain, OpenAI, Anthropic, Bedrock, and Vertex. */
const INPUT = ['input_tokens', 'promptTokens', 'prompt_tokens', 'inputTokens', 'inputTokenCount'];
const OUTPUT = ['output_tokens', 'completionTokens', 'completion_tokens', 'outputTokens', 'outputTokenCount'];
const TOTAL = ['total_tokens', 'totalTokens', 'totalTokenCount', 'total_token_count'];
INPUT.push('promptTokenCount', 'prompt_token_count');
OUTPUT.push('candidatesTokenCount', 'candidates_token_count');

/**
 * Parts that the provider counts beside the input or output, and those that it counts within: these are subtracted, as a server adds up
 * the kinds.
 */
const BESIDE: Readonly<Record<string, string>> = {
  cache_read_input_tokens: 'input_cache_read',
  cacheReadInputTokens: 'input_cache_read',
  cacheReadInputTokenCount: 'input_cache_read',
  cache_creation_input_tokens: 'input_cache_creation',
  cacheWriteInputTokens: 'input_cache_creation',
  cacheWriteInputTokenCount: 'input_cache_creation',
  thoughtsTokenCount: 'output_reasoning',
  thoughts_token_count: 'output_reasoning',
};
const WITHIN_INPUT: Readonly<Record<string, string>> = {
  cachedContentTokenCount: 'input_cache_read',
  cached_content_token_count: 'input_cache_read',
};

/** Where a provider's package may leave the counts, the most exact place first. */
function placesOf(generation: GenerationLike | undefined, llmOutput: Fields | undefined): unknown[] {
  const { message, generationInfo } = generation ?? {};
  const { response_metadata: response } = message ?? {};
  return [
    message?.usage_metadata,
    llmOutput?.tokenUsage,
    llmOutput?.usage,
    llmOutput?.estimatedTokenUsage,
    response?.tokenUsage,
    response?.usage,
    response?.usage_metadata,
    response?.usageMetadata,
    response?.['amazon-bedrock-invocationMetrics'],
    generationInfo?.usage_metadata,
    generationInfo?.usage,
    generationInfo?.tokenUsage,
    generationInfo?.['amazon-bedrock-invocationMetrics'],
  ];
}

/** Undefined if there are no counts. */
export function usageOf(
  result: ResultLike,
  generation: GenerationLike | undefined,
): Readonly<Counts> | undefined {
  const llmOutput = result.llmOutput;
  for (const place of placesOf(generation, llmOutput)) {
    if (typeof place !== 'object' || place === null) continue;
    const counts = readCounts(place as Fields);
    if (counts !== undefined) return counts;
  }
  return undefined;
}

function readCounts(usage: Fields): Counts | undefined {
  const counts: Counts = {};
  set(counts, 'input', first(usage, INPUT));
  set(counts, 'output', first(usage, OUTPUT));
  set(counts, 'total', first(usage, TOTAL));
  if (counts.input === undefined && counts.output === undefined && counts.total === undefined) {
    return undefined;
  }
  for (const key in BESIDE) set(counts, BESIDE[key] as string, usage[key]);
  for (const key in WITHIN_INPUT) subtract(counts, 'input', WITHIN_INPUT[key] as string, usage[key]);
  subtractAll(counts, 'input', usage.input_token_details ?? usage.prompt_tokens_details);
  subtractAll(counts, 'output', usage.output_token_details ?? usage.completion_tokens_details);
  return counts;
}

function subtractAll(counts: Counts, kind: 'input' | 'output', details: unknown): void {
  if (typeof details !== 'object' || details === null) return;
  for (const key in details) subtract(counts, kind, `${kind}_${key}`, (details as Fields)[key]);
}

function subtract(counts: Counts, kind: 'input' | 'output', part: string, value: unknown): void {
  if (typeof value !== 'number') return;
  counts[part] = value;
  const whole = counts[kind];
  if (whole !== undefined) counts[kind] = Math.max(0, whole - value);
}

function first(usage: Fields, names: readonly string[]): unknown {
  for (const name of names) if (typeof usage[name] === 'number') return usage[name];
  return undefined;
}

function set(counts: Counts, key: string, value: unknown): void {
  if (typeof value === 'number') counts[key] = value;
}
