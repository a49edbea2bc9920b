/** Collects the findings of one request, and composes their messages. A message never contains a payload. */

import type { ComplaintCode } from './complaint-codes.js';

export interface Finding {
  code: ComplaintCode;
  traceId: string | null;
  observationId: string | null;
  /** Key of the attribute, or path in the body. */
  field: string;
  message: string;
}

/** What is being validated, and where its findings go. */
export interface Subject {
  traceId: string | null;
  observationId: string | null;
  findings: Finding[];
}

/** A complaint as the API returns it. */
export interface Complaint extends Finding {
  id: string;
  timestamp: string;
  severity: string;
}

const MAX_FIELD_CHARS = 200;
/** Limit per request. The store keeps half as many, and one span can cause a million. */
const MAX_FINDINGS = 20_000;

export function complain(subject: Subject, code: ComplaintCode, field: string, message: string): void {
  const { traceId, observationId, findings } = subject;
  if (findings.length >= MAX_FINDINGS) return;
  const shortField = field.slice(0, MAX_FIELD_CHARS);
  findings.push({ code, traceId, observationId, field: shortField, message: `${shortField} ${message}` });
}

/** Adds the findings of one event to those of its request. */
export function addFindings(all: Finding[], found: readonly Finding[]): void {
  all.push(...found.slice(0, Math.max(0, MAX_FINDINGS - all.length)));
}

/** Describes a value for a message: its type, or the number itself. */
export function typeOfValue(value: unknown): string {
  if (typeof value === 'number') return `the number ${value}`;
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Uint8Array) return 'bytes';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'boolean' ? `the boolean ${value}` : `a ${typeof value}`;
}

/** The same for a field with a fixed set of values: a short name is shown as it is. */
export function nameOrType(value: unknown): string {
  return typeof value === 'string' && /^[A-Za-z0-9_.-]{1,40}$/.test(value)
    ? `"${value}"`
    : typeOfValue(value);
}
