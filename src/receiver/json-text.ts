/** JSON text and what stands for it: how payloads and metadata cross from the wire to the store and back. */

import type { Steps } from './slices.js';

/**
 * The value that a text stands for: clients send objects as JSON strings, and plain strings as they are.
 * A number that JavaScript would round or respell (a 20-digit id, `1.0`, `007`) stays the text it is.
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

/** JSON.parse takes any depth, JSON.stringify overflows the stack at some thousands. */
const MAX_DEPTH = 1000;
/** To parse and write as much takes a third of a second, during which nobody else is answered. */
const MAX_JSON_CHARS = 16 * 1024 * 1024;
const MAX_JSON_VALUES = 500_000;
/** Metadata are parsed, merged and written with each event that has some. */
export const MAX_METADATA_VALUES = 50_000;

/** Whether a text, if it is JSON, can be parsed and written again: what is deeper, longer or of more values stays text. */
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

/** How many values a JSON text in UTF-8 has, at any depth; it counts no further than to one beyond `max`. */
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

/** The value of a JSON text; `undefined`: it is none, or one that cannot be walked. */
export function parsedOrUndefined(text: string, maxValues?: number): unknown {
  try {
    return isWalkable(text, maxValues) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** What to say of a text that has no such value. */
export function unparsedWords(text: string, maxValues?: number): string {
  return isWalkable(text, maxValues) ? 'a string that is not JSON' : 'JSON of too many levels or values';
}

/** JSON text of any attribute value: 64-bit integers as digits in a string, bytes as base64. */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value, replacer) ?? 'null';
}

/** A payload as it is stored: a string as it is, anything else as JSON; so is a string that SQLite would cut at its NUL. */
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
