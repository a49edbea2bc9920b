/**
 * Sets the fields of an observation's record from the bodies that an application passes.
 *
 * Token usage and cost get the form that a Langfuse server stores with each protocol: counts are whole numbers that are not negative,
 * costs are numbers that are not negative (`UsageDetails` and `CostDetails` in Langfuse's
 * packages/shared/src/server/ingestion/types.ts). The server drops anything else.
 */

import { message } from '../messages/message.js';
import type { ObservationFields } from '../records/observation.js';
import { usageDetailsOf } from '../shared/usage-details.js';
import type { GenerationBody, Usage } from './bodies.js';
import { toTime } from './clock.js';
import type { PromptLink, Propagated, TracingCore } from './core.js';
import { readable, readPrompt, toEnvironment, toLevel, toText, warnUnreadable } from './fields.js';
import { addMetadata, freeze, freezeMetadata, keepPayload, type MaskSubject } from './payloads.js';

/** `subject`: the observation, for the mask function. */
export function applyObservationBody(
  core: TracingCore,
  fields: ObservationFields,
  body: GenerationBody,
  subject: MaskSubject,
): void {
  try {
    applyFields(core, fields, body, subject);
  } catch (error) {
    warnUnreadable(core, error);
    applyFields(core, fields, readable(body), subject);
  }
}

/**
 * Fields that are null or missing stay as they are. Most fields are missing, and checking costs less than converting nothing.
 * Metadata comes last: it is appended, which must happen only once.
 */
function applyFields(
  core: TracingCore,
  fields: ObservationFields,
  body: GenerationBody,
  subject: MaskSubject,
): void {
  if (body.name !== undefined) fields.name = toText(body.name) ?? fields.name;
  if (body.input !== undefined)
    fields.input = keepPayload(core, body.input, 'input', subject) ?? fields.input;
  if (body.output !== undefined)
    fields.output = keepPayload(core, body.output, 'output', subject) ?? fields.output;
  if (body.level !== undefined) fields.level = toLevel(core, body.level) ?? fields.level;
  if (body.statusMessage !== undefined)
    fields.statusMessage = toText(body.statusMessage) ?? fields.statusMessage;
  if (body.version !== undefined) fields.version = toText(body.version) ?? fields.version;
  if (body.environment !== undefined)
    fields.environment = toEnvironment(core, body.environment) ?? fields.environment;
  if (body.startTime !== undefined) fields.startTime = toTime(body.startTime) ?? fields.startTime;
  if (body.endTime !== undefined) fields.endTime = toTime(body.endTime) ?? fields.endTime;
  applyModelFields(core, fields, body);
  if (body.metadata !== undefined)
    fields.metadata = addMetadata(fields.metadata, freezeMetadata(core, body.metadata, subject));
}

/** The fields that only calls of a model have by type. Values that other observations get are written as well. */
function applyModelFields(core: TracingCore, fields: ObservationFields, body: GenerationBody): void {
  const { usage, usageDetails, costDetails, prompt } = body;
  if (body.model !== undefined) fields.model = toText(body.model) ?? fields.model;
  if (body.modelParameters !== undefined)
    fields.modelParameters = freeze(core, body.modelParameters) ?? fields.modelParameters;
  if (body.completionStartTime !== undefined)
    fields.completionStartTime = toTime(body.completionStartTime) ?? fields.completionStartTime;
  if (usage !== undefined && usage !== null) applyUsage(core, fields, readUsage(core, usage));
  if (usageDetails !== undefined && usageDetails !== null)
    applyUsage(core, fields, { usageDetails: readUsageDetails(core, usageDetails) });
  if (costDetails !== undefined && costDetails !== null)
    applyUsage(core, fields, { costDetails: readCostDetails(core, costDetails) });
  if (prompt !== undefined && prompt !== null) linkPrompt(fields, readPrompt(core, prompt));
}

function applyUsage(
  core: TracingCore,
  fields: ObservationFields,
  { usageDetails, costDetails, unit }: UsageFields,
): void {
  fields.usageDetails = freeze(core, usageDetails) ?? fields.usageDetails;
  fields.costDetails = freeze(core, costDetails) ?? fields.costDetails;
  fields.usageUnit = unit ?? fields.usageUnit;
}

function linkPrompt(fields: ObservationFields, { name, version }: PromptLink): void {
  fields.promptName = name;
  fields.promptVersion = version;
}

export function applyPropagated(
  fields: ObservationFields,
  { version, environment, prompt }: Propagated,
): void {
  fields.version = version ?? fields.version;
  fields.environment = environment ?? fields.environment;
  // A server links prompts to generations only.
  if (prompt !== null && fields.type === 'generation') linkPrompt(fields, prompt);
}

type Numbers = Readonly<Record<string, number>>;

interface UsageFields {
  readonly usageDetails?: Numbers | undefined;
  readonly costDetails?: Numbers | undefined;
  /** Null: tokens. */
  readonly unit?: string | null;
}

/** The units of older servers, beside TOKENS (`ModelUsageUnit` in Langfuse's packages/shared/src/constants.ts). */
const OTHER_UNITS = new Set(['CHARACTERS', 'MILLISECONDS', 'SECONDS', 'REQUESTS', 'IMAGES']);

/** Undefined if there are no counts. */
export function readUsageDetails(
  core: TracingCore,
  details: NonNullable<GenerationBody['usageDetails']>,
): Numbers | undefined {
  try {
    return isOpenAI(details)
      ? usageDetailsOf(details, toCount)
      : numbersOf(core, 'usageDetails', details, toCount);
  } catch (error) {
    warnUnreadable(core, error);
    return undefined;
  }
}

/** US dollars. Undefined if there are none. */
export function readCostDetails(
  core: TracingCore,
  details: NonNullable<GenerationBody['costDetails']>,
): Numbers | undefined {
  try {
    return numbersOf(core, 'costDetails', details, toAmount);
  } catch (error) {
    warnUnreadable(core, error);
    return undefined;
  }
}

/** Tokens and costs of an older `usage`. Empty if it has none or cannot be read. */
export function readUsage(core: TracingCore, usage: Usage): UsageFields {
  try {
    const { inputCost, outputCost, totalCost, unit, ...units } = usage;
    const name = toText(unit)?.toUpperCase() ?? '';
    return {
      usageDetails: usageDetailsOf(units, toCount),
      costDetails: usageDetailsOf({ input: inputCost, output: outputCost, total: totalCost }, toAmount),
      unit: OTHER_UNITS.has(name) ? name : null,
    };
  } catch (error) {
    warnUnreadable(core, error);
    return {};
  }
}

/** Returns the object itself if nothing has to change. */
function numbersOf(
  core: TracingCore,
  option: string,
  details: object,
  toNumber: (value: unknown) => number | undefined,
): Numbers | undefined {
  if (holdsNumbers(details as Readonly<Record<string, unknown>>, toNumber)) return details as Numbers;
  const entries = Object.entries(details);
  const numbers: [string, number][] = [];
  const leftOut: string[] = [];
  for (const [key, value] of entries) {
    const number = toNumber(value);
    if (number !== undefined) numbers.push([key, number]);
    else if (value !== undefined && value !== null) leftOut.push(key);
  }
  if (leftOut.length > 0) {
    core.notifier.warnOnce(message('TAILRACE_USAGE_INVALID', option, show(leftOut)), option);
  }
  return numbers.length === 0 ? undefined : Object.fromEntries(numbers);
}

/** Whether all values are right, as they mostly are. This check allocates nothing. */
function holdsNumbers(
  details: Readonly<Record<string, unknown>>,
  toNumber: (value: unknown) => number | undefined,
): boolean {
  let isEmpty = true;
  for (const key in details) {
    if (toNumber(details[key]) !== details[key]) return false;
    isEmpty = false;
  }
  return !isEmpty;
}

const MAX_SHOWN_KEYS = 5;
const MAX_SHOWN_CHARACTERS = 40;

function show(keys: readonly string[]): string {
  const shown = keys
    .slice(0, MAX_SHOWN_KEYS)
    .map((key) => JSON.stringify(key.slice(0, MAX_SHOWN_CHARACTERS)));
  return shown.join(', ') + (keys.length > MAX_SHOWN_KEYS ? ', …' : '');
}

function isOpenAI(details: unknown): details is Readonly<Record<string, unknown>> {
  if (typeof details !== 'object' || details === null) return false;
  return 'prompt_tokens' in details || ('input_tokens' in details && 'input_tokens_details' in details);
}

/** Undefined if the value is not a count: a server refuses the whole observation if a count is not an exact integer. */
function toCount(value: unknown): number | undefined {
  const count = Math.round(toAmount(value) ?? Number.NaN);
  return Number.isSafeInteger(count) ? count : undefined;
}

const DECIMAL = /^\s*\d+(?:\.\d+)?(?:e[+-]?\d+)?\s*$/i;

/** Undefined if the value is not a number, or negative. A text of digits counts as its number. */
function toAmount(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 0 && Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint' || value instanceof Number) return toAmount(Number(value));
  return typeof value === 'string' && DECIMAL.test(value) ? toAmount(Number(value)) : undefined;
}
