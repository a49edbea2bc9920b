/**
 * Brings written texts into the search index when no requests come: ingestion does not pay for it.
 *
 * A trace is due while its `search_due` has a time; every write to the trace sets it. So a later write has it indexed anew, and what is due
 * when the receiver ends is done at its next start on the same file. Until then the search reads its texts.
 */

import { type IdleWork, type SliceState, startIdleWork } from '../../idle-work.js';
import type { Database, SqlValue } from '../sqlite.js';
import { prepareMetadataWords } from './metadata-words.js';
import { prepareSearchIndex } from './search-index.js';
import { prepareSearchTexts } from './search-texts.js';
import { addWords } from './search-words.js';

export interface SearchIndexer extends IdleWork {
  /** Removes all from the index, within the caller's transaction. Traces that are left become due. */
  clear(): void;
}

/** Words are found in turns of this length; some traces share a transaction, which takes about as long. */
const SLICE_MS = 5;
const WORDS_OF_A_TRANSACTION = 5_000;
const TRACES_OF_A_TRANSACTION = 64;
const QUIET_MS = 200;
const MAX_WAIT_MS = 1_000;
/** A trace that is still written would be indexed again and again. */
const REST_MS = 2_000;

interface Trace {
  row: number;
  id: string;
  due: SqlValue;
}

interface Indexed extends Trace {
  words: Set<string>;
}

/** It has no roll-up of this one. */
const isOfEarlierSchema = ({ due }: Trace) => due === 0;

export function startSearchIndexer(database: Database, rollUp: (traceId: string) => void): SearchIndexer {
  const index = prepareSearchIndex(database);
  const textsOf = prepareSearchTexts(database);
  const metadataWords = prepareMetadataWords(database);
  const nextDue = database.prepare(
    `SELECT rowid AS row_id, id, search_due, traits FROM traces WHERE search_due IS NOT NULL AND search_due < ?
     ORDER BY search_due LIMIT 1 OFFSET ?`,
  );
  const isAnyDue = database.prepare('SELECT 1 FROM traces WHERE search_due IS NOT NULL LIMIT 1');
  const done = database.prepare('UPDATE traces SET search_due = NULL WHERE rowid = ? AND search_due = ?');
  const setAllDue = database.prepare('UPDATE traces SET search_due = ?');
  const oldest = database.prepare('SELECT rowid AS row_id FROM traces ORDER BY rowid LIMIT 1');
  const dataVersion = database.prepare('PRAGMA data_version');
  let seenVersion: SqlValue | undefined;
  /** With words that are not in the index yet. */
  let found: Indexed[] = [];
  let foundWords = 0;
  let finding: Generator<void, void, void> | undefined;

  /** On an error another process holds the file, or the disk is full: the next write tries again. */
  function slice(isAwaited: boolean): SliceState {
    try {
      const isFull = foundWords >= WORDS_OF_A_TRANSACTION || found.length >= TRACES_OF_A_TRANSACTION;
      if (finding === undefined && !isFull) {
        const trace = next(isAwaited);
        if (trace !== undefined) finding = findWords(trace);
      }
      if (finding !== undefined) {
        const endsAtMs = performance.now() + SLICE_MS;
        while (performance.now() < endsAtMs) {
          if (finding.next().done !== true) continue;
          finding = undefined;
          break;
        }
        return 'more';
      }
      if (found.length > 0) {
        transaction(writeFound);
        return 'more';
      }
      if (transaction(tidy)) return 'more';
      return isAnyDue.get() === undefined ? 'settled' : 'resting';
    } catch {
      forget();
      return 'settled';
    }
  }

  function next(isAwaited: boolean): Trace | undefined {
    const before = isAwaited ? Number.MAX_SAFE_INTEGER : (Date.now() - REST_MS) * 1000;
    const row = nextDue.get(before, found.length);
    return row && { row: Number(row.row_id), id: String(row.id), due: row.search_due ?? null };
  }

  function* findWords(trace: Trace): Generator<void, void, void> {
    const words = new Set<string>();
    if (!isOfEarlierSchema(trace)) {
      for (const texts of textsOf(trace.id)) {
        for (const text of texts) {
          addWords(words, text);
          yield;
        }
      }
      yield* metadataWords(trace.id, words);
    }
    found.push({ ...trace, words });
    foundWords += words.size;
  }

  function writeFound(): boolean {
    for (const trace of found) {
      const { row, id, due, words } = trace;
      // The roll-up makes the trace due.
      if (isOfEarlierSchema(trace)) rollUp(id);
      // Written meanwhile, or deleted: what was found is not what is there.
      else if (Number(done.run(row, due).changes) > 0) index.write(row, words);
    }
    found = [];
    foundWords = 0;
    return true;
  }

  function tidy(): boolean {
    const first = Number(oldest.get()?.row_id ?? 0);
    return index.merge() || index.forgetWords(first);
  }

  function transaction(work: () => boolean): boolean {
    database.exec('BEGIN IMMEDIATE');
    try {
      const version = dataVersion.get()?.data_version;
      if (version !== seenVersion) index.reset();
      seenVersion = version;
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }

  function forget(): void {
    index.reset();
    found = [];
    foundWords = 0;
    finding = undefined;
  }

  const work = startIdleWork({
    quietMs: QUIET_MS,
    maxWaitMs: MAX_WAIT_MS,
    restMs: REST_MS,
    keepsProcess: false,
    slice,
  });
  return {
    ...work,
    clear() {
      index.clear();
      forget();
      setAllDue.run(Date.now() * 1000);
    },
  };
}
