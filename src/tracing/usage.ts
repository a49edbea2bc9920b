/**
 * Token usage and cost as a Langfuse server stores them, whatever the protocol: counts are whole numbers that are not
 * negative, costs are numbers that are not negative (`UsageDetails` and `CostDetails` in Langfuse's
 * packages/shared/src/server/ingestion/types.ts). The server drops anything else.
 */
import { message } from '../messages/message.js';
import { usageDetailsOf } from '../shared/usage-details.js';
import type { GenerationBody, Usage } from './bodies.js';
import { type TracingCore, warnUnreadable } from './core.js';
import { toText } from './fields.js';

type Numbers = Readonly<Record<string, number>>;

export interface UsageFields {
  readonly usageDetails?: Numbers | undefined;
  readonly costDetails?: Numbers | undefined;
  /** Null: tokens. */
  readonly unit?: string | null;
}

/** What older servers know, beside TOKENS (`ModelUsageUnit` in Langfuse's packages/shared/src/constants.ts). */
const OTHER_UNITS = new Set(['CHARACTERS', 'MILLISECONDS', 'SECONDS', 'REQUESTS', 'IMAGES']);

/** Undefined where there is nothing to count. */
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

/** US dollars; undefined where there are none. */
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

/** What an older `usage` says of tokens and of costs; nothing where it says nothing, or cannot be read. */
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

/** The object itself where there is nothing to change. */
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

/** Whether all is as it should be: mostly it is, and asked so it costs no memory. */
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

/** Undefined for what is no count: a server refuses the whole observation for one that is no exact integer. */
function toCount(value: unknown): number | undefined {
  const count = Math.round(toAmount(value) ?? Number.NaN);
  return Number.isSafeInteger(count) ? count : undefined;
}

const DECIMAL = /^\s*\d+(?:\.\d+)?(?:e[+-]?\d+)?\s*$/i;

/** Undefined for what is no number, or a negative one. A text of digits is the number that it says. */
function toAmount(value: unknown): number | undefined {
  if (typeof value === 'number') return value >= 0 && Number.isFinite(value) ? value : undefined;
  if (typeof value === 'bigint' || value instanceof Number) return toAmount(Number(value));
  return typeof value === 'string' && DECIMAL.test(value) ? toAmount(Number(value)) : undefined;
}
