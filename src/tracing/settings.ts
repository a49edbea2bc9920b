/** Reads options one by one: the constructor's value, else the environment's, else the default; nonsense is named. */
import { FULLY_MASKED } from '../records/masking.js';
import { show, UNREADABLE } from '../shared/options.js';
import { printableName } from '../shared/untrusted-text/printable.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  readonly given: Readonly<Record<string, unknown>>;
  readonly env: Environment;
  /** To be told once. */
  readonly problems: string[];
  /** To be told once, as errors: why nothing goes where it was to go. */
  readonly faults: string[];
}

/**
 * The options that were passed, each read once; null is as if it were missing. A getter may throw, and a revoked proxy
 * at any use. What masks cannot be known of options that cannot be read at all: nothing is traced then.
 */
export function takeOptions(
  options: unknown,
  known: Readonly<Record<string, true>>,
  problems: string[],
): Record<string, unknown> {
  if (typeof options !== 'object' || options === null) {
    problems.push(`the options must be an object, but got: ${show(options)}; using the defaults`);
    return {};
  }
  try {
    const unknown = Object.keys(options).filter((name) => !Object.hasOwn(known, name));
    const meantToHide = unknown.filter((name) => HIDES.test(name));
    const ignored = unknown.filter((name) => !HIDES.test(name));
    if (ignored.length > 0)
      problems.push(`there is no option ${ignored.map((name) => printableName(name)).join(', ')}; ignored`);
    if (meantToHide.length > 0) return { ...read(options, known), mask: maskAll(meantToHide, problems) };
  } catch {
    problems.push('the options cannot be read: nothing is traced');
    return { enabled: false };
  }
  return read(options, known);
}

/** What a name says that was meant to be `mask`, `maskModule` or `redact`. */
const HIDES = /mask|redact|saniti[sz]e|anonymi[sz]e|scrub/i;

function maskAll(names: readonly string[], problems: string[]): () => string {
  problems.push(
    `there is no option ${names.join(', ')}; masking everything, in case mask, maskModule or redact was meant`,
  );
  return () => FULLY_MASKED;
}

function read(options: object, known: Readonly<Record<string, true>>): Record<string, unknown> {
  const entries = Object.keys(known).map((name) => [name, readOption(options, name)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
}

function readOption(options: object, name: string): unknown {
  try {
    const value = (options as Record<string, unknown>)[name];
    return isRevoked(value) ? UNREADABLE : value;
  } catch {
    return UNREADABLE;
  }
}

function isRevoked(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return Reflect.getPrototypeOf(value) === undefined;
  } catch {
    return true;
  }
}

/** What throws while `resolve` looks into an option is nonsense as a whole. */
export function guarded<T>(settings: Settings, option: string, resolve: (settings: Settings) => T): T {
  const told = settings.problems.length;
  try {
    return resolve(settings);
  } catch {
    settings.problems.length = told;
    return resolve({ ...settings, given: { ...settings.given, [option]: UNREADABLE } });
  }
}

/** A value and what it was called where it was found. */
export interface Found {
  readonly name: string;
  readonly value: unknown;
}

/** `variables`: names in the environment, the first one that is not empty counts. Undefined: nobody has said anything. */
export function find(
  { given, env }: Settings,
  option: string,
  variables: readonly string[],
): Found | undefined {
  if (given[option] !== undefined && given[option] !== null)
    return { name: `option ${option}`, value: given[option] };
  const name = variables.find((variable) => env[variable]?.trim());
  return name === undefined ? undefined : { name, value: env[name]?.trim() };
}

export function complain(
  { problems }: Settings,
  what: Found,
  must: string,
  using: string | number | boolean,
): void {
  problems.push(`${what.name} must be ${must}, but got: ${show(what.value)}; using ${using}`);
}

/** `ifWrong`: of a flag that sends something, as what cannot be read may have said that it shall not go. */
export function readFlag(
  settings: Settings,
  option: string,
  variables: readonly string[],
  fallback: boolean,
  ifWrong = fallback,
): boolean {
  const found = find(settings, option, variables);
  if (found === undefined) return fallback;
  if (typeof found.value === 'boolean') return found.value;
  const word = typeof found.value === 'string' ? found.value.toLowerCase() : '';
  if (TRUE_WORDS.has(word)) return true;
  if (FALSE_WORDS.has(word)) return false;
  complain(settings, found, 'true or false', ifWrong);
  return ifWrong;
}

const TRUE_WORDS = new Set(['true', '1', 'yes', 'on']);
const FALSE_WORDS = new Set(['false', '0', 'no', 'off']);

/** The smallest and the largest value are allowed. */
export function readNumber<F extends number | undefined>(
  settings: Settings,
  option: string,
  variables: readonly string[],
  fallback: F,
  [min, max]: readonly [number, number],
): number | F {
  const found = find(settings, option, variables);
  if (found === undefined) return fallback;
  const value =
    typeof found.value === 'string' && found.name !== `option ${option}` ? Number(found.value) : found.value;
  if (typeof value === 'number' && value >= min && value <= max) return value;
  const must =
    max === Number.POSITIVE_INFINITY ? `a number of at least ${min}` : `a number from ${min} to ${max}`;
  complain(settings, found, must, fallback ?? 'the default');
  return fallback;
}

const MILLISECONDS_FROM = 1000;
const MIN_SECONDS = 0.001;

/**
 * Seconds, as milliseconds. From 1000 on the value is taken for milliseconds, as older clients had it, and a warning says
 * so: nobody wants to wait 17 minutes.
 */
export function readSeconds<F extends number | undefined>(
  settings: Settings,
  option: string,
  variables: readonly string[],
  fallback: F,
  maxMs: number,
): number | F {
  const value = readNumber(settings, option, variables, fallback, [MIN_SECONDS, Number.POSITIVE_INFINITY]);
  if (value === undefined) return fallback;
  if (value < MILLISECONDS_FROM) return Math.max(1, Math.round(value * 1000));
  settings.problems.push(`${option} is in seconds; ${value} is read as ${value} milliseconds`);
  return Math.min(maxMs, Math.round(value));
}

const LONG_FROM_SECONDS = 60;

/** `flushInterval` in seconds, as milliseconds. Older clients took those: a value of a minute or more may well have been meant as them. */
export function readInterval<F extends number | undefined>(
  settings: Settings,
  variables: readonly string[],
  fallback: F,
  maxMs: number,
): number | F {
  const option = 'flushInterval';
  const intervalMs = readSeconds(settings, option, variables, fallback, maxMs);
  const found = find(settings, option, variables);
  if (found === undefined || intervalMs === undefined || intervalMs < LONG_FROM_SECONDS * 1000) {
    return intervalMs;
  }
  const given = Number(found.value);
  if (given < MILLISECONDS_FROM) {
    settings.problems.push(
      `${found.name} is in seconds: ${given} is read as ${given} seconds; ${given} milliseconds would be ${given / 1000}`,
    );
  }
  return intervalMs;
}

export function readText(settings: Settings, option: string, variables: readonly string[]): string | null {
  const found = find(settings, option, variables);
  if (found === undefined) return null;
  // A key from a file or a variable easily has a line break at its end, and no header may.
  if (typeof found.value === 'string') return found.value.trim() || null;
  // Not what it is: it may be a secret in another shape.
  complain(settings, { ...found, value: typeof found.value }, 'a text', 'none');
  return null;
}

/** One of some words, in any case. */
export function readChoice<T extends string>(
  settings: Settings,
  option: string,
  variables: readonly string[],
  choices: readonly [T, ...T[]],
): T {
  const found = find(settings, option, variables);
  if (found === undefined) return choices[0];
  const word = typeof found.value === 'string' ? found.value.toLowerCase() : undefined;
  const choice = choices.find((one) => one === word);
  if (choice === undefined) complain(settings, found, `one of ${choices.join(', ')}`, choices[0]);
  return choice ?? choices[0];
}
