/** The options on what may leave the process: masking, redaction, the size of an event. A mistake in them hides more, not less. */
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import { show } from '../shared/options.js';
import {
  READY_PATTERNS,
  REDACTED_FIELDS,
  type ReadyPattern,
  type RedactOptions,
  type RedactPattern,
  type RedactPlan,
} from '../shared/redaction.js';

const KiB = 1024;
const MiB = 1024 * KiB;
/**
 * Bounds of `maxEventBytes`: all that a span has besides its values fits into the smallest; a message of protobuf as the
 * exporter writes it has at most 256 MiB.
 */
export const MAX_EVENT_BYTES = [4 * KiB, 128 * MiB] as const;
const SIDE_LANE_BYTES = 64 * MiB;
/** Text on its way to the worker takes two bytes a character, and one event shall not be all that there is room for. */
const SIDE_LANE_PER_EVENT = 4;

const ALL: RedactPlan = { patterns: READY_PATTERNS, paths: [] };

/** Where the application has not said it: events of the size that it allows get through. */
export function sideLaneBytesFor(maxEventBytes: number): number {
  return Math.max(SIDE_LANE_BYTES, Math.ceil(SIDE_LANE_PER_EVENT * maxEventBytes));
}

/** A URL. One that cannot be loaded, where the value is no good: the worker then masks everything. */
export function resolveMaskModule(value: unknown, problems: string[]): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (value instanceof URL) return value.href;
  if (typeof value === 'string') {
    if (isAbsolute(value)) return pathToFileURL(value).href;
    if (URL.canParse(value)) return value;
  }
  problems.push(
    `option maskModule must be the URL of a module or an absolute path, but got: ${show(value)}; masking everything`,
  );
  return 'data:text/javascript,throw new TypeError("option maskModule is not the URL of a module")';
}

export function resolveRedact(value: unknown, problems: string[]): RedactPlan | undefined {
  if (value === undefined || value === null || value === false) return undefined;
  if (value === true) return ALL;
  if (typeof value !== 'object' || Array.isArray(value) || types.isRegExp(value)) {
    problems.push(
      `option redact must be true, false or {patterns, paths, replacement}, but got: ${show(value)}; using all ready patterns`,
    );
    return ALL;
  }
  const { patterns, paths, replacement, ...others } = value as RedactOptions;
  const told = problems.length;
  const usablePaths = resolvePaths(paths ?? [], problems);
  for (const name of Object.keys(others)) problems.push(`there is no option redact.${name}; ignored`);
  const isMistaken = problems.length > told;
  const usablePatterns =
    patterns === undefined && usablePaths.length > 0
      ? []
      : resolvePatterns(patterns ?? READY_PATTERNS, problems);
  return {
    // What was to be hidden by what is mistaken may be what they find.
    patterns: isMistaken ? withReadyPatterns(usablePatterns) : usablePatterns,
    paths: usablePaths,
    replacement: resolveReplacement(replacement, problems),
  };
}

function withReadyPatterns(patterns: RedactPlan['patterns']): RedactPlan['patterns'] {
  return [...READY_PATTERNS, ...patterns.filter((one) => typeof one !== 'string')];
}

function resolvePatterns(value: unknown, problems: string[]): RedactPlan['patterns'] {
  const given = Array.isArray(value) ? value : [value];
  const found = given.map(toPattern);
  const usable = found.filter((one) => one !== undefined);
  const wrong = found.indexOf(undefined);
  if (wrong === -1) return usable;
  problems.push(
    `option redact.patterns must hold ${READY_PATTERNS.join(', ')}, regular expressions or {pattern, replacement}, but got: ${show(given[wrong])}; using all ready patterns as well`,
  );
  return withReadyPatterns(usable);
}

function toPattern(value: unknown): ReadyPattern | RedactPattern | undefined {
  if (READY_PATTERNS.includes(value as ReadyPattern)) return value as ReadyPattern;
  if (types.isRegExp(value)) return { pattern: value };
  const { pattern, replacement } = (value ?? {}) as Partial<RedactPattern>;
  if (!types.isRegExp(pattern)) return undefined;
  return typeof replacement === 'string' ? { pattern, replacement } : { pattern };
}

function resolvePaths(value: unknown, problems: string[]): string[] {
  const given = Array.isArray(value) ? value : [value];
  return given.flatMap((path) => {
    if (typeof path !== 'string' || path.trim() === '') {
      problems.push(`option redact.paths must hold paths, but got: ${show(path)}; leaving it out`);
      return [];
    }
    const root = path.split(/[.[]/)[0]?.toLowerCase();
    const isRooted =
      root === '*' || root === '**' || REDACTED_FIELDS.some((field) => field.toLowerCase() === root);
    if (isRooted) return [path];
    problems.push(
      `option redact.paths must hold paths that begin with ${REDACTED_FIELDS.join(', ')}, * or **, but got: ${show(path)}; using **.${path.slice(0, 40)}`,
    );
    return [`**.${path}`];
  });
}

function resolveReplacement(value: unknown, problems: string[]): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  problems.push(`option redact.replacement must be a string, but got: ${show(value)}; using [REDACTED]`);
  return undefined;
}
