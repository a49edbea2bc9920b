/** Converts columns of stored rows to values of a response. */

import { parseIfJson } from '../json-text.js';
import type { SqlValue } from '../store/sqlite.js';

type Stored = SqlValue | undefined;

/** The id of the one project, which Langfuse's objects contain. */
export const PROJECT_ID = 'local';

export function isoTime(micros: Stored): string | null {
  return micros === null || micros === undefined
    ? null
    : new Date(Math.floor(Number(micros) / 1000)).toISOString();
}

export function payloadOf(text: Stored): unknown {
  return typeof text === 'string' ? parseIfJson(text) : null;
}

export function jsonOf(text: Stored): unknown {
  return typeof text === 'string' ? (JSON.parse(text) as unknown) : null;
}

/** Langfuse returns an empty object if there is no metadata. */
export function metadataOf(text: Stored): Record<string, unknown> {
  return (jsonOf(text) as Record<string, unknown> | null) ?? {};
}

export function tagsOf(text: Stored): string[] {
  return (jsonOf(text) as string[] | null) ?? [];
}

export function seconds(micros: Stored): number | null {
  return micros === null || micros === undefined ? null : Number(micros) / 1_000_000;
}

export function secondsBetween(start: Stored, end: Stored): number | null {
  if (start === null || start === undefined || end === null || end === undefined) return null;
  return (Number(end) - Number(start)) / 1_000_000;
}
