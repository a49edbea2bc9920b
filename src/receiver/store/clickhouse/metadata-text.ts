/**
 * Metadata: a JSON object ↔ the map of texts in the tables. Texts stay as they are and other values are JSON, as the exporter writes them.
 * A text that would be read as another value (`5`, `true`, `{…}`) is written in quotes.
 */

import { isWalkable } from '../../../ingest/json-text.js';
import { define, type Metadata } from '../../../ingest/merge.js';
import { type Bound, raw, type Sql, sql } from './connection/sql.js';

/** What begins like JSON. Words begin like `true`, and are looked at as a whole. */
const MAY_BE_JSON = /^[[{"\-\d]|^(?:true|false|null)$/;

export function metadataMap(json: string | null): Record<string, string> {
  const map: Record<string, string> = {};
  if (json === null) return map;
  for (const [key, value] of Object.entries(JSON.parse(json) as Metadata)) define(map, key, entryText(value));
  return map;
}

export function entryText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? 'null';
  return typeof entryValue(value) === 'string' && !value.startsWith('"') ? value : JSON.stringify(value);
}

/** Null: there is none. */
export function metadataJson(map: Readonly<Record<string, string>>): string | null {
  const entries = Object.entries(map);
  if (entries.length === 0) return null;
  const metadata: Metadata = {};
  for (const [key, value] of entries) define(metadata, key, entryValue(value));
  return JSON.stringify(metadata);
}

/** A number that JavaScript would change (a 20-digit id, `1.0`, `007`) is a text. */
export function entryValue(text: string): unknown {
  if (!MAY_BE_JSON.test(text) || !isWalkable(text)) return text;
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'number' && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}

/** An entry of a map as a text, without the quotes: for conditions. */
export function entrySql(map: string, key: Bound): Sql {
  const entry = sql`${raw(map)}[${key}]`;
  return sql`if(startsWith(${entry}, '"'), JSONExtractString(${entry}), ${entry})`;
}
