/** Reads the fields of generations and similar types; null if the server's schema refuses one (Langfuse's ingestion/types.ts). */

import { type Details, totalOf } from '../../usage/details.js';
import { complain, type Subject, typeOfValue } from '../findings.js';
import { describeUnparsed, isObject, parsedOrUndefined, payloadText, toJsonText } from '../json-text.js';
import type { Micros, ObservationRow, ObservationType } from '../rows.js';
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

type GenerationFields = Pick<
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
export const PARAMETERS_KEY = 'langfuse.observation.model.parameters';
const USAGE_KEY = 'langfuse.observation.usage_details';
const COST_KEY = 'langfuse.observation.cost_details';
const COMPLETION_KEY = 'langfuse.observation.completion_start_time';

export function generationFields(
  span: OtlpSpan,
  type: ObservationType,
  sorted: SortedAttributes,
  subject: Subject,
): GenerationFields | null {
  const { attributes } = span;
  // All are checked: one refused field does not hide another.
  const prompt = promptOf(span, type, subject);
  if (type === 'SPAN' || type === 'EVENT') {
    complainOfIgnored(span, subject);
    return NOTHING;
  }
  const parameters = judgedModelParameters(subject, attributes.get(PARAMETERS_KEY));
  const completionStartUs = completionStartOf(attributes.get(COMPLETION_KEY), subject);
  const usageDetails = usageOf(span, subject);
  const costDetails = costOf(span, subject);
  if (parameters === null || completionStartUs === REFUSED || prompt === REFUSED) return null;
  return {
    totalTokens: totalOf(usageDetails),
    totalCost: totalOf(costDetails),
    completionStartUs,
    model: textOf(subject, span, MODEL_KEYS),
    modelParameters: payloadText(parameters ?? sorted.requestParameters),
    usageDetails: usageDetails && toJsonText(usageDetails),
    costDetails: costDetails && toJsonText(costDetails),
    promptName: prompt?.name ?? null,
    promptVersion: prompt?.version ?? null,
  };
}

/** The schemas of spans and events do not have these fields, and do not validate them. */
function complainOfIgnored({ attributes }: OtlpSpan, subject: Subject): void {
  for (const key of [MODEL_KEY, PARAMETERS_KEY, USAGE_KEY, COST_KEY, COMPLETION_KEY]) {
    if (attributes.get(key))
      complain(subject, 'field-ignored', key, 'must be on a generation or its like: it is left out');
  }
}

/** Langfuse's clients write this time as a JSON string, in double quotes; other clients write it plain. */
function completionStartOf(value: AttributeValue | undefined, subject: Subject): Judged<Micros> {
  if (value === undefined) return null;
  const candidates = [value, typeof value === 'string' ? parsedOrUndefined(value) : value];
  const time = candidates.find(isTimeOfJavaScript);
  if (isIsoTime(time)) return microsOfIso(time);
  if (time !== undefined) {
    complain(
      subject,
      'time-format',
      COMPLETION_KEY,
      `must be an ISO 8601 time with an offset, but got ${typeOfValue(time)} of another form`,
    );
    return REFUSED;
  }
  complain(
    subject,
    'time-ignored',
    COMPLETION_KEY,
    `must be an ISO 8601 time, but got ${typeOfValue(value)}: it is left out`,
  );
  return null;
}

function isTimeOfJavaScript(value: unknown): boolean {
  try {
    // JavaScript parses the string form of a list; that of an object is never a time.
    const read = Array.isArray(value) && value.length < 10 ? value.join(',') : value;
    const isReadable = ['string', 'number', 'boolean'].includes(typeof read);
    return isReadable && !Number.isNaN(new Date(read as string | number).getTime());
  } catch {
    // An object whose toString is not a function has no string form.
    return false;
  }
}

function usageOf(span: OtlpSpan, subject: Subject): Details | null {
  const details = jsonObjectAt(span, USAGE_KEY, 'usage-ignored', subject);
  if (details === undefined) return genAiUsage(span);
  return details && judgedUsage(subject, USAGE_KEY, details);
}

function costOf(span: OtlpSpan, subject: Subject): Details | null {
  const details = jsonObjectAt(span, COST_KEY, 'cost-ignored', subject);
  if (details === undefined) return genAiCost(span);
  return details && judgedCost(subject, COST_KEY, details);
}

/** `undefined`: try other attributes; `null`: there is none (Langfuse's parseJsonObjectAttribute). */
function jsonObjectAt(
  { attributes }: OtlpSpan,
  key: string,
  code: 'usage-ignored' | 'cost-ignored',
  subject: Subject,
): Record<string, unknown> | null | undefined {
  const value = attributes.get(key);
  if (value === undefined || value === null) return undefined;
  const parsed = typeof value === 'string' ? parsedOrUndefined(value) : value;
  if (typeof value === 'string' && isObject(parsed)) return parsed;
  const what = parsed === undefined ? describeUnparsed(value as string) : typeOfValue(parsed);
  complain(subject, code, key, `must be the JSON of an object, but got ${what}: it is left out`);
  return value && parsed !== undefined ? null : undefined;
}

const PROMPT_NAME_KEY = 'langfuse.observation.prompt.name';
const PROMPT_VERSION_KEY = 'langfuse.observation.prompt.version';

function promptOf(
  span: OtlpSpan,
  type: ObservationType,
  subject: Subject,
): Judged<{ name: string; version: number }> {
  const name = firstOf(span, PROMPT_NAME_KEY, 'langfuse.prompt.name');
  const version = firstOf(span, PROMPT_VERSION_KEY, 'langfuse.prompt.version');
  if (name === undefined && version === undefined) return null;
  if (type !== 'GENERATION') {
    const field = name === undefined ? PROMPT_VERSION_KEY : PROMPT_NAME_KEY;
    complain(
      subject,
      'prompt-ignored',
      field,
      `must be on a generation, but this is of the type ${type}: it is left out`,
    );
    return null;
  }
  if (name !== undefined && typeof name !== 'string')
    return textOrRefused(subject, PROMPT_NAME_KEY, name) as typeof REFUSED;
  if (version !== undefined && !Number.isSafeInteger(version)) {
    complain(
      subject,
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
  complain(subject, 'prompt-incomplete', given, `must come with ${missing}, ${problem}`);
  return REFUSED;
}
