/** Converts columns of stored rows to values of a response. */

import { parseIfJson } from '../../ingest/json-text.js';

type Text = string | null;
type Micros = number | null;

/** The id of the one project, which Langfuse's objects contain. */
export const PROJECT_ID = 'local';

export function isoTime(micros: Micros): string | null {
  return micros === null ? null : new Date(Math.floor(micros / 1000)).toISOString();
}

export function payloadOf(text: Text): unknown {
  return typeof text === 'string' ? parseIfJson(text) : null;
}

export function jsonOf(text: Text): unknown {
  return typeof text === 'string' ? (JSON.parse(text) as unknown) : null;
}

/** Langfuse returns an empty object if there is no metadata. */
export function metadataOf(text: Text): Record<string, unknown> {
  return (jsonOf(text) as Record<string, unknown> | null) ?? {};
}

export function seconds(micros: Micros): number | null {
  return micros === null ? null : micros / 1_000_000;
}

export function secondsBetween(start: Micros, end: Micros): number | null {
  return start === null || end === null ? null : (end - start) / 1_000_000;
}
