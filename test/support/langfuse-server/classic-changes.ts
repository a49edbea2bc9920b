/** What the schema makes of an event's body: each field that is stored otherwise than it was sent. */
import type { Accepted } from './batch.js';
import type { Body, Note } from './types.js';
import { isSame } from './values.js';

/** Set by the server where it is missing, and read as nothing where the event has no such thing. */
const DEFAULTS: Readonly<Record<string, unknown>> = { environment: 'default', source: 'API' };

export function noteChanges({ event, sent }: Accepted, note: Note): void {
  for (const [field, value] of Object.entries(sent.body)) {
    if (value === null || value === undefined || isSame(event.body[field], value)) continue;
    if (isEmpty(value) && event.body[field] === undefined) continue;
    if (isPointInTime(sent.body, field)) continue;
    note(
      field,
      field in event.body ? describe(value, event.body[field]) : `dropped: no field of ${sent.type}`,
    );
  }
  for (const [field, value] of Object.entries(event.body)) {
    const isMissing = sent.body[field] === undefined;
    if (isMissing && value !== null && value !== undefined && value !== DEFAULTS[field]) note(field, 'added');
  }
}

/** An event has no end: none is lost that is its start. */
function isPointInTime({ startTime, endTime }: Body, field: string): boolean {
  return field === 'endTime' && startTime === endTime;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && Object.keys(value as object).length === 0;
}

/** Names the members, not their values: a list of tokens is enough to see what happened. */
function describe(sent: unknown, stored: unknown): string {
  const keys = Object.keys(Object(sent)).filter((key) => !isSame(Object(sent)[key], Object(stored)[key]));
  return keys.length > 0 && typeof sent === 'object'
    ? `stored without or otherwise: ${keys.join(', ')}`
    : `becomes ${JSON.stringify(stored)}`;
}
