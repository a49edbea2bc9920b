/** Validates usage and cost as a Langfuse server does (its ingestion/types.ts: UsageDetails, CostDetails, usage). */

import type { Details } from '../usage/details.js';
import { complain, type Subject, typeOfValue } from './findings.js';
import { isObject } from './json-text.js';
import { define } from './merge.js';

/** OpenAI's two spellings. A usage with exactly these keys is converted to Langfuse's keys. */
const OPEN_AI_SHAPES = [
  ['prompt_tokens', 'completion_tokens', 'prompt_tokens_details', 'completion_tokens_details'],
  ['input_tokens', 'output_tokens', 'input_tokens_details', 'output_tokens_details'],
] as const;

type OpenAiShape = (typeof OPEN_AI_SHAPES)[number];

/** Null if no member is valid. */
export function judgedUsage(subject: Subject, field: string, raw: Record<string, unknown>): Details | null {
  for (const shape of OPEN_AI_SHAPES) {
    if (!(shape[0] in raw || shape[1] in raw)) continue;
    if (isOpenAiUsage(raw, shape)) return openAiUsage(raw, shape);
    const rule = `with ${shape[0]} must have just the keys of OpenAI's usage and counts from 0 in all of them`;
    complain(
      subject,
      'usage-openai-shape',
      field,
      `${rule}: its keys stay as they are, and details are left out`,
    );
  }
  return rawUsage(subject, field, raw);
}

function isOpenAiUsage(raw: Record<string, unknown>, shape: OpenAiShape): boolean {
  const [input, output, inputDetails, outputDetails] = shape;
  const known: readonly string[] = [...shape, 'total_tokens'];
  return (
    Object.keys(raw).every((key) => known.includes(key)) &&
    isCount(raw[input]) &&
    isCount(raw[output]) &&
    isCount(raw.total_tokens) &&
    areCounts(raw[inputDetails]) &&
    areCounts(raw[outputDetails])
  );
}

function areCounts(details: unknown): boolean {
  if (details === undefined || details === null) return true;
  return isObject(details) && Object.values(details).every((one) => one === null || isCount(one));
}

function openAiUsage(
  raw: Record<string, unknown>,
  [input, output, inputDetails, outputDetails]: OpenAiShape,
): Details {
  const details: Details = {
    input: raw[input] as number,
    output: raw[output] as number,
    total: raw.total_tokens as number,
  };
  const sides = [
    ['input', raw[inputDetails]],
    ['output', raw[outputDetails]],
  ] as const;
  for (const [side, parts] of sides) {
    for (const [key, value] of Object.entries((parts ?? {}) as Record<string, number | null>)) {
      if (value === null) continue;
      define(details, `${side}_${key}`, value);
      details[side] = Math.max((details[side] as number) - value, 0);
    }
  }
  return details;
}

function rawUsage(subject: Subject, field: string, raw: Record<string, unknown>): Details | null {
  const details: Details = {};
  for (const [key, value] of Object.entries(raw)) {
    if (isCount(value)) {
      define(details, key, value);
      continue;
    }
    const digits = typeof value === 'string' ? Number.parseInt(value, 10) : Number.NaN;
    const member = `${field}.${key}`;
    if (isCount(digits)) {
      define(details, key, digits);
      complain(
        subject,
        'usage-member-parsed',
        member,
        `must be an integer from 0, but got a string: it counts as ${digits}`,
      );
    } else {
      complain(
        subject,
        'usage-member-dropped',
        member,
        `must be an integer from 0, but got ${typeOfValue(value)}: it is left out`,
      );
    }
  }
  return orNull(details);
}

export function judgedCost(subject: Subject, field: string, raw: Record<string, unknown>): Details | null {
  const details: Details = {};
  for (const [key, value] of Object.entries(raw)) {
    if (Number.isFinite(value) && (value as number) >= 0) define(details, key, value as number);
    else
      complain(
        subject,
        'cost-member-dropped',
        `${field}.${key}`,
        `must be a number from 0, but got ${typeOfValue(value)}: it is left out`,
      );
  }
  return orNull(details);
}

const UNIT_NAMES = ['TOKENS', 'CHARACTERS', 'MILLISECONDS', 'SECONDS', 'IMAGES', 'REQUESTS'];
const COUNT_NAMES = ['input', 'output', 'total', 'promptTokens', 'completionTokens', 'totalTokens'];
const COST_NAMES = ['inputCost', 'outputCost', 'totalCost'];

/** Returns what is wrong with a classic `usage`, or null. */
export function problemOfClassicUsage(usage: Record<string, unknown>): string | null {
  const wrongCount = COUNT_NAMES.find((name) => usage[name] != null && !Number.isSafeInteger(usage[name]));
  if (wrongCount !== undefined)
    return `.${wrongCount} must be an integer, but got ${typeOfValue(usage[wrongCount])}`;
  const wrongCost = COST_NAMES.find((name) => usage[name] != null && !Number.isFinite(usage[name]));
  if (wrongCost !== undefined)
    return `.${wrongCost} must be a number, but got ${typeOfValue(usage[wrongCost])}`;
  if (usage.unit != null && !UNIT_NAMES.includes(usage.unit as string)) {
    return `.unit must be one of ${UNIT_NAMES.join(', ')}, but got ${typeOfValue(usage.unit)}`;
  }
  return null;
}

/** Converts a valid classic `usage` to details (Langfuse's worker/src/services/IngestionService/index.ts). */
export function classicDetails(usage: Record<string, unknown>): { usage: Details; cost: Details } {
  const isOpenAi = 'promptTokens' in usage || 'completionTokens' in usage || 'totalTokens' in usage;
  const at = (name: string) => usage[name] as number | null | undefined;
  const [input, output, total] = isOpenAi
    ? [at('promptTokens'), at('completionTokens'), at('totalTokens')]
    : [at('input'), at('output'), at('total')];
  // OpenAI's spelling has no costs.
  const cost = isOpenAi ? {} : { input: at('inputCost'), output: at('outputCost'), total: at('totalCost') };
  return { usage: given({ input, output, total }), cost: given(cost) };
}

function given(details: Record<string, number | null | undefined>): Details {
  return Object.fromEntries(Object.entries(details).filter(([, value]) => value != null)) as Details;
}

function orNull(details: Details): Details | null {
  return Object.keys(details).length === 0 ? null : details;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
