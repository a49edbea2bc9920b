/**
 * Reads options one by one, as the table describes them: the given value, else the environment, else the default. A value that
 * cannot be used is replaced by the default and named in a warning: a mistyped option must not take a service down.
 */
import { complain, type Found, find, type Settings } from './settings.js';
import { defaultNumber, factsOf, type OptionName } from './table/table.js';

const TRUE_WORDS = new Set(['true', '1', 'yes', 'on']);
const FALSE_WORDS = new Set(['false', '0', 'no', 'off']);

/** A flag that has a variable takes a variable's words as an option as well. */
export function readFlag(settings: Settings, option: OptionName): boolean {
  const { default: fallback, ifWrong = fallback, env = [] } = factsOf(settings.entry, option);
  const found = find(settings, option);
  if (found === undefined) return fallback === true;
  if (typeof found.value === 'boolean') return found.value;
  const word = typeof found.value === 'string' && env.length > 0 ? found.value.toLowerCase() : '';
  if (TRUE_WORDS.has(word)) return true;
  if (FALSE_WORDS.has(word)) return false;
  complain(settings, found, 'true or false', ifWrong === true);
  return ifWrong === true;
}

/** A number or whole number, for a row without `default` with that of the caller. */
export function readNumber(
  settings: Settings,
  option: OptionName,
  fallback = defaultNumber(settings.entry, option),
): number {
  return checkNumber(settings, find(settings, option), boundsOf(settings, option), fallback) ?? fallback;
}

/** Undefined: not given, or it cannot be used. The caller looks elsewhere. */
export function readOptionalNumber(settings: Settings, option: OptionName): number | undefined {
  return checkNumber(settings, find(settings, option), boundsOf(settings, option));
}

export interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly isWhole: boolean;
}

function boundsOf({ entry }: Settings, option: OptionName): Bounds {
  const { form, min = 0, max = Number.POSITIVE_INFINITY } = factsOf(entry, option);
  // Larger values are milliseconds.
  return { min, max: form === 'seconds' ? Number.POSITIVE_INFINITY : max, isWhole: form === 'integer' };
}

/** `Number()` would take `0x10` and `0b1` as well. */
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Of a number that is written in a variable as well. */
export function checkNumber(
  settings: Settings,
  found: Found | undefined,
  { min, max, isWhole }: Bounds,
  fallback?: number,
): number | undefined {
  if (found === undefined) return undefined;
  const isVariable = typeof found.value === 'string' && !found.name.startsWith('option ');
  const value = isVariable && DECIMAL.test(found.value as string) ? Number(found.value) : found.value;
  if (typeof value === 'number' && value >= min && value <= max && (!isWhole || Number.isInteger(value)))
    return value;
  const range = max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`;
  complain(settings, found, `a ${isWhole ? 'whole ' : ''}number ${range}`, fallback ?? 'the default');
  return undefined;
}

const MILLISECONDS_FROM = 1000;
const LONG_FROM_S = 60;

/**
 * An option in seconds, as milliseconds. A value from 1000 on is taken for milliseconds, as older clients had it, with a
 * warning: nobody wants to wait 17 minutes.
 */
export function readSecondsAsMs(settings: Settings, option: OptionName): number {
  return readOptionalSecondsAsMs(settings, option, defaultNumber(settings.entry, option)) as number;
}

/** Undefined: not given, or it cannot be used, and there is no `fallback` (in seconds). */
export function readOptionalSecondsAsMs(
  settings: Settings,
  option: OptionName,
  fallback?: number,
): number | undefined {
  const found = find(settings, option);
  const value = checkNumber(settings, found, boundsOf(settings, option), fallback) ?? fallback;
  if (value === undefined) return undefined;
  if (value < MILLISECONDS_FROM) {
    if (option === 'flushInterval' && value >= LONG_FROM_S && found !== undefined) tellUnit(settings, found);
    return Math.max(1, Math.round(value * 1000));
  }
  settings.problems.push(`${option} is in seconds; ${value} is read as ${value} milliseconds`);
  const maxMs = (factsOf(settings.entry, option).max as number) * 1000;
  return Math.min(maxMs, Math.round(value));
}

/** Older clients took milliseconds: an interval of a minute or more may well have been meant as them. */
function tellUnit({ problems }: Settings, { name, value }: Found): void {
  const given = Number(value);
  problems.push(
    `${name} is in seconds: ${given} is read as ${given} seconds; ${given} milliseconds would be ${given / 1000}`,
  );
}

export function readText(settings: Settings, option: OptionName): string | null {
  const found = find(settings, option);
  if (found === undefined) return null;
  // A key from a file or a variable easily has a line break at its end, and no header may.
  if (typeof found.value === 'string') return found.value.trim() || null;
  // Its type alone: it may be a secret in another shape.
  complain(settings, { ...found, value: typeof found.value }, 'a text', 'none');
  return null;
}

/** One of the words of the table, in any case; the first is the default. */
export function readChoice<T extends string>(settings: Settings, option: OptionName): T {
  return checkChoice(settings, find(settings, option), choicesOf<T>(settings, option));
}

export function choicesOf<T extends string>({ entry }: Settings, option: OptionName): readonly [T, ...T[]] {
  return factsOf(entry, option).choices as unknown as readonly [T, ...T[]];
}

export function checkChoice<T extends string>(
  settings: Settings,
  found: Found | undefined,
  choices: readonly [T, ...T[]],
): T {
  if (found === undefined) return choices[0];
  const word = typeof found.value === 'string' ? found.value.toLowerCase() : undefined;
  const choice = choices.find((one) => one === word);
  if (choice === undefined) complain(settings, found, `one of ${choices.join(', ')}`, choices[0]);
  return choice ?? choices[0];
}
