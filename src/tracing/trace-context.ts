/** W3C Trace Context (www.w3.org/TR/trace-context): the header by which a trace goes on in another service. */
import type { ParentContext } from './bodies.js';

export const TRACEPARENT = 'traceparent';

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
    const value = readHeader(headers);
    // Several of one are several callers: none of them is to be believed.
    const text = Array.isArray(value) && value.length === 1 ? value[0] : value;
    return typeof text === 'string' ? parseTraceparent(text) : undefined;
  } catch {
    return undefined;
  }
}

function readHeader(headers: HeadersLike): unknown {
  if (typeof headers.get === 'function') return headers.get(TRACEPARENT);
  const name = Object.keys(headers).find((key) => key.toLowerCase() === TRACEPARENT);
  return name === undefined ? undefined : (headers as Record<string, unknown>)[name];
}

export function writeHeader(headers: WritableHeaders, value: string): void {
  if (typeof headers.set === 'function') headers.set(TRACEPARENT, value);
  else (headers as Record<string, unknown>)[TRACEPARENT] = value;
}
