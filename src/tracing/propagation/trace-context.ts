/** W3C Trace Context (www.w3.org/TR/trace-context): the headers by which a trace goes on in another service. */

import type { ParentContext } from '../bodies.js';
import { formatBaggage, parseBaggage } from './baggage.js';
import type { Texts } from './propagated.js';

const TRACEPARENT = 'traceparent';
const BAGGAGE = 'baggage';

/** Headers of an HTTP message: a `Headers` or Map, an object by name, or an array of pairs. */
export type HeadersLike =
  | { get(name: string): string | null | undefined }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export type WritableHeaders = { set(name: string, value: string): unknown } | Record<string, unknown>;

/** Any later version begins as version 00 does, and may go on. */
const PATTERN = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

export function formatTraceparent(traceId: string, spanId: string, sampled: boolean): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** Undefined for what is not valid: a new trace is then to be started. */
export function parseTraceparent(text: string): ParentContext | undefined {
  const [, version, traceId, spanId, rest] = PATTERN.exec(text.trim()) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  return /[^0]/.test(traceId) && /[^0]/.test(spanId) ? { traceId, spanId } : undefined;
}

/**
 * Reads the caller's span from the headers of a request: the `parent` of what this service does for it. Undefined where
 * there is none, or none that is valid.
 *
 * @example
 * const parent = extractTraceContext(request.headers);
 * await startActiveObservation('handle', handle, { parent });
 */
export function extractTraceContext(headers: HeadersLike): ParentContext | undefined {
  try {
    const value = readHeader(headers, TRACEPARENT);
    // Several of one are several callers: none of them is to be believed.
    const text = Array.isArray(value) && value.length === 1 ? value[0] : value;
    const context = typeof text === 'string' ? parseTraceparent(text) : undefined;
    const baggage = context && readBaggageHeader(headers);
    return baggage ? { ...(context as ParentContext), baggage: parseBaggage(baggage) } : context;
  } catch {
    return undefined;
  }
}

/** `baggage` is added to what is there. */
export function writeHeaders(headers: WritableHeaders, traceparent: string, baggage: Texts | null): void {
  writeHeader(headers, TRACEPARENT, traceparent);
  if (baggage === null) return;
  writeHeader(headers, BAGGAGE, formatBaggage(readBaggageHeader(headers as HeadersLike), baggage));
}

/** Of several with the same name all count. */
function readBaggageHeader(headers: HeadersLike): string {
  const value = readHeader(headers, BAGGAGE);
  return Array.isArray(value) ? value.join(',') : typeof value === 'string' ? value : '';
}

function readHeader(headers: HeadersLike, name: string): unknown {
  if (typeof headers.get === 'function') return headers.get(name);
  return (headers as Record<string, unknown>)[spelling(headers, name)];
}

function writeHeader(headers: WritableHeaders, name: string, value: string): void {
  if (typeof headers.set === 'function') headers.set(name, value);
  else (headers as Record<string, unknown>)[spelling(headers, name)] = value;
}

/** As an object has the header's name already, in whatever case. */
function spelling(headers: object, name: string): string {
  return Object.keys(headers).find((key) => key.toLowerCase() === name) ?? name;
}
