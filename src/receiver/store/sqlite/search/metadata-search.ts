/**
 * Finds the traces that may have an entry of metadata: the index knows their words. Traces that it does not know yet are read, in slices and for a
 * bounded time, as their metadata may be large.
 */

import type { Steps } from '../../../slices.js';
import type { Database } from '../sqlite.js';
import { readCandidates } from './candidate-reader.js';
import type { KeptSearch } from './kept-searches.js';
import { isObjectText, prepareMetadataWords, wordsOfEntry, wordsOfObject } from './metadata-words.js';
import { type Found, keptAnswer, type SearchScope } from './search.js';
import { rowsToIndex, tracesWithOneOf } from './search-index.js';

/** Not all of what it finds has the entry: a condition in SQL decides. */
export function searchMetadata(
  database: Database,
  key: string,
  value: string,
  scope: SearchScope,
): Promise<Found> {
  const words = isObjectText(value) ? wordsOfObject(key) : wordsOfEntry(key, value);
  return keptAnswer(database, 'metadata', JSON.stringify([key, value]), scope, (kept) =>
    searchSteps(database, words, scope, kept),
  );
}

function* searchSteps(
  database: Database,
  words: readonly string[],
  scope: SearchScope,
  kept: KeptSearch,
): Steps<Found> {
  const due = rowsToIndex(database);
  const rows = new Set([...tracesWithOneOf(database, words)].filter((row) => !due.has(row)));
  const idOf = database.prepare('SELECT id FROM traces WHERE rowid = ?');
  const addMetadata = prepareMetadataWords(database);
  yield* readCandidates(database, kept, {
    ...scope,
    found: rows,
    unknown: due,
    candidates: new Set(),
    *read(row) {
      const id = idOf.get(row)?.id;
      if (typeof id !== 'string') return false;
      const found = new Set<string>();
      for (const _ of addMetadata(id, found)) {
        if (words.some((word) => found.has(word))) return true;
        yield;
      }
      return words.some((word) => found.has(word));
    },
  });
  for (const [row, has] of kept.verdicts) if (has) rows.add(row);
  return { traceRows: [...rows], unreadUs: kept.unreadUs };
}
