/**
 * What searches have found out about traces, so that a search can go on where it stopped, and list, facets and chart of one search have the same
 * answer. A trace that is written again is read again.
 */

import { bindable, type Database, type SqlValue } from '../sqlite.js';

/** One search: a text or an entry of metadata, in a range of time. */
export interface KeptSearch {
  /** Whether a trace has what is searched for, by the number of its row. Not in it: it was not read, or was written since. */
  readonly verdicts: Map<number, boolean>;
  /** How often it has been given time. */
  rounds: number;
  /** Start of the newest trace that was not read when the time was over; null: all were. */
  unreadUs: number | null;
  /** Counts how often verdicts were forgotten: what is read meanwhile may be an earlier state. */
  forgotten: number;
  /** The answer that is under way, or that was given a moment ago. */
  last: { further: number; untilMs: number; answer: Promise<unknown> } | undefined;
}

interface KeptSearches {
  byKey: Map<string, KeptSearch>;
  /** Ids of the traces that were written since the last search. */
  written: Set<string>;
  version: SqlValue | undefined;
}

const MAX_SEARCHES = 8;
/** Then to read anew is no more than to find out which. */
const MAX_WRITTEN = 5_000;

const searchesOf = new WeakMap<Database, KeptSearches>();

/** The search of this key, without what has been written since. */
export function keptSearch(database: Database, key: string): KeptSearch {
  const kept = searchesOf.get(database) ?? { byKey: new Map(), written: new Set(), version: undefined };
  searchesOf.set(database, kept);
  forgetWritten(database, kept);
  const search = kept.byKey.get(key) ?? newSearch();
  // The one that was used last is at the end.
  kept.byKey.delete(key);
  kept.byKey.set(key, search);
  for (const oldest of kept.byKey.keys()) {
    if (kept.byKey.size <= MAX_SEARCHES) break;
    kept.byKey.delete(oldest);
  }
  return search;
}

/** Call this for each trace that is written. */
export function traceWritten(database: Database, id: string): void {
  const kept = searchesOf.get(database);
  if (kept === undefined || kept.byKey.size === 0) return;
  kept.written.add(id);
  if (kept.written.size > MAX_WRITTEN) forgetAll(kept);
}

function newSearch(): KeptSearch {
  return { verdicts: new Map(), rounds: 0, unreadUs: null, forgotten: 0, last: undefined };
}

function forgetAll({ byKey, written }: KeptSearches): void {
  byKey.clear();
  written.clear();
}

function forgetWritten(database: Database, kept: KeptSearches): void {
  const version = database.prepare('PRAGMA data_version').get()?.data_version;
  // Another process has written.
  if (version !== kept.version) forgetAll(kept);
  kept.version = version;
  if (kept.written.size === 0) return;
  for (const search of kept.byKey.values()) {
    search.forgotten += 1;
    if (search.last !== undefined) search.last.untilMs = 0;
  }
  const ids = JSON.stringify([...kept.written].map((id) => bindable(id)));
  const sql = 'SELECT rowid AS row_id FROM traces WHERE id IN (SELECT value FROM json_each(?))';
  for (const { row_id } of database.prepare(sql).all(ids)) {
    for (const { verdicts } of kept.byKey.values()) verdicts.delete(Number(row_id));
  }
  kept.written.clear();
}
