/**
 * How a Langfuse server reads a field out of a span's attributes: its own attributes alone, not those of other
 * frameworks. Restates the `extract*` methods of Langfuse's packages/shared/src/server/otel/OtelIngestionProcessor.ts.
 */
import type { WireAttributes, WireSpan } from './decode.js';
import { normalizeEnvironment } from './schemas.js';
import type { Body, Note } from './types.js';
import { isObject, isRecord } from './values.js';

export type Attributes = Readonly<Record<string, unknown>>;
export type Domain = 'trace' | 'observation';

export function plain(attributes: WireAttributes): Attributes {
  return Object.fromEntries([...attributes].map(([key, { value }]) => [key, value]));
}

/** The first attribute that is there, of the span before its resource (`extractEnvironment`). */
export function environmentOf(attributes: Attributes, resource: Attributes, note: Note): string {
  const keys = ['langfuse.environment', 'deployment.environment.name', 'deployment.environment'];
  const given = keys.map((key) => attributes[key] || resource[key]).find(Boolean);
  if (given === undefined) return 'default';
  const environment = normalizeEnvironment(given);
  if (environment !== given) note('environment', `normalised to ${environment}`);
  return environment;
}

/** Null where there is none, which overwrites what an earlier event said. */
export function versionOf(attributes: Attributes, resource: Attributes): unknown {
  return attributes['langfuse.version'] ?? resource['service.version'] ?? null;
}

export function releaseOf(attributes: Attributes, resource: Attributes): unknown {
  return attributes['langfuse.release'] ?? resource['langfuse.release'] ?? null;
}

export function userIdOf(attributes: Attributes): string | undefined {
  return textOf(attributes['langfuse.user.id'] || attributes['user.id']);
}

export function sessionIdOf(attributes: Attributes): string | undefined {
  return textOf(attributes['langfuse.session.id'] || attributes['session.id']);
}

export function modelOf(attributes: Attributes): string | undefined {
  return textOf(attributes['langfuse.observation.model.name']);
}

function textOf(value: unknown): string | undefined {
  if (!value) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** True and `true` are true, all else that is there is false (`extractPublic`). */
export function publicOf(attributes: Attributes, note: Note): boolean | undefined {
  const value = attributes['langfuse.trace.public'] ?? attributes['langfuse.public'];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') note('public', 'not a truth value on the wire');
  return isTrue(value);
}

/** As a text, too (`extractIsAppRoot`). */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

/** A list, the JSON of one, or a text that is split at commas (`extractTags`). */
export function tagsOf(attributes: Attributes, note: Note): string[] {
  const value = attributes['langfuse.trace.tags'] || attributes['langfuse.tags'];
  if (Array.isArray(value)) return value.map(String);
  if (typeof value !== 'string' || value === '') return [];
  if (value.trim().startsWith('[')) {
    const parsed = parse(value);
    if (Array.isArray(parsed)) return parsed.map(String);
  }
  note('tags', 'not a list on the wire');
  return value.includes(',') ? value.split(',').map((tag) => tag.trim()) : [value];
}

const METADATA: Readonly<Record<Domain, string>> = {
  trace: 'langfuse.trace.metadata',
  observation: 'langfuse.observation.metadata',
};

/**
 * The whole attribute if it holds an object's JSON, then each member's own attribute (`extractMetadata`,
 * `parseMetadataAttribute`). A list's JSON counts as an object: its indices become keys.
 */
export function metadataOf(attributes: Attributes, domain: Domain, note: Note): Body {
  const whole = attributes[METADATA[domain]];
  if (whole === '' || whole === false || whole === 0) note(`${domain} metadata`, 'dropped: it is empty');
  const members = [METADATA[domain], 'langfuse.metadata'].map((prefix) => `${prefix}.`);
  const named = Object.entries(attributes).flatMap(([key, value]) => {
    const prefix = members.find((one) => key.startsWith(one) && key !== one);
    return prefix === undefined ? [] : [[key.slice(prefix.length), value] as const];
  });
  const parsed = wholeMetadata(whole || attributes['langfuse.metadata'], domain, note);
  return { ...parsed, ...Object.fromEntries(named) };
}

function wholeMetadata(value: unknown, domain: Domain, note: Note): object {
  if (value === undefined || value === null) return {};
  const parsed = typeof value === 'string' ? parse(value) : value;
  if (!isObject(parsed)) note(`${domain} metadata`, `dropped: no object, and no JSON of one`);
  else if (Array.isArray(parsed)) note(`${domain} metadata`, 'a list: its indices become keys');
  return isObject(parsed) ? parsed : {};
}

/** The JSON of an object, or nothing (`parseJsonObjectAttribute`). */
export function detailsOf(attributes: Attributes, key: string, note: Note): Body {
  const value = attributes[key];
  if (!value) return {};
  const parsed = typeof value === 'string' ? parse(value) : undefined;
  if (!isRecord(parsed)) note(key, 'dropped: not the JSON of an object');
  return isRecord(parsed) ? parsed : {};
}

/** Values that are neither text nor number become their JSON (`extractModelParameters`, `sanitizeModelParams`). */
export function modelParametersOf(attributes: Attributes, note: Note): unknown {
  const parsed = parse(attributes['langfuse.observation.model.parameters']);
  if (!isObject(parsed)) return parsed || {};
  const isKept = (value: unknown): boolean => ['string', 'number'].includes(typeof value);
  const entries = Object.entries(parsed);
  if (!entries.every(([, value]) => isKept(value))) note('modelParameters', 'a value becomes its JSON');
  return Object.fromEntries(
    entries.map(([key, value]) => [key, isKept(value) ? value : JSON.stringify(value)]),
  );
}

/** A time as text, or such a text's JSON (`extractCompletionStartTime`). */
export function completionStartTimeOf(attributes: Attributes, note: Note): string | null {
  const value = attributes['langfuse.observation.completion_start_time'];
  if (value === undefined) return null;
  const isTime = (one: unknown): one is string => !Number.isNaN(new Date(one as string).getTime());
  const found = [value, parse(value)].find((one) => one !== undefined && isTime(one));
  if (found === undefined) note('completionStartTime', 'dropped: no time');
  return (found as string | undefined) ?? null;
}

const LEVELS: Readonly<Record<string, readonly string[]>> = {
  DEBUG: ['DEBUG', 'TRACE', 'VERBOSE'],
  DEFAULT: ['DEFAULT', 'INFO', 'LOG', 'NOTICE', 'OK', 'SUCCESS'],
  WARNING: ['WARNING', 'WARN'],
  ERROR: ['ERROR', 'FATAL', 'CRITICAL'],
};

/** By its name or an alias of it; else an error if the span's status is one (`parseObservationLevel`). */
export function levelOfName(attributes: Attributes, { status }: WireSpan, note: Note): string {
  const given = attributes['langfuse.observation.level'];
  const name = typeof given === 'string' ? given.trim().toUpperCase() : '';
  const known = Object.keys(LEVELS).find((level) => LEVELS[level]?.includes(name));
  const level = known ?? (status.code === 2 ? 'ERROR' : 'DEFAULT');
  if (given !== undefined && given !== level) note('level', `becomes ${level}`);
  return level;
}

/** A trace's own, or else those of its root observation (`extractInputAndOutput`). */
export function inputOutputOf(attributes: Attributes, domain: Domain): { input: unknown; output: unknown } {
  const of = (name: string): unknown =>
    (domain === 'trace' && attributes[`langfuse.trace.${name}`]) ||
    attributes[`langfuse.observation.${name}`];
  return { input: of('input'), output: of('output') };
}

export function parse(text: unknown): unknown {
  try {
    return JSON.parse(text as string);
  } catch {
    return undefined;
  }
}
