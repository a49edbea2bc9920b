/**
 * The full-text search: reads names, status messages, inputs and outputs from the newest to the oldest, in slices.
 *
 * There is no index of texts: writing one would cost each event more than the rare search saves.
 */

import { inSlices, type Steps } from '../slices.js';
import {
  HAS_LONG_PAYLOAD,
  LONG_PAYLOAD_MATCHES,
  prepareBodySearch,
  SHORT_PAYLOAD_MATCHES,
} from '../store/payload-search.js';
import { bindable, type Database } from '../store/sqlite.js';

export interface Found {
  traceIds: string[];
  /** False: the time was over before all rows were read. */
  isComplete: boolean;
}

/** Rows between two yields, which take some milliseconds. */
const CHUNK_ROWS = 200;
/** Bodies between two yields. Most have some kilobytes, the largest a mebibyte. */
const CHUNK_BODIES = 16;
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

const TABLES = [
  { table: 'traces', id: 'id', columns: ['name', 'user_id', 'session_id', 'tags', 'id'] },
  { table: 'observations', id: 'trace_id', columns: ['name', 'status_message', 'model', 'id'] },
];

function* searchSteps(database: Database, text: string): Steps<Found> {
  const traceIds = new Set<string>();
  const endsAtMs = performance.now() + MAX_SEARCH_MS;
  const steps = [
    ...TABLES.map((table) => searchTable(database, table, text, traceIds)),
    searchBodies(database, text, traceIds),
  ];
  for (const step of steps) {
    while (step.next().done !== true) {
      if (performance.now() > endsAtMs) return { traceIds: [...traceIds], isComplete: false };
      yield;
    }
  }
  return { traceIds: [...traceIds], isComplete: true };
}

/** Names and the like, and payloads that are stored as text. */
function* searchTable(
  database: Database,
  { table, id, columns }: (typeof TABLES)[number],
  text: string,
  traceIds: Set<string>,
): Steps<void> {
  const names = columns.map((column) => `${column} LIKE ? ESCAPE '\\'`).join(' OR ');
  const pattern = bindable(likePattern(text));
  const sides = [pattern, pattern];
  const bounds = database.prepare(`SELECT min(rowid) AS first, max(rowid) AS last FROM ${table}`).get();
  const between = `FROM ${table} WHERE rowid > ? AND rowid <= ?`;
  const find = database.prepare(
    `SELECT DISTINCT ${id} AS id ${between} AND (${names} OR ${SHORT_PAYLOAD_MATCHES})`,
  );
  const findLong = database.prepare(`SELECT rowid AS row_id ${between} AND (${HAS_LONG_PAYLOAD})`);
  const matchLong = database.prepare(
    `SELECT ${id} AS id FROM ${table} WHERE rowid = ? AND (${LONG_PAYLOAD_MATCHES})`,
  );
  const first = Number(bounds?.first ?? 1);
  for (let last = Number(bounds?.last ?? 0); last >= first; last -= CHUNK_ROWS) {
    const [after, patterns] = [last - CHUNK_ROWS, columns.map(() => pattern)];
    for (const row of find.all(after, last, ...patterns, ...sides)) traceIds.add(String(row.id));
    yield;
    for (const { row_id } of findLong.all(after, last)) {
      const row = matchLong.get(row_id ?? 0, ...sides);
      if (row !== undefined) traceIds.add(String(row.id));
      yield;
    }
  }
}

function* searchBodies(database: Database, text: string, traceIds: Set<string>): Steps<void> {
  const pattern = new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
  const search = prepareBodySearch(database);
  const { first, last: newest } = search.bounds();
  for (let last = newest; last >= first && last > 0; last -= CHUNK_BODIES) {
    const found = search.find(
      last - CHUNK_BODIES,
      last,
      (body) => pattern.test(body),
      (id) => traceIds.has(id),
    );
    for (const id of found) traceIds.add(id);
    yield;
  }
}

/** A part of a text as a pattern of LIKE. */
export function likePattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}
