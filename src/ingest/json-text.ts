/** Converts payloads and metadata between values and JSON text, within limits of depth and size. */

import type { Steps } from './steps.js';

/**
 * Parses a text if it is JSON: clients send objects as JSON strings, and plain strings as they are.
 * A number that JavaScript would change (a 20-digit id, `1.0`, `007`) stays a string.
 */
export function parseIfJson(text: string, maxValues?: number): unknown {
  const first = text.charCodeAt(0);
  const mayBeJson =
    first === 0x7b ||
    first === 0x5b ||
    first === 0x22 ||
    first <= 0x39 ||
    first === 0x74 ||
    first === 0x66 ||
    first === 0x6e;
  if (!mayBeJson || !isWalkable(text, maxValues)) return text;
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'number' && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}

/** JSON.parse accepts any depth, JSON.stringify overflows the stack at some thousand levels. */
const MAX_DEPTH = 1000;
/** Parsing and writing this much takes a third of a second, during which no other request is answered. */
const MAX_JSON_CHARS = 16 * 1024 * 1024;
const MAX_JSON_VALUES = 500_000;
/** Metadata is parsed, merged and written with each event that has some. */
export const MAX_METADATA_VALUES = 50_000;

/** Whether a text, if it is JSON, may be parsed and written again. Text beyond the limits stays text. */
export function isWalkable(text: string, maxValues = MAX_JSON_VALUES): boolean {
  if (text.length < 2 * MAX_DEPTH) return true;
  if (text.length > MAX_JSON_CHARS) return false;
  let depth = 0;
  let values = 1;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x5b || code === 0x7b) {
      depth += 1;
      values += 1;
      if (depth > MAX_DEPTH) return false;
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
    else if (code === 0x2c) values += 1;
    if (values > maxValues) return false;
  }
  return true;
}

const SCANNED_BYTES = 64 * 1024;

/** Counts the values of a JSON text in UTF-8, at any depth; stops at one more than `max`. */
export function* countJsonValues(bytes: Uint8Array, max: number): Steps<number> {
  let values = 1;
  let inString = false;
  let pauseAt = SCANNED_BYTES;
  for (let index = 0; index < bytes.length && values <= max; index += 1) {
    const code = bytes[index];
    if (code === 0x22) inString = !inString;
    else if (inString) {
      if (code === 0x5c) index += 1;
    } else if (code === 0x2c || code === 0x5b || code === 0x7b) values += 1;
    if (index >= pauseAt) {
      pauseAt += SCANNED_BYTES;
      yield;
    }
  }
  return values;
}

/** The value of a JSON text; `undefined` if it is not JSON, or beyond the limits. */
export function parsedOrUndefined(text: string, maxValues?: number): unknown {
  try {
    return isWalkable(text, maxValues) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** Describes a text for which `parsedOrUndefined` returns nothing. */
export function describeUnparsed(text: string, maxValues?: number): string {
  return isWalkable(text, maxValues) ? 'a string that is not JSON' : 'JSON of too many levels or values';
}

const ALLOWED_GROWTH = 10;
const ALWAYS_ALLOWED_CHARS = 100_000;

/** Whether formatting would make a JSON text much longer: deep JSON grows a thousandfold by its indents. */
export function growsByIndents(text: string): boolean {
  let room = ALWAYS_ALLOWED_CHARS + ALLOWED_GROWTH * text.length;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length && room >= 0; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) inString = !inString;
    else if (inString) {
      if (code === 0x5c) index += 1;
    } else if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    else if (code !== 0x2c) continue;
    if (!inString) room -= 2 * depth;
  }
  return room < 0;
}

/** The JSON text of any attribute value: 64-bit integers become strings, bytes become base64. */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value, replacer) ?? 'null';
}

/** A payload as it is stored: strings as they are, other values as JSON. A string with NUL is stored as JSON too: SQLite would cut it there. */
export function payloadText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === 'string' && !value.includes('\0') ? value : toJsonText(value);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function replacer(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}
