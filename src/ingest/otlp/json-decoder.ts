/** OTLP `ExportTraceServiceRequest` in JSON → spans. In it ids are hex, 64-bit integers are strings, bytes are base64. */

import { MAX_SPAN_FIELDS, MAX_SPANS, tooMany } from '../bounds.js';
import type { Steps } from '../steps.js';
import {
  type Attributes,
  type AttributeValue,
  emptySpan,
  OtlpError,
  type OtlpSpan,
  requireValidIds,
} from './otlp-span.js';

const MAX_DEPTH = 100;

type JsonObject = Record<string, unknown>;

/** Throws OtlpError, which names the field, for content that is not such a request, and HttpError 413. */
export function* decodeOtlpJson(body: unknown): Steps<OtlpSpan[]> {
  const spans: OtlpSpan[] = [];
  for (const resourceSpans of objects(object(body, 'the request').resourceSpans, 'resourceSpans')) {
    const resource = {
      attributes: attributes(optionalObject(resourceSpans.resource, 'resource').attributes, newBudget()),
    };
    for (const scopeSpans of objects(resourceSpans.scopeSpans, 'scopeSpans')) {
      const rawScope = optionalObject(scopeSpans.scope, 'scope');
      const scope = {
        name: text(rawScope.name, 'scope.name'),
        version: text(rawScope.version, 'scope.version'),
        attributes: attributes(rawScope.attributes, newBudget()),
      };
      for (const raw of objects(scopeSpans.spans, 'spans')) {
        if (spans.length >= MAX_SPANS) throw tooMany('spans', MAX_SPANS);
        spans.push(decodeSpan(raw, emptySpan(resource, scope)));
        yield;
      }
      yield;
    }
    yield;
  }
  for (const span of spans) {
    requireValidIds(span);
    yield;
  }
  return spans;
}

function decodeSpan(raw: JsonObject, span: OtlpSpan): OtlpSpan {
  // Hex digits may come in either case; ids are compared and stored in lower case.
  const budget = newBudget();
  span.traceId = text(raw.traceId, 'traceId').toLowerCase();
  span.spanId = text(raw.spanId, 'spanId').toLowerCase();
  span.parentSpanId = text(raw.parentSpanId, 'parentSpanId').toLowerCase();
  span.traceState = text(raw.traceState, 'traceState');
  span.name = text(raw.name, 'name');
  span.kind = number(raw.kind);
  span.startTimeUnixNano = unixNano(raw.startTimeUnixNano, 'startTimeUnixNano');
  span.endTimeUnixNano = unixNano(raw.endTimeUnixNano, 'endTimeUnixNano');
  span.attributes = attributes(raw.attributes, budget);
  span.events = objects(raw.events, 'events', budget).map((event) => ({
    timeUnixNano: unixNano(event.timeUnixNano, 'event.timeUnixNano'),
    name: text(event.name, 'event.name'),
    attributes: attributes(event.attributes, budget),
  }));
  span.links = objects(raw.links, 'links', budget).map((link) => ({
    traceId: text(link.traceId, 'link.traceId').toLowerCase(),
    spanId: text(link.spanId, 'link.spanId').toLowerCase(),
    traceState: text(link.traceState, 'link.traceState'),
    attributes: attributes(link.attributes, budget),
  }));
  const status = optionalObject(raw.status, 'status');
  span.status = {
    // The specification demands the number; encoders built on protobuf's JSON mapping write the name.
    code: status.code === 'STATUS_CODE_ERROR' ? 2 : number(status.code),
    message: text(status.message, 'status.message'),
  };
  return span;
}

/** The same limit as for protobuf, where an attribute has four fields. */
const MAX_SPAN_VALUES = MAX_SPAN_FIELDS / 4;
const newBudget = (): Budget => ({ left: MAX_SPAN_VALUES });

/** Counts down the values of a span: key-value pairs and list items. */
interface Budget {
  left: number;
}

function spend(budget: Budget): void {
  budget.left -= 1;
  if (budget.left < 0) throw tooMany('values', MAX_SPAN_VALUES, 'a span');
}

function attributes(raw: unknown, budget: Budget, depth = 0): Attributes {
  const result: Attributes = new Map();
  for (const pair of objects(raw, 'attributes')) {
    spend(budget);
    result.set(text(pair.key, 'attribute key'), anyValue(pair.value, budget, depth));
  }
  return result;
}

function anyValue(raw: unknown, budget: Budget, depth: number): AttributeValue {
  if (depth > MAX_DEPTH) throw new OtlpError(`attribute values are nested deeper than ${MAX_DEPTH} levels`);
  if (raw === undefined || raw === null) return null;
  const value = object(raw, 'attribute value');
  if (value.stringValue !== undefined) return text(value.stringValue, 'stringValue');
  if (value.boolValue !== undefined) return value.boolValue === true;
  if (value.intValue !== undefined) return int64(value.intValue);
  if (value.doubleValue !== undefined) return double(value.doubleValue);
  if (value.bytesValue !== undefined) return Buffer.from(text(value.bytesValue, 'bytesValue'), 'base64');
  if (value.arrayValue !== undefined) {
    const { values } = optionalObject(value.arrayValue, 'arrayValue');
    return list(values, 'arrayValue.values').map((item) => {
      spend(budget);
      return anyValue(item, budget, depth + 1);
    });
  }
  if (value.kvlistValue !== undefined) {
    const { values } = optionalObject(value.kvlistValue, 'kvlistValue');
    return Object.fromEntries(attributes(values, budget, depth + 1));
  }
  return null;
}

/** JSON has no NaN and no Infinity: they arrive as strings, as null (by JSON.stringify), or not at all. */
function double(raw: unknown): AttributeValue {
  if (raw === null) return null;
  if (typeof raw === 'number' || typeof raw === 'string') return Number(raw);
  throw new OtlpError(`doubleValue must be a number, but got: ${typeof raw}`);
}

/** An enum. Names that matter here are handled by the caller; others count as 0. */
function number(raw: unknown): number {
  return typeof raw === 'number' || typeof raw === 'string' ? Number(raw) || 0 : 0;
}

function int64(raw: unknown): number | bigint {
  const value = integer(raw, 'intValue');
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : BigInt.asIntN(64, value);
}

function unixNano(raw: unknown, what: string): bigint {
  if (raw === undefined || raw === null || raw === '') return 0n;
  return BigInt.asUintN(64, integer(raw, what));
}

function integer(raw: unknown, what: string): bigint {
  if (typeof raw === 'number' && Number.isInteger(raw)) return BigInt(raw);
  if (typeof raw === 'string' && /^-?\d{1,20}$/.test(raw)) return BigInt(raw);
  // An object may be nested too deeply to be serialised.
  const got =
    typeof raw === 'string' || typeof raw === 'number' ? JSON.stringify(raw).slice(0, 80) : typeof raw;
  throw new OtlpError(`${what} must be an integer, but got: ${got}`);
}

function text(raw: unknown, what: string): string {
  if (raw === undefined || raw === null) return '';
  if (typeof raw !== 'string') throw new OtlpError(`${what} must be a string, but got: ${typeof raw}`);
  return raw;
}

function list(raw: unknown, what: string): unknown[] {
  if (raw === undefined || raw === null) return [];
  if (!Array.isArray(raw)) throw new OtlpError(`${what} must be an array, but got: ${typeof raw}`);
  return raw;
}

function objects(raw: unknown, what: string, budget?: Budget): JsonObject[] {
  return list(raw, what).map((item) => {
    if (budget !== undefined) spend(budget);
    return object(item, `each of ${what}`);
  });
}

function optionalObject(raw: unknown, what: string): JsonObject {
  return raw === undefined || raw === null ? {} : object(raw, what);
}

function object(raw: unknown, what: string): JsonObject {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw new OtlpError(
      `${what} must be an object, but got: ${Array.isArray(raw) ? 'array' : raw === null ? 'null' : typeof raw}`,
    );
  }
  return raw as JsonObject;
}
