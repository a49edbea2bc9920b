/**
 * The full-text search in names, status messages, inputs and outputs, in slices. The index answers for a part of one word. A text of several
 * words, or with other characters, is looked for in the traces that have the words. What the index does not have yet is read.
 */

import { inSlices, type Steps } from '../../../slices.js';
import { bindable, type Database } from '../sqlite.js';
import { tracesWithWords } from './search-index.js';
import { prepareSearchTexts } from './search-texts.js';
import { wantedWords } from './search-words.js';

export interface Found {
  /** Numbers of the rows. */
  traceRows: number[];
  /** False: the time was over before all texts were read. */
  isComplete: boolean;
}

/** Time that one search reads texts that the index cannot answer for: those that wait for it, or all. */
const MAX_READING_MS = 5_000;
/** Time that it reads traces that have all words of a text: the newest of them. A list of common words is answered while somebody types. */
const MAX_CHECKING_MS = 150;
/** The same while none has been found: an empty list that may be incomplete says nothing. */
const MAX_VAIN_CHECKING_MS = 2_000;
/** List, facets and chart ask for the same search one after the other. */
const KEPT_MS = 3_000;
/** The beginning of an id: shorter ones are words of many texts. */
const MIN_ID_CHARS = 6;
const TRACES_AT_A_TIME = 500;

interface KeptSearch {
  text: string;
  untilMs: number;
  found: Promise<Found>;
}

const kept = new WeakMap<Database, KeptSearch>();

/** Searches for a part of a text, ignoring case. */
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

function* searchSteps(database: Database, text: string): Steps<Found> {
  const rows = new Set(tracesWithId(database, text));
  const { words, isCandidate } = wantedWords(text);
  const due = database
    .prepare('SELECT rowid AS row_id FROM traces WHERE search_due IS NOT NULL ORDER BY rowid DESC')
    .all()
    .map(({ row_id }) => Number(row_id));
  // What is not in the index first, then the newest.
  const toRead = new Set(due);
  const candidates: number[] = [];
  if (words.length === 0) {
    // The index has words only.
    for (const row of allTraces(database)) toRead.add(row);
  } else {
    const indexed = yield* tracesWithWords(database, words);
    if (isCandidate) candidates.push(...[...indexed].sort((a, b) => b - a));
    else for (const row of indexed) rows.add(row);
  }
  const reader = textReader(database, text);
  const areRead = yield* readWithin(() => MAX_READING_MS, toRead, rows, reader);
  const maxCheckingMs = () => (rows.size > 0 ? MAX_CHECKING_MS : MAX_VAIN_CHECKING_MS);
  const areChecked = yield* readWithin(maxCheckingMs, candidates, rows, reader);
  return { traceRows: [...rows], isComplete: areRead && areChecked };
}

/** Adds the traces that have the text to `found`. False: the time was over before all were read. */
function* readWithin(
  maxMs: () => number,
  traceRows: Iterable<number>,
  found: Set<number>,
  hasText: (row: number) => Steps<boolean>,
): Steps<boolean> {
  const startedMs = performance.now();
  for (const row of traceRows) {
    if (found.has(row)) continue;
    if (performance.now() - startedMs > maxMs()) return false;
    if (yield* hasText(row)) found.add(row);
  }
  return true;
}

function allTraces(database: Database): number[] {
  const rows = database.prepare('SELECT rowid AS row_id FROM traces ORDER BY rowid DESC').all();
  return rows.map(({ row_id }) => Number(row_id));
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
