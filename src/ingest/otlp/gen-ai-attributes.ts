/** OpenTelemetry's gen_ai attributes, as other instrumentations write them: usage, cost, and the type of the observation. */

import type { Details } from '../../usage/details.js';
import type { ObservationType } from '../rows.js';
import type { Attributes, AttributeValue, OtlpSpan } from './otlp-span.js';

/** The specification counts cached and reasoning tokens within input and output; here each token is counted under one key. */
export function genAiUsage({ attributes }: OtlpSpan): Details | null {
  const usage: Details = {};
  const input = numberAt(attributes, 'gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens');
  const output = numberAt(attributes, 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens');
  const total = numberAt(attributes, 'gen_ai.usage.total_tokens');
  if (input !== null) usage.input = input;
  if (output !== null) usage.output = output;
  if (total !== null) usage.total = total;
  const parts = [
    ['gen_ai.usage.cache_read.input_tokens', 'input', 'input_cache_read'],
    ['gen_ai.usage.cache_creation.input_tokens', 'input', 'input_cache_creation'],
    ['gen_ai.usage.reasoning.output_tokens', 'output', 'output_reasoning'],
  ] as const;
  for (const [key, side, name] of parts) {
    const part = numberAt(attributes, key);
    if (part === null) continue;
    usage[name] = part;
    if (usage[side] !== undefined) usage[side] = Math.max(0, usage[side] - part);
  }
  return Object.keys(usage).length === 0 ? null : usage;
}

export function genAiCost({ attributes }: OtlpSpan): Details | null {
  const total = numberAt(attributes, 'gen_ai.usage.cost');
  return total === null ? null : { total };
}

function numberAt(attributes: Attributes, ...keys: string[]): number | null {
  for (const key of keys) {
    const value = attributes.get(key);
    const isReadable = typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string';
    if (isReadable && value !== '' && Number.isFinite(Number(value))) return Number(value);
  }
  return null;
}

const TYPE_OF_OPERATION: Record<string, ObservationType> = {
  chat: 'GENERATION',
  completion: 'GENERATION',
  text_completion: 'GENERATION',
  generate_content: 'GENERATION',
  generate: 'GENERATION',
  embeddings: 'EMBEDDING',
  execute_tool: 'TOOL',
  invoke_agent: 'AGENT',
  create_agent: 'AGENT',
};

/** The OpenInference kinds that Langfuse has under the same name. */
const OPEN_INFERENCE_KINDS: readonly ObservationType[] = [
  'CHAIN',
  'RETRIEVER',
  'EMBEDDING',
  'AGENT',
  'TOOL',
  'GUARDRAIL',
  'EVALUATOR',
];

const TOOL_KEYS = ['gen_ai.tool.name', 'gen_ai.tool.call.id'];
const MODEL_KEYS = [
  'langfuse.observation.model.name',
  'gen_ai.request.model',
  'gen_ai.response.model',
  'llm.model_name',
  'model',
];

/** Guesses the type if Langfuse's own attribute is missing (its otel/ObservationTypeMapper.ts). */
export function guessedType({ attributes }: OtlpSpan): ObservationType {
  const kind = attributes.get('openinference.span.kind');
  if (kind === 'LLM') return 'GENERATION';
  if (OPEN_INFERENCE_KINDS.includes(kind as ObservationType)) return kind as ObservationType;
  const operation = attributes.get('gen_ai.operation.name');
  if (typeof operation === 'string' && Object.hasOwn(TYPE_OF_OPERATION, operation)) {
    return TYPE_OF_OPERATION[operation] as ObservationType;
  }
  if (attributes.has('ai.toolCall.id')) return 'TOOL';
  if (TOOL_KEYS.some((key) => isMeaningful(attributes.get(key)))) return 'TOOL';
  return MODEL_KEYS.some((key) => isMeaningful(attributes.get(key))) ? 'GENERATION' : 'SPAN';
}

/** 0 and false count as values. */
function isMeaningful(value: AttributeValue | undefined): boolean {
  return (
    value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0)
  );
}
