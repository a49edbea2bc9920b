/** Validates single values as a Langfuse server does: times, environments, structured attributes, model parameters. */

import { complain, type Subject, typeOfValue } from './findings.js';
import { describeUnparsed, isObject, parsedOrUndefined } from './json-text.js';
import { define } from './merge.js';
import type { AttributeValue } from './otlp/otlp-span.js';
import type { Micros } from './rows.js';

const ISO_TIME =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** ISO 8601 with seconds and an offset, and a day that the month has (Langfuse's ingestion/types.ts, stringDateTime). */
export function isIsoTime(value: unknown): value is string {
  const match = typeof value === 'string' ? ISO_TIME.exec(value) : null;
  if (match === null) return false;
  const day = Number(match[3]);
  return day <= 28 || day <= new Date(Date.UTC(Number(match[1]), Number(match[2]), 0)).getUTCDate();
}

/** Null for times from the year 2255 on, where microseconds are no longer exact. */
export function microsOfIso(text: string): Micros | null {
  // JavaScript's times end at milliseconds; some clients write microseconds.
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  const micros = Date.parse(text) * 1000 + Number(fraction.slice(3, 6).padEnd(3, '0'));
  return Number.isSafeInteger(micros) ? micros : null;
}

/** Langfuse's ingestion/types.ts, PublicEnvironmentName. */
export function normalEnvironment(value: unknown): string {
  if (typeof value !== 'string') return 'default';
  const name = value
    .toLowerCase()
    .replace(/^(?:langfuse[-_]?)+/, '')
    .slice(0, 40);
  return /^[a-z0-9_-]+$/.test(name) ? name : 'default';
}

export function judgedEnvironment(subject: Subject, field: string, value: unknown): string {
  const normal = normalEnvironment(value);
  if (normal !== value) {
    const rule = 'must be up to 40 of a-z, 0-9, - and _, not beginning with "langfuse"';
    complain(
      subject,
      'environment-changed',
      field,
      `${rule}, but got ${typeOfValue(value)}: it becomes "${normal}"`,
    );
  }
  return normal;
}

/**
 * Converts an OTLP value as the server does: strings, numbers, booleans and lists of them stay as they are
 * (Langfuse's otel/OtelIngestionProcessor.ts, convertValueToPlainJavascript).
 */
function plainValue(value: AttributeValue): string | number | boolean | AttributeValue[] {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plainValue);
  return typeof value === 'object' ? JSON.stringify(otlpJson(value)) : value;
}

function otlpJson(value: AttributeValue): object {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(otlpJson) } };
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString('base64') };
  const values = Object.entries(value).map(([key, one]) => ({ key, value: otlpJson(one) }));
  return { kvlistValue: { values } };
}

/** Converts the value of one of Langfuse's own attributes by `plainValue`, and records findings about it. */
export function judgedPlainValue(subject: Subject, key: string, value: AttributeValue): AttributeValue {
  if (typeof value === 'string') {
    if (value.isWellFormed()) return value;
    complain(
      subject,
      'text-not-unicode',
      key,
      'must be well-formed Unicode, but has half of a surrogate pair',
    );
    return value.toWellFormed();
  }
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') {
    complain(subject, 'integer-rounded', key, 'must be an integer within ±2^53: it is rounded');
  } else if (!isFlatList(value)) {
    const rule = 'must be a string, number, boolean or a list of them';
    complain(
      subject,
      'attribute-structured',
      key,
      `${rule}, but got ${typeOfValue(value)}: it becomes the text of its OTLP JSON`,
    );
  }
  return plainValue(value);
}

function isFlatList(value: AttributeValue): boolean {
  return Array.isArray(value) && value.every((item) => item !== null && typeof item !== 'object');
}

const PARAMETERS_KEY = 'langfuse.observation.model.parameters';

/**
 * The model parameters of the attribute. `undefined`: none, OpenTelemetry's are used; `null`: the span is refused
 * (Langfuse's otel/OtelIngestionProcessor.ts, extractModelParameters and sanitizeModelParams).
 */
export function judgedModelParameters(
  subject: Subject,
  value: AttributeValue | undefined,
): Record<string, unknown> | null | undefined {
  if (!value && value !== 0) return undefined;
  // JSON.parse converts its argument to a string.
  const text = typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : String(value);
  const parsed = parsedOrUndefined(text);
  if (!parsed) {
    const what =
      parsed === undefined && typeof value === 'string'
        ? describeUnparsed(value)
        : typeOfValue(parsed ?? value);
    complain(
      subject,
      'model-parameters-ignored',
      PARAMETERS_KEY,
      `must be a JSON object, but got ${what}: it is ignored`,
    );
    return undefined;
  }
  if (typeof parsed !== 'object') {
    complain(
      subject,
      'model-parameters-shape',
      PARAMETERS_KEY,
      `must be a JSON object, but got the JSON of ${typeOfValue(parsed)}`,
    );
    return null;
  }
  const parameters: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(parsed)) {
    const stays = typeof one === 'string' || typeof one === 'number';
    if (!stays) {
      const field = `${PARAMETERS_KEY}.${key}`;
      complain(
        subject,
        'model-parameter-as-text',
        field,
        `must be a string or a number, but got ${typeOfValue(one)}: it becomes its JSON text`,
      );
    }
    define(parameters, key, stays ? one : JSON.stringify(one));
  }
  return parameters;
}

/** Whether these are valid model parameters of a classic event (Langfuse's ingestion/types.ts, CreateGenerationBody). */
export function areModelParameters(value: unknown): boolean {
  const isText = (one: unknown) => typeof one === 'string';
  return (
    isObject(value) &&
    Object.values(value).every((one) => {
      if (one === null || ['string', 'number', 'boolean'].includes(typeof one)) return true;
      return Array.isArray(one) ? one.every(isText) : Object.values(one as object).every(isText);
    })
  );
}
