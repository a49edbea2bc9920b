/**
 * The full-text search in names, status messages, inputs and outputs, in slices. The index answers for a part of one word. A text of several
 * words, or with other characters, is looked for in the traces that have the words. What the index does not have yet is read.
 */

import type { Micros } from '../../../../ingest/rows.js';
import { inSlices, type Steps } from '../../../slices.js';
import { bindable, type Database } from '../sqlite.js';
import { readCandidates } from './candidate-reader.js';
import { type KeptSearch, keptSearch } from './kept-searches.js';
import { rowsToIndex, tracesWithWords } from './search-index.js';
import { prepareSearchTexts } from './search-texts.js';
import { wantedWords } from './search-words.js';

/** Where and how long a search looks. */
export interface SearchScope {
  /** Of the start of traces, inclusive. Null: no bound. */
  fromUs: Micros | null;
  /** Exclusive. */
  toUs: Micros | null;
  /** How often the reader has asked to go on; infinite: until all is read. */
  further: number;
}

export interface Found {
  /** Numbers of the rows: all of them have the text. */
  traceRows: number[];
  /** Start of the newest trace that was not read when the time was over: older ones may have the text too. Null: all were read. */
  unreadUs: Micros | null;
}

/** List, facets and chart ask for the same search one after the other. */
const KEPT_MS = 3_000;
/** The beginning of an id: shorter ones are words of many texts. */
const MIN_ID_CHARS = 6;
const TRACES_AT_A_TIME = 500;

/** Searches for a part of a text, ignoring case. */
export function search(database: Database, text: string, scope: SearchScope): Promise<Found> {
  return keptAnswer(database, 'text', text, scope, (kept) => searchSteps(database, text, scope, kept));
}

/** The answer that was given a moment ago, or another one after it. */
export function keptAnswer(
  database: Database,
  kind: 'text' | 'metadata',
  wanted: string,
  { fromUs, toUs, further }: SearchScope,
  steps: (kept: KeptSearch) => Steps<Found>,
): Promise<Found> {
  const kept = keptSearch(database, JSON.stringify([kind, wanted, fromUs, toUs]));
  const { last } = kept;
  if (last?.further === further && performance.now() < last.untilMs) return last.answer as Promise<Found>;
  const before = last?.answer.catch(() => {}) ?? Promise.resolve();
  const answer = before.then(() => inSlices(steps(kept)));
  const entry = { further, untilMs: Number.POSITIVE_INFINITY, answer };
  kept.last = entry;
  const release = () => {
    entry.untilMs = performance.now() + KEPT_MS;
  };
  answer.then(release, release);
  return answer;
}

function* searchSteps(database: Database, text: string, scope: SearchScope, kept: KeptSearch): Steps<Found> {
  const rows = new Set(tracesWithId(database, text));
  const { words, isCandidate } = wantedWords(text);
  const due = rowsToIndex(database);
  let indexed: ReadonlySet<number> = new Set();
  if (words.length > 0) {
    indexed = yield* tracesWithWords(database, words);
    // What the index has of a due trace may have been replaced.
    if (!isCandidate) for (const row of indexed) if (!due.has(row)) rows.add(row);
  }
  yield* readCandidates(database, kept, {
    ...scope,
    found: rows,
    // The index has words only.
    unknown: words.length === 0 ? 'all' : due,
    candidates: isCandidate ? indexed : new Set(),
    read: textReader(database, text),
  });
  for (const [row, hasText] of kept.verdicts) if (hasText) rows.add(row);
  return { traceRows: [...rows], unreadUs: kept.unreadUs };
}

/** By the beginning of the trace's own id, or of an observation's. */
function tracesWithId(database: Database, text: string): number[] {
  if ([...text].length < MIN_ID_CHARS) {
    const row = database.prepare('SELECT rowid AS row_id FROM traces WHERE id = ?').get(bindable(text));
    return row === undefined ? [] : [Number(row.row_id)];
  }
  const [first, last] = [bindable(text), `${bindable(text)}\u{10ffff}`];
  const sql = `SELECT rowid AS row_id FROM traces WHERE id >= ? AND id < ?
    UNION SELECT t.rowid FROM observations AS o JOIN traces AS t ON t.id = o.trace_id WHERE o.id >= ? AND o.id < ?
    LIMIT ${TRACES_AT_A_TIME}`;
  const rows = database.prepare(sql).all(first, last, first, last);
  return rows.map(({ row_id }) => Number(row_id));
}

/** Whether the trace has the text. */
function textReader(database: Database, text: string): (row: number) => Steps<boolean> {
  const pattern = new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i');
  const idOf = database.prepare('SELECT id FROM traces WHERE rowid = ?');
  const textsOf = prepareSearchTexts(database);
  return function* hasText(row) {
    const id = idOf.get(row)?.id;
    if (typeof id !== 'string') return false;
    for (const texts of textsOf(id)) {
      if (texts.some((one) => pattern.test(one))) return true;
      yield;
    }
    return false;
  };
}

/** A part of a text as a pattern of LIKE. */
export function likePattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
}
