/** Cursors of lists: the position where a page ended, as base64 of JSON. */

import { isObject } from '../../ingest/json-text.js';
import type { Micros } from '../../ingest/rows.js';
import { invalid, microsOf, one } from './parameters.js';

/** The keys of a cursor's JSON: one for its time, others for texts. */
interface CursorKeys {
  time: string;
  texts: readonly string[];
}

export interface Position {
  us: Micros;
  texts: string[];
}

export function encodeCursor({ time, texts }: CursorKeys, position: Position, rest: object = {}): string {
  const entries = texts.map((key, index) => [key, position.texts[index]]);
  const cursor = { ...rest, [time]: isoMicros(position.us), ...Object.fromEntries(entries) };
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/** Reads the parameter `cursor`. Null: start from the beginning. */
export function cursor(query: URLSearchParams, { time, texts }: CursorKeys): Position | null {
  const text = one(query, 'cursor');
  if (text === null) return null;
  const read = decode(text);
  const at = isObject(read) ? read[time] : undefined;
  const us = typeof at === 'string' ? microsOf(at) : null;
  const values = texts.map((key) => (isObject(read) ? read[key] : undefined));
  if (us === null || values.some((value) => typeof value !== 'string')) {
    throw invalid('cursor', 'the cursor of an earlier answer', text);
  }
  return { us, texts: values as string[] };
}

function decode(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** Langfuse's cursors have milliseconds; times here are in microseconds, and a cursor must not lose the difference. */
function isoMicros(us: Micros): string {
  const ms = Math.floor(us / 1000);
  const rest = us - ms * 1000;
  const iso = new Date(ms).toISOString();
  return rest === 0 ? iso : iso.replace('Z', `${String(rest).padStart(3, '0')}Z`);
}
