/**
 * Reads traces that may have what is searched for, the newest first, for a bounded time. It goes on where it stopped when it is asked again.
 */

import type { Micros } from '../../../../ingest/rows.js';
import type { Steps } from '../../../slices.js';
import type { Database } from '../sqlite.js';
import type { KeptSearch } from './kept-searches.js';

export interface Reading {
  /** Of the start of traces, inclusive. Null: no bound. */
  fromUs: Micros | null;
  /** Exclusive. */
  toUs: Micros | null;
  /** How often the reader has asked to go on; infinite: until all is read. */
  further: number;
  /** Found without reading, by the numbers of the rows. */
  found: ReadonlySet<number>;
  /** What the index does not know yet, or cannot answer for. */
  unknown: ReadonlySet<number> | 'all';
  /** Traces with all words of the search. */
  candidates: ReadonlySet<number>;
  /** Whether the trace has what is searched for. */
  read(row: number): Steps<boolean>;
}

/** Time that one search reads traces that the index does not know yet, or cannot answer for. */
const MAX_READING_MS = 5_000;
/** Time that it reads traces that have all words of a text. A list of common words is answered while somebody types. */
const MAX_CHECKING_MS = 150;
/** The same while none has been found: an empty list that may be incomplete says nothing. */
const MAX_VAIN_CHECKING_MS = 2_000;
/** Time for each time that the reader asks to go on. */
const MAX_FURTHER_MS = 2_000;

interface Allowance {
  readMs: number;
  maxMs(): number;
}

/** Fills `search.verdicts`, and says in `search.unreadUs` how far it came. */
export function* readCandidates(database: Database, search: KeptSearch, reading: Reading): Steps<void> {
  const { further, unknown } = reading;
  const isFirst = search.rounds === 0;
  const isNewRound = search.rounds <= further && search.rounds !== Number.POSITIVE_INFINITY;
  const furtherMs = isNewRound ? (further + (isFirst ? 0 : 1 - search.rounds)) * MAX_FURTHER_MS : 0;
  let hasFound = reading.found.size > 0 || [...search.verdicts.values()].includes(true);
  const checkingMs = () => (hasFound ? MAX_CHECKING_MS : MAX_VAIN_CHECKING_MS);
  const ofCandidates = { readMs: 0, maxMs: () => furtherMs + (isFirst ? checkingMs() : 0) };
  const ofUnknown = { readMs: 0, maxMs: () => furtherMs + (isFirst ? MAX_READING_MS : 0) };
  /** Each round reads the traces that have come since the last one. They have a time of their own. */
  const ofFresh = { readMs: 0, maxMs: () => Math.max(MAX_READING_MS, further * MAX_FURTHER_MS) };
  const reachedUs = search.unreadUs;
  const allowanceOf = (row: number, us: Micros): Allowance => {
    if (!isFirst && (reachedUs === null || us > reachedUs)) return ofFresh;
    return unknown === 'all' || unknown.has(row) ? ofUnknown : ofCandidates;
  };
  const isSpent = ({ readMs, maxMs }: Allowance) => readMs >= maxMs();
  let unreadUs: Micros | null = null;
  const isOver = () => unreadUs !== null && (!isNewRound || (isSpent(ofCandidates) && isSpent(ofUnknown)));
  for (const rows of newestFirst(database, reading, search.verdicts)) {
    for (const { row, us } of rows) {
      const allowance = allowanceOf(row, us);
      if (isSpent(allowance)) {
        unreadUs ??= us;
        if (isOver()) break;
        continue;
      }
      const [startedMs, { forgotten }] = [performance.now(), search];
      const has = yield* reading.read(row);
      allowance.readMs += performance.now() - startedMs;
      // The trace may have been written meanwhile: the next search reads it.
      if (search.forgotten !== forgotten) unreadUs ??= us;
      else search.verdicts.set(row, has);
      hasFound ||= has;
    }
    if (isOver()) break;
    yield;
  }
  search.unreadUs = unreadUs;
  search.rounds = Math.max(search.rounds, further + 1);
}

/** So many are sorted; more are met on the way through all traces. */
const FEW = 2_000;
const ROWS_AT_A_TIME = 500;

/** What is to be read, some at a time. */
function* newestFirst(
  database: Database,
  { fromUs, toUs, found, unknown, candidates }: Reading,
  verdicts: ReadonlyMap<number, boolean>,
): Generator<{ row: number; us: Micros }[], void, void> {
  const isOpen = (row: number) => !verdicts.has(row) && !found.has(row);
  const open = unknown === 'all' ? undefined : new Set([...unknown, ...candidates].filter(isOpen));
  const [first, end] = [fromUs ?? Number.MIN_SAFE_INTEGER, toUs ?? Number.MAX_SAFE_INTEGER];
  const prepare = (condition: string, limit: number) => {
    const statement = database.prepare(
      `SELECT rowid AS row_id, timestamp_us FROM traces WHERE ${condition} AND timestamp_us >= ?
       ORDER BY timestamp_us DESC, rowid DESC LIMIT ${limit}`,
    );
    return (...values: (number | string)[]) =>
      statement
        .all(...values, first)
        .map(({ row_id, timestamp_us }) => ({ row: Number(row_id), us: Number(timestamp_us) }));
  };
  if (open !== undefined && open.size <= FEW) {
    const few = prepare('rowid IN (SELECT value FROM json_each(?)) AND timestamp_us < ?', FEW);
    if (open.size > 0) yield few(JSON.stringify([...open]), end);
    return;
  }
  const next = prepare('(timestamp_us, rowid) < (?, ?)', ROWS_AT_A_TIME);
  let last = { us: end, row: Number.MIN_SAFE_INTEGER };
  for (;;) {
    const rows = next(last.us, last.row);
    yield rows.filter(({ row }) => (open === undefined ? isOpen(row) : open.delete(row)));
    if (rows.length < ROWS_AT_A_TIME || open?.size === 0) return;
    last = rows.at(-1) ?? last;
  }
}
