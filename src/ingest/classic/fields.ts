/** Reads the fields of a classic event's body: absent and null mean "not given", anything else must have the right type. */

import type { ComplaintCode } from '../complaint-codes.js';
import { complain, nameOrType, type Subject, typeOfValue } from '../findings.js';
import { isObject, isWalkable, MAX_METADATA_VALUES, toJsonText } from '../json-text.js';
import type { Metadata } from '../merge.js';
import { complainOfNulls } from '../otlp/span-metadata.js';
import type { JsonText, Micros } from '../rows.js';
import { isIsoTime, judgedEnvironment, microsOfIso } from '../server-values.js';

export type Body = Record<string, unknown>;

/** An event of a batch, with the parts of its envelope that every mapper needs. */
export interface IngestionEvent {
  id: string;
  body: Body;
  timestampUs: Micros;
  /** Collects findings about values that are stored differently than they were sent. */
  subject: Subject;
}

/** One event is invalid; the other events of its request are not affected. */
export class InvalidEvent extends Error {
  readonly code: ComplaintCode;
  readonly field: string;

  constructor(code: ComplaintCode, field: string, message: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}

export function wrong(
  field: string,
  expected: string,
  value: unknown,
  code: ComplaintCode = 'field-type',
): InvalidEvent {
  return new InvalidEvent(code, field, `${field} must be ${expected}, but got ${typeOfValue(value)}`);
}

/** The same for a field with a fixed set of values: a short name is shown as it is. */
export function wrongName(
  field: string,
  allowed: readonly string[],
  value: unknown,
  code: ComplaintCode,
): InvalidEvent {
  return new InvalidEvent(
    code,
    field,
    `${field} must be one of ${allowed.join(', ')}, but got ${nameOrType(value)}`,
  );
}

export function optionalText(body: Body, field: string): string | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw wrong(field, 'a string', value);
  return value.isWellFormed() ? value : value.toWellFormed();
}

const MAX_ID_CHARS = 800;

export function optionalId(body: Body, field: string): string | null {
  const value = optionalText(body, field);
  if (value === null) return null;
  if (value !== '' && value.length <= MAX_ID_CHARS && !value.includes('\r')) return value;
  const problem = `1 to ${MAX_ID_CHARS} characters without a carriage return`;
  throw new InvalidEvent(
    'id-refused',
    field,
    `${field} must be ${problem}, but got ${value.length} characters`,
  );
}

export function optionalInteger(
  body: Body,
  field: string,
  code: ComplaintCode = 'field-type',
): number | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (!Number.isSafeInteger(value)) throw wrong(field, 'an integer', value, code);
  return value as number;
}

export function optionalTime(body: Body, field: string): Micros | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  const micros = isIsoTime(value) ? microsOfIso(value) : null;
  if (micros === null)
    throw wrong(field, 'an ISO 8601 time with an offset, before 2255', value, 'time-format');
  return micros;
}

export function optionalBoolean(body: Body, field: string): 0 | 1 | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'boolean') throw wrong(field, 'true or false', value);
  return value ? 1 : 0;
}

export function optionalOneOf<T extends string>(
  body: Body,
  field: string,
  allowed: readonly T[],
  code: ComplaintCode,
): T | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (!allowed.includes(value as T)) throw wrongName(field, allowed, value, code);
  return value as T;
}

export function optionalTags(body: Body, field: string): string[] | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || value.some((tag) => typeof tag !== 'string')) {
    throw wrong(field, 'an array of strings', value);
  }
  return value as string[];
}

export function optionalObject(body: Body, field: string, code: ComplaintCode): Body | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw wrong(field, 'an object', value, code);
  return value;
}

/** Metadata may be any JSON. If it is not an object it is wrapped, so that it can be merged with that of an update. */
export function optionalMetadata({ body, subject }: IngestionEvent): Metadata | null {
  const value = body.metadata;
  if (!value) return null;
  requireShallow('metadata', value);
  if (isObject(value)) {
    complainOfNulls(subject, 'body.metadata', value);
    return value;
  }
  complain(
    subject,
    'metadata-wrapped',
    'body.metadata',
    `must be an object, but got ${typeOfValue(value)}: it gets the key metadata`,
  );
  return { metadata: value };
}

/** Also throws RangeError for what JSON.stringify cannot walk. */
function requireShallow(field: string, value: unknown): JsonText {
  const text = toJsonText(value);
  if (!isWalkable(text, MAX_METADATA_VALUES)) {
    throw new InvalidEvent(
      'nested-too-deep',
      field,
      `${field} must have at most 1,000 levels and ${MAX_METADATA_VALUES} values`,
    );
  }
  return text;
}

export function environmentOfBody({ body, subject }: IngestionEvent): string {
  const value = body.environment;
  return value === undefined ? 'default' : judgedEnvironment(subject, 'body.environment', value);
}

/** Only values that are truthy in JavaScript count. */
export function payloadOfBody({ body, subject }: IngestionEvent, field: 'input' | 'output'): unknown {
  const value = body[field];
  if (value) return value;
  if (value === 0 || value === false) {
    complain(
      subject,
      'payload-falsy',
      `body.${field}`,
      `must not be ${typeOfValue(value)}: it counts as none`,
    );
  }
  return null;
}
