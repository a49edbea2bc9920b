/** What the options of one client, engine or destination are resolved from: the given values and the environment. */
import { FULLY_MASKED } from '../records/masking.js';
import { printableName } from '../shared/untrusted-text/printable.js';
import { show, UNREADABLE } from '../shared/untrusted-text/show.js';
import type { Entry } from './table/row.js';
import { factsOf, type OptionName } from './table/table.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Settings {
  readonly entry: Entry;
  readonly given: Readonly<Record<string, unknown>>;
  readonly env: Environment;
  /** What goes before the name of an option in messages: `otlp.` for the parts of the option `otlp`. @default '' */
  readonly within?: string;
  /** Variables that begin like this are not read: they are meant for another kind of destination. */
  readonly ignoredPrefix?: string;
  /** Warnings, each to be reported once. */
  readonly problems: string[];
  /** Errors, each to be reported once: why nothing is sent where it was to be sent. */
  readonly faults: string[];
}

/**
 * Reads each option that was given once; null counts as not given. A getter may throw, and a revoked proxy throws at any use.
 * Options that cannot be read at all may have said what to mask: then nothing is traced.
 */
export function takeOptions(
  options: unknown,
  known: readonly string[],
  problems: string[],
): Record<string, unknown> {
  if (typeof options !== 'object' || options === null) {
    warnInvalid(problems, 'the options', 'an object', `got: ${show(options)}`, 'using the defaults');
    return {};
  }
  try {
    const unknown = Object.keys(options).filter((name) => !known.includes(name));
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

/** A name that was probably meant to be `mask`, `maskModule` or `redact`. */
const HIDES = /mask|redact|saniti[sz]e|anonymi[sz]e|scrub/i;

function maskAll(names: readonly string[], problems: string[]): () => string {
  problems.push(
    `there is no option ${names.join(', ')}; masking everything, in case mask, maskModule or redact was meant`,
  );
  return () => FULLY_MASKED;
}

function read(options: object, known: readonly string[]): Record<string, unknown> {
  const entries = known.map((name) => [name, readOption(options, name)] as const);
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

/** Calls `resolve`; if the option throws when it is looked into, once more with a value that no option accepts. */
export function guarded<T>(settings: Settings, option: OptionName, resolve: (settings: Settings) => T): T {
  const before = settings.problems.length;
  try {
    return resolve(settings);
  } catch {
    settings.problems.length = before;
    return resolve({ ...settings, given: { ...settings.given, [option]: UNREADABLE } });
  }
}

/** A value, and the name of the option or variable that holds it. */
export interface Found {
  readonly name: string;
  readonly value: unknown;
}

/** The option, else the first of its variables that is not blank. Undefined: neither is set. */
export function find(settings: Settings, option: OptionName): Found | undefined {
  const { aliases = [], env: variables = [] } = factsOf(settings.entry, option);
  return givenOption(settings, [option, ...aliases]) ?? variableOf(settings, variables);
}

/** As it was given, under whichever of its names. */
export function givenValue(settings: Settings, option: OptionName): unknown {
  const { aliases = [] } = factsOf(settings.entry, option);
  return givenOption(settings, [option, ...aliases])?.value;
}

function givenOption(settings: Settings, names: readonly string[]): Found | undefined {
  for (const name of names) {
    const value = settings.given[name];
    if (value !== undefined && value !== null) return { name: nameOf(settings, name), value };
  }
  return undefined;
}

/** As messages have it. */
export function nameOf({ within = '' }: Settings, option: string): string {
  return `option ${within}${option}`;
}

/** As an option is: a variable that is blank counts as not set. */
export function variableOf(
  { env, ignoredPrefix }: Settings,
  names: readonly string[],
): { readonly name: string; readonly value: string } | undefined {
  for (const name of names) {
    const value = env[name]?.trim();
    if (value && !(ignoredPrefix !== undefined && name.startsWith(ignoredPrefix))) return { name, value };
  }
  return undefined;
}

/** `got`: the value as it may be shown, `got: "x"` or `is an array`. `consequence`: `using 5`, `masking everything`. */
export function warnInvalid(
  problems: string[],
  name: string,
  must: string,
  got: string,
  consequence: string,
): void {
  problems.push(`${name} must be ${must}, but ${got}; ${consequence}`);
}

/** The usual case: a default takes the value's place. */
export function complain(
  { problems }: Pick<Settings, 'problems'>,
  { name, value }: Found,
  must: string,
  using: string | number | boolean,
): void {
  warnInvalid(problems, name, must, `got: ${show(value)}`, `using ${using}`);
}
