/** Cuts payload columns (input, output, metadata) of the tables with texts (payload-sql.ts), and reads what is left of them. */

import type { CutPayload, PayloadEnds } from '../../contract/page.js';
import { numberOf, textOf } from '../read/stored-rows.js';
import type { SqlRow } from '../sqlite.js';

/** A payload beyond this has no preview, as all of it is read to cut it. */
const MAX_PREVIEWED_BYTES = 1024 * 1024;
const HEAD_CHARS = 300;
/** Enough to hold the last message of most chats. */
const TAIL_CHARS = 2000;

/** Beginning and end of an input or output; null for a missing or very long one. Its bytes are known without reading it. */
export function previewColumns(column: string, name: string): string {
  const cut = (sql: string) => `CASE WHEN ${column}_bytes <= ${MAX_PREVIEWED_BYTES} THEN ${sql} END`;
  return `${cut(`substr(${column}, 1, ${HEAD_CHARS})`)} AS ${name}_head,
    ${cut(`substr(${column}, -${TAIL_CHARS})`)} AS ${name}_tail, ${column}_bytes AS ${name}_bytes`;
}

/** A payload up to a length in characters, and the length of the whole. */
export function payloadColumns(column: string, name: string, maxChars: number): string {
  return `substr(${column}, 1, ${maxChars}) AS ${name}, length(${column}) AS ${name}_length`;
}

/** A JSON payload as an argument of json_each; null if it is none that SQLite can parse. */
export function payloadAsJson(column: string): string {
  return `iif(json_valid(${column}), ${column}, NULL)`;
}

/** Of `previewColumns`; null: there is no payload. */
export function payloadEnds(row: SqlRow, name: string): PayloadEnds | null {
  const bytes = row[`${name}_bytes`];
  if (bytes === null || bytes === undefined) return null;
  return { head: textOf(row[`${name}_head`]), tail: textOf(row[`${name}_tail`]), bytes: Number(bytes) };
}

/** Of `payloadColumns`; null: there is no payload. */
export function cutPayload(row: SqlRow, name: string): CutPayload | null {
  const start = textOf(row[name]);
  return start === null ? null : { text: start, length: numberOf(row[`${name}_length`]) ?? 0 };
}
