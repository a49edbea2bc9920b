/** Resolves the option `redact`, in each of its forms. An invalid one fails closed: everything is masked. */
import * as types from 'node:util/types';
import {
  READY_PATTERNS,
  REDACTED_FIELDS,
  type ReadyPattern,
  type RedactPattern,
  type RedactPlan,
} from '../shared/contract/redaction.js';
import { typeOf } from '../shared/untrusted-text/show.js';
import { warnInvalid } from './settings.js';

const ALL: RedactPlan = { patterns: READY_PATTERNS, paths: [] };
const MASKS_ALL: RedactPlan = { patterns: [], paths: [], masksAll: true };

const FORMS = 'true, false, a RegExp, an array of patterns, or {patterns, paths, replacement}';
const PATTERNS = `${READY_PATTERNS.join(', ')}, a RegExp or {pattern, replacement}`;
const ROOTS = `${REDACTED_FIELDS.join(', ')}, * or **`;

/** Says what is wrong with the option, never its value, which may be what was to be hidden. */
class Mistake extends Error {}

/** `ofSpans`: a path may also begin with an attribute's key, so every path is allowed. */
export function resolveRedact(value: unknown, problems: string[], ofSpans = false): RedactPlan | undefined {
  if (value === undefined || value === null || value === false) return undefined;
  if (value === true) return ALL;
  const notes: string[] = [];
  try {
    const plan = readPlan(value, notes, ofSpans);
    problems.push(...notes);
    return plan;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    problems.push(`option redact${error.message}; masking everything`);
    return MASKS_ALL;
  }
}

function readPlan(value: unknown, notes: string[], ofSpans: boolean): RedactPlan {
  const { patterns, paths, replacement } = readForm(value);
  const usable = {
    patterns: patterns.map((one, i) => readPattern(one, `patterns[${i}]`)),
    paths: paths.map((one, i) => readPath(one, `paths[${i}]`, notes, ofSpans)),
  };
  const isEmpty = usable.patterns.length === 0 && usable.paths.length === 0;
  return {
    ...(isEmpty ? ALL : usable),
    replacement: readReplacement(replacement, notes),
  };
}

interface Form {
  readonly patterns: readonly unknown[];
  readonly paths: readonly unknown[];
  readonly replacement?: unknown;
}

const NAMES = ['patterns', 'pattern', 'paths', 'path', 'replacement'];

function readForm(value: unknown): Form {
  if (typeof value === 'string' || types.isRegExp(value)) return { patterns: [value], paths: [] };
  if (typeof value !== 'object' || value === null)
    throw new Mistake(` must be ${FORMS}, but is ${inWords(value)}`);
  if (Array.isArray(value)) return { patterns: [...value], paths: [] };
  const given = value as Record<string, unknown>;
  const names = Object.keys(given).filter((name) => given[name] !== undefined && given[name] !== null);
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new Mistake(` must be ${FORMS}, but has ${memberInWords(unknown)}`);
  if (names.length === 0 && !isPlain(value)) throw new Mistake(` must be ${FORMS}, but has none of these`);
  // One pattern, with a replacement of its own.
  if (!names.some((name) => name.endsWith('s') || name === 'path') && !Array.isArray(given.pattern))
    return { patterns: names.includes('pattern') ? [value] : [], paths: [], replacement: given.replacement };
  return {
    patterns: [...listOf(given.patterns), ...listOf(given.pattern)],
    paths: [...listOf(given.paths), ...listOf(given.path)],
    replacement: given.replacement,
  };
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function memberInWords(name: string): string {
  return /^\w{1,40}$/.test(name) ? `a member ${name}` : 'another member';
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? [...value] : [value];
}

function readPattern(value: unknown, name: string): ReadyPattern | RedactPattern {
  const pattern = typeof value === 'string' || types.isRegExp(value) ? readMatcher(value, name) : undefined;
  if (pattern !== undefined) return typeof pattern === 'string' ? pattern : { pattern };
  const wrong = new Mistake(`.${name} must be one of ${PATTERNS}, but is ${inWords(value)}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong;
  const { pattern: inner, replacement, ...others } = value as Record<string, unknown>;
  const own = readMatcher(inner, name);
  if (own === undefined || Object.keys(others).length > 0) throw wrong;
  if (replacement === undefined || replacement === null) return { pattern: own };
  if (typeof replacement === 'string') return { pattern: own, replacement };
  throw new Mistake(`.${name}.replacement must be a string, but is ${inWords(replacement)}`);
}

const IN_SLASHES = /^\/(.+)\/([dgimsuvy]*)$/s;

/** `new RegExp('')` and `new RegExp(undefined)`, usually from a missing setting: they hide nothing. */
const EMPTY = /(?:)/.source;

/** A RegExp, also as a text (`'/…/i'`), or the name of a ready pattern, in any case. */
function readMatcher(value: unknown, where: string): RegExp | ReadyPattern | undefined {
  if (types.isRegExp(value)) {
    if (isEmpty(value)) throw new Mistake(`.${where} is a RegExp that is empty, and hides nothing`);
    return value;
  }
  if (typeof value !== 'string') return undefined;
  const name = value.trim().toLowerCase().replace(/[_ ]/g, '-');
  const ready = READY_PATTERNS.find((one) => one === name || one.replace('-', '') === name);
  if (ready !== undefined) return ready;
  const [, source, flags] = IN_SLASHES.exec(value.trim()) ?? [];
  if (source === undefined) return undefined;
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}

/** Reads the built-in getter, because the clone for the worker does not have getters of the object's own. */
function isEmpty(pattern: RegExp): boolean {
  return sourceOf.call(pattern) === EMPTY;
}

const sourceOf = Object.getOwnPropertyDescriptor(RegExp.prototype, 'source')?.get as (this: RegExp) => string;

function readPath(value: unknown, name: string, notes: string[], ofSpans: boolean): string {
  if (typeof value !== 'string' || value.trim() === '') {
    throw new Mistake(`.${name} must be a path such as 'input.user.name', but is ${inWords(value)}`);
  }
  const path = value.trim();
  const [root = '', rest = ''] = splitRoot(path);
  if (root === '*' || root === '**') return path;
  const plain = plainName(root);
  if (ofSpans && plain === 'attributes' && rest !== '') return `**${rest}`;
  const field = REDACTED_FIELDS.find((one) => plainName(one) === plain);
  if (field !== undefined) return field + rest;
  const meant = REDACTED_FIELDS.find((one) => isNearly(plain, plainName(one)));
  if (meant !== undefined) {
    throw new Mistake(
      `.${name} must begin with ${ROOTS}; if its beginning is not a mistyped ${meant}, write **. before it`,
    );
  }
  if (!ofSpans)
    notes.push(`option redact.${name} begins with none of ${ROOTS}: reading it as if it began with **.`);
  return `**.${path}`;
}

function splitRoot(path: string): readonly [string, string] {
  const end = path.search(/[.[]/);
  return end === -1 ? [path, ''] : [path.slice(0, end), path.slice(end)];
}

/** `status_message` and `Status-Message` are `statusMessage`. */
function plainName(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, '');
}

/** One letter too many, too few or wrong, or two swapped: probably mistyped. */
function isNearly(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  let at = 0;
  while (at < one.length && one[at] === other[at]) at++;
  const [a, b] = [one.slice(at), other.slice(at)];
  const isSwapped = a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
  return a.slice(1) === b.slice(1) || a.slice(1) === b || a === b.slice(1) || (a.length > 1 && isSwapped);
}

/** An invalid replacement only loses its text: matches are replaced all the same. */
function readReplacement(value: unknown, notes: string[]): string | undefined {
  if (value === undefined || value === null || typeof value === 'string') return value ?? undefined;
  warnInvalid(notes, 'option redact.replacement', 'a string', `is ${inWords(value)}`, 'using [REDACTED]');
  return undefined;
}

function inWords(value: unknown): string {
  if (value === '') return 'an empty text';
  return typeof value === 'string' ? 'another text' : typeOf(value);
}
