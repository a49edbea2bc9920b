/**
 * The full-text search: reads names, status messages, inputs and outputs from the newest to the oldest, in slices.
 *
 * There is no index of texts: writing one would cost each event more than the rare search saves.
 */

import { inSlices, type Steps } from '../slices.js';
import { bindable, type Database, type SqlRow } from '../store/sqlite.js';
import { payloadMatches } from './payload-sql.js';

export interface Found {
  traceIds: string[];
  /** False: the time was over before all rows were read. */
  isComplete: boolean;
}

/** Rows between two yields. With 50 KB each it takes 10 ms. */
const CHUNK_ROWS = 50;
/** Time that one search computes. */
const MAX_SEARCH_MS = 5_000;
/** List, facets and chart ask for the same search one after the other. */
const KEPT_MS = 3_000;

interface KeptSearch {
  text: string;
  untilMs: number;
  found: Promise<Found>;
}

const kept = new WeakMap<Database, KeptSearch>();

/** Searches for a part of a text, ignoring the case of ASCII letters. */
export function search(database: Database, text: string): Promise<Found> {
  const last = kept.get(database);
  if (last?.text === text && performance.now() < last.untilMs) return last.found;
  const entry: KeptSearch = {
    text,
    untilMs: Number.POSITIVE_INFINITY,
    found: inSlices(searchSteps(database, text)),
  };
  kept.set(database, entry);
  const release = () => {
    entry.untilMs = performance.now() + KEPT_MS;
  };
  entry.found.then(release, release);
  return entry.found;
}

const matches = (columns: readonly string[], payloads: readonly string[]) =>
  [...columns.map((column) => `${column} LIKE ? ESCAPE '\\'`), ...payloads.map(payloadMatches)].join(' OR ');

const OBSERVATION_TEXTS = ['name', 'status_message', 'model', 'id'];
const TRACE_TEXTS = ['name', 'user_id', 'session_id', 'tags', 'id'];
const PAYLOADS = ['input', 'output'];

function* searchSteps(database: Database, text: string): Steps<Found> {
  const pattern = bindable(likePattern(text));
  const traceIds = new Set<string>();
  const endsAtMs = performance.now() + MAX_SEARCH_MS;
  const tables = [
    { table: 'traces', id: 'id', columns: TRACE_TEXTS },
    { table: 'observations', id: 'trace_id', columns: OBSERVATION_TEXTS },
  ];
  for (const { table, id, columns } of tables) {
    const where = matches(columns, PAYLOADS);
    const patterns = [...columns, ...PAYLOADS].map(() => pattern);
    const bounds = database.prepare(`SELECT min(rowid) AS first, max(rowid) AS last FROM ${table}`).get();
    const find = database.prepare(
      `SELECT DISTINCT ${id} AS id FROM ${table} WHERE rowid > ? AND rowid <= ? AND (${where})`,
    );
    const first = Number(bounds?.first ?? 1);
    for (let last = Number(bounds?.last ?? 0); last >= first; last -= CHUNK_ROWS) {
      const rows: SqlRow[] = find.all(last - CHUNK_ROWS, last, ...patterns);
      for (const row of rows) traceIds.add(String(row.id));
      if (performance.now() > endsAtMs) return { traceIds: [...traceIds], isComplete: false };
      yield;
    }
  }
  return { traceIds: [...traceIds], isComplete: true };
}

/** A part of a text as a pattern of LIKE. */
export function likePattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}
