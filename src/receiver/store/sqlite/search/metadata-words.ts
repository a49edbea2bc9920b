/**
 * Entries of metadata as words of the search index, so that `KEY=VALUE` finds its traces without reading the metadata of all. A word is a hash
 * behind a character that no word of a text has; what it finds are candidates.
 */

import { hash } from 'node:crypto';
import { isObject } from '../../../../ingest/json-text.js';
import { bindable, type Database } from '../sqlite.js';

/** Of the private use area: no letter. */
const MARK = '\ue000';
const HASH_CHARS = 12;
/** A hostile object has a million keys. Beyond this, and for lists and objects as values, a trace is a candidate for any value. */
const MAX_ENTRIES = 500;
const ANY_ENTRY = `${MARK}any`;
const ROWS_AT_A_TIME = 100;

/** The words of which a trace has one if it may have the entry. */
export function wordsOfEntry(key: string, value: string): string[] {
  return [entryWord(key, value), ANY_ENTRY];
}

function entryWord(key: string, value: unknown): string {
  // Texts and numbers that look alike are one: 5, "5" and 5.0.
  const text = String(value);
  const isNumber = text.trim() !== '' && Number.isFinite(Number(text));
  const digest = hash('sha256', `${key}\0${isNumber ? Number(text) : text}`, 'hex');
  return MARK + digest.slice(0, HASH_CHARS);
}

function addEntries(words: Set<string>, json: string): void {
  const metadata: unknown = JSON.parse(json);
  const entries = isObject(metadata) ? Object.entries(metadata) : [];
  if (entries.length > MAX_ENTRIES) words.add(ANY_ENTRY);
  for (const [key, value] of entries.slice(0, MAX_ENTRIES)) {
    words.add(typeof value === 'object' && value !== null ? objectWord(key) : entryWord(key, value));
  }
}

/** The value is not looked into: spans of OpenTelemetry all have an object of attributes. */
const objectWord = (key: string) => entryWord(key, '{');

/** A value that is an object or a list as JSON. */
export function isObjectText(value: string): boolean {
  return /^\s*[[{]/.test(value);
}

export function wordsOfObject(key: string): string[] {
  return [objectWord(key), ANY_ENTRY];
}

/** Prepares statements. Adds the words of the metadata of a trace and of its observations. */
export function prepareMetadataWords(
  database: Database,
): (traceId: string, words: Set<string>) => Generator<void, void, void> {
  const ofTrace = database.prepare('SELECT metadata FROM traces WHERE id = ?');
  const ofObservations = database.prepare(
    `SELECT id, metadata FROM observations WHERE trace_id = ? AND id > ? ORDER BY id LIMIT ${ROWS_AT_A_TIME}`,
  );
  return function* addMetadata(traceId, words) {
    const trace = bindable(traceId);
    let rows = [ofTrace.get(trace)];
    while (rows.length > 0) {
      for (const row of rows) {
        if (typeof row?.metadata === 'string') addEntries(words, row.metadata);
        yield;
      }
      const last = rows.at(-1)?.id;
      if (last !== undefined && rows.length < ROWS_AT_A_TIME) return;
      rows = ofObservations.all(trace, last ?? '');
    }
  };
}
