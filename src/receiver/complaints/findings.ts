/** A complaint in the making: what is found while one request is judged, and the words for it. No payload gets into them. */

import type { ComplaintCode } from './complaint-codes.js';

export interface Finding {
  code: ComplaintCode;
  traceId: string | null;
  observationId: string | null;
  /** Key of the attribute, or path in the body. */
  field: string;
  message: string;
}

/** Whom the findings of the moment are about. */
export interface Witness {
  traceId: string | null;
  observationId: string | null;
  findings: Finding[];
}

/** As the API gives it. */
export interface Complaint extends Finding {
  id: string;
  timestamp: string;
  severity: string;
}

const MAX_FIELD_CHARS = 200;
/** Of one request: the store keeps half as many, and a span can give cause for a million. */
const MAX_FINDINGS = 20_000;

export function complain(witness: Witness, code: ComplaintCode, field: string, message: string): void {
  const { traceId, observationId, findings } = witness;
  if (findings.length >= MAX_FINDINGS) return;
  const shortField = field.slice(0, MAX_FIELD_CHARS);
  findings.push({ code, traceId, observationId, field: shortField, message: `${shortField} ${message}` });
}

/** Adds what was found of one event to what was found of its request. */
export function addFindings(all: Finding[], found: readonly Finding[]): void {
  all.push(...found.slice(0, Math.max(0, MAX_FINDINGS - all.length)));
}

/** What came: its type, or the number that it is. */
export function typeOfValue(value: unknown): string {
  if (typeof value === 'number') return `the number ${value}`;
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Uint8Array) return 'bytes';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'boolean' ? `the boolean ${value}` : `a ${typeof value}`;
}

/** The same for a field whose values are words of a list: a short word may be shown. */
export function wordOrType(value: unknown): string {
  return typeof value === 'string' && /^[A-Za-z0-9_.-]{1,40}$/.test(value)
    ? `"${value}"`
    : typeOfValue(value);
}
