/** What only generations and their like have, or null where the server's schema refuses it (Langfuse's ingestion/types.ts). */

import { type Details, totalOf } from '../../../usage/details.js';
import { complain, typeOfValue, type Witness } from '../../complaints/findings.js';
import { isObject, parsedOrUndefined, payloadText, toJsonText, unparsedWords } from '../../json-text.js';
import type { Micros, ObservationRow, ObservationType } from '../../store/rows.js';
import { judgedCost, judgedUsage } from '../server-usage.js';
import { isIsoTime, judgedModelParameters, microsOfIso } from '../server-values.js';
import { genAiCost, genAiUsage } from './gen-ai-attributes.js';
import type { AttributeValue, OtlpSpan } from './otlp-span.js';
import {
  firstOf,
  type Judged,
  REFUSED,
  type SortedAttributes,
  textOf,
  textOrRefused,
} from './span-attributes.js';

export type GenerationFields = Pick<
  ObservationRow,
  | 'totalTokens'
  | 'totalCost'
  | 'completionStartUs'
  | 'model'
  | 'modelParameters'
  | 'usageDetails'
  | 'costDetails'
  | 'promptName'
  | 'promptVersion'
>;

const NOTHING: GenerationFields = {
  totalTokens: null,
  totalCost: null,
  completionStartUs: null,
  model: null,
  modelParameters: null,
  usageDetails: null,
  costDetails: null,
  promptName: null,
  promptVersion: null,
};

const MODEL_KEY = 'langfuse.observation.model.name';
const MODEL_KEYS = [MODEL_KEY, 'gen_ai.response.model', 'gen_ai.request.model'];
const PARAMETERS_KEY = 'langfuse.observation.model.parameters';
const USAGE_KEY = 'langfuse.observation.usage_details';
const COST_KEY = 'langfuse.observation.cost_details';
const COMPLETION_KEY = 'langfuse.observation.completion_start_time';

export function generationFields(
  span: OtlpSpan,
  type: ObservationType,
  sorted: SortedAttributes,
  witness: Witness,
): GenerationFields | null {
  const { attributes } = span;
  // All are looked at: one that is refused does not hide another.
  const prompt = promptOf(span, type, witness);
  if (type === 'SPAN' || type === 'EVENT') {
    complainOfIgnored(span, witness);
    return NOTHING;
  }
  const parameters = judgedModelParameters(witness, attributes.get(PARAMETERS_KEY));
  const completionStartUs = completionStartOf(attributes.get(COMPLETION_KEY), witness);
  const usageDetails = usageOf(span, witness);
  const costDetails = costOf(span, witness);
  if (parameters === null || completionStartUs === REFUSED || prompt === REFUSED) return null;
  return {
    totalTokens: totalOf(usageDetails),
    totalCost: totalOf(costDetails),
    completionStartUs,
    model: textOf(witness, span, MODEL_KEYS),
    modelParameters: payloadText(parameters ?? sorted.requestParameters),
    usageDetails: usageDetails && toJsonText(usageDetails),
    costDetails: costDetails && toJsonText(costDetails),
    promptName: prompt?.name ?? null,
    promptVersion: prompt?.version ?? null,
  };
}

/** The schemas of spans and events do not know these fields, and so do not judge them. */
function complainOfIgnored({ attributes }: OtlpSpan, witness: Witness): void {
  for (const key of [MODEL_KEY, PARAMETERS_KEY, USAGE_KEY, COST_KEY, COMPLETION_KEY]) {
    if (attributes.get(key))
      complain(witness, 'field-ignored', key, 'must be on a generation or its like: it is left out');
  }
}

/** Langfuse's clients write this time as a JSON string, in double quotes; others without. */
function completionStartOf(value: AttributeValue | undefined, witness: Witness): Judged<Micros> {
  if (value === undefined) return null;
  const candidates = [value, typeof value === 'string' ? parsedOrUndefined(value) : value];
  const time = candidates.find(isTimeOfJavaScript);
  if (isIsoTime(time)) return microsOfIso(time);
  if (time !== undefined) {
    complain(
      witness,
      'time-format',
      COMPLETION_KEY,
      `must be an ISO 8601 time with an offset, but got ${typeOfValue(time)} of another form`,
    );
    return REFUSED;
  }
  complain(
    witness,
    'time-ignored',
    COMPLETION_KEY,
    `must be an ISO 8601 time, but got ${typeOfValue(value)}: it is left out`,
  );
  return null;
}

function isTimeOfJavaScript(value: unknown): boolean {
  try {
    // Of a list JavaScript reads the text that it makes of it; of an object it can make none that is a time.
    const read = Array.isArray(value) && value.length < 10 ? value.join(',') : value;
    const isReadable = ['string', 'number', 'boolean'].includes(typeof read);
    return isReadable && !Number.isNaN(new Date(read as string | number).getTime());
  } catch {
    // Of an object whose toString is no function it makes no text at all.
    return false;
  }
}

function usageOf(span: OtlpSpan, witness: Witness): Details | null {
  const details = jsonObjectAt(span, USAGE_KEY, 'usage-ignored', witness);
  if (details === undefined) return genAiUsage(span);
  return details && judgedUsage(witness, USAGE_KEY, details);
}

function costOf(span: OtlpSpan, witness: Witness): Details | null {
  const details = jsonObjectAt(span, COST_KEY, 'cost-ignored', witness);
  if (details === undefined) return genAiCost(span);
  return details && judgedCost(witness, COST_KEY, details);
}

/** `undefined`: other attributes are asked; `null`: there is none (Langfuse's parseJsonObjectAttribute). */
function jsonObjectAt(
  { attributes }: OtlpSpan,
  key: string,
  code: 'usage-ignored' | 'cost-ignored',
  witness: Witness,
): Record<string, unknown> | null | undefined {
  const value = attributes.get(key);
  if (value === undefined || value === null) return undefined;
  const parsed = typeof value === 'string' ? parsedOrUndefined(value) : value;
  if (typeof value === 'string' && isObject(parsed)) return parsed;
  const what = parsed === undefined ? unparsedWords(value as string) : typeOfValue(parsed);
  complain(witness, code, key, `must be the JSON of an object, but got ${what}: it is left out`);
  return value && parsed !== undefined ? null : undefined;
}

const PROMPT_NAME_KEY = 'langfuse.observation.prompt.name';
const PROMPT_VERSION_KEY = 'langfuse.observation.prompt.version';

function promptOf(
  span: OtlpSpan,
  type: ObservationType,
  witness: Witness,
): Judged<{ name: string; version: number }> {
  const name = firstOf(span, PROMPT_NAME_KEY, 'langfuse.prompt.name');
  const version = firstOf(span, PROMPT_VERSION_KEY, 'langfuse.prompt.version');
  if (name === undefined && version === undefined) return null;
  if (type !== 'GENERATION') {
    const field = name === undefined ? PROMPT_VERSION_KEY : PROMPT_NAME_KEY;
    complain(
      witness,
      'prompt-ignored',
      field,
      `must be on a generation, but this is of the type ${type}: it is left out`,
    );
    return null;
  }
  if (name !== undefined && typeof name !== 'string')
    return textOrRefused(witness, PROMPT_NAME_KEY, name) as typeof REFUSED;
  if (version !== undefined && !Number.isSafeInteger(version)) {
    complain(
      witness,
      'prompt-version-type',
      PROMPT_VERSION_KEY,
      `must be an integer, but got ${typeOfValue(version)}`,
    );
    return REFUSED;
  }
  if (!name && !version) return null;
  if (name && version) return { name, version: version as number };
  const [given, missing] = name
    ? [PROMPT_NAME_KEY, PROMPT_VERSION_KEY]
    : [PROMPT_VERSION_KEY, PROMPT_NAME_KEY];
  const problem = name && version === 0 ? 'and version 0 is none' : `but ${missing} is missing`;
  complain(witness, 'prompt-incomplete', given, `must come with ${missing}, ${problem}`);
  return REFUSED;
}
