/** The headers by which a trace continues in another service: W3C Trace Context (www.w3.org/TR/trace-context) and baggage. */

import { percentDecoded } from '../../shared/percents.js';
import type { HeadersLike, ParentContext, WritableHeaders } from '../bodies.js';
import type { Texts } from '../core.js';

const TRACEPARENT = 'traceparent';
const BAGGAGE = 'baggage';

/** The limits of the baggage specification's first version, which proxies and other clients enforce. */
const MAX_ENTRIES = 180;
const MAX_ENTRY_CHARACTERS = 4096;
const MAX_CHARACTERS = 8192;

/** Later versions begin like version 00 and may have more parts. */
const TRACEPARENT_PATTERN = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

export function formatTraceparent(traceId: string, spanId: string, sampled: boolean): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** Undefined if the text is not valid: a new trace starts then. */
export function parseTraceparent(text: string): ParentContext | undefined {
  const [, version, traceId, spanId, rest] = TRACEPARENT_PATTERN.exec(text.trim()) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  return /[^0]/.test(traceId) && /[^0]/.test(spanId) ? { traceId, spanId } : undefined;
}

/**
 * Reads the caller's span from the headers of a request, as the `parent` of this service's observations. Undefined if
 * there is no valid one.
 *
 * @example
 * const parent = extractTraceContext(request.headers);
 * await startActiveObservation('handle', handle, { parent });
 */
export function extractTraceContext(headers: HeadersLike): ParentContext | undefined {
  try {
    const value = readHeader(headers, TRACEPARENT);
    // Several headers mean several callers: ignore them all.
    const text = Array.isArray(value) && value.length === 1 ? value[0] : value;
    const context = typeof text === 'string' ? parseTraceparent(text) : undefined;
    const baggage = context && readBaggageHeader(headers);
    return baggage ? { ...(context as ParentContext), baggage: parseBaggage(baggage) } : context;
  } catch {
    return undefined;
  }
}

/** Adds `baggage` to the baggage header that is there. */
export function writeHeaders(headers: WritableHeaders, traceparent: string, baggage: Texts | null): void {
  writeHeader(headers, TRACEPARENT, traceparent);
  if (baggage === null) return;
  writeHeader(headers, BAGGAGE, formatBaggage(readBaggageHeader(headers as HeadersLike), baggage));
}

/** Several headers of this name are joined. */
function readBaggageHeader(headers: HeadersLike): string {
  const value = readHeader(headers, BAGGAGE);
  return Array.isArray(value) ? value.join(',') : typeof value === 'string' ? value : '';
}

function readHeader(headers: HeadersLike, name: string): unknown {
  if (typeof headers.get === 'function') return headers.get(name);
  return (headers as Record<string, unknown>)[nameIn(headers, name)];
}

function writeHeader(headers: WritableHeaders, name: string, value: string): void {
  if (typeof headers.set === 'function') headers.set(name, value);
  else (headers as Record<string, unknown>)[nameIn(headers, name)] = value;
}

/** The header's name in the case that the object already uses. */
function nameIn(headers: object, name: string): string {
  return Object.keys(headers).find((key) => key.toLowerCase() === name) ?? name;
}

/** The value of a baggage header. Earlier entries go first. Entries beyond the limits are left out. */
function formatBaggage(before: string, entries: Texts): string {
  const names = new Set(Object.keys(entries));
  const kept = before.split(',').filter((entry) => entry.trim() !== '' && !names.has(entryName(entry)));
  const added = Object.entries(entries).map(
    ([name, value]) =>
      `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`,
  );
  let left = MAX_CHARACTERS;
  const fits = (entry: string): boolean => {
    if (entry.length > MAX_ENTRY_CHARACTERS || entry.length + 1 > left) return false;
    left -= entry.length + 1;
    return true;
  };
  return [...kept.map((entry) => entry.trim()), ...added].filter(fits).slice(0, MAX_ENTRIES).join(',');
}

/** The entries of a baggage header. Unreadable entries are left out. */
function parseBaggage(text: string): Texts {
  const entries = text
    .slice(0, MAX_CHARACTERS)
    .split(',')
    .slice(0, MAX_ENTRIES)
    .flatMap((entry): [string, string][] => {
      // Properties may follow the value.
      const [pair = ''] = entry.split(';');
      const at = pair.indexOf('=');
      const value = at < 1 ? undefined : percentDecoded(pair.slice(at + 1).trim());
      return value === undefined ? [] : [[entryName(pair), value]];
    });
  return Object.fromEntries(entries);
}

function entryName(entry: string): string {
  const name = (entry.split('=', 1)[0] as string).trim();
  return percentDecoded(name) ?? name;
}
