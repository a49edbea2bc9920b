/**
 * The search index: SQLite's FTS5 over the words of each trace, and a list of the words with their trigrams.
 *
 *     searched text → words that contain it (search_words, by trigrams) → traces that have one of them (search_texts)
 *
 * Two small indices find any part of a word: trigrams of all texts would take as much room as the texts. Neither holds the texts
 * themselves. A trace is one document, a large one several: its row's number × DOCUMENTS + 0, 1, ….
 */

import { bindable, type Database } from '../sqlite.js';
import { isListed, type WantedWord } from './search-words.js';

/**
 * `ascii` divides the words, which JavaScript has found, at spaces alone. No positions: texts with several words are candidates.
 * Merges are done in idle time (`merge`), not while a document is written.
 * `newest`: the last thousands of traces that had the word. Evictions take the oldest traces, and then the words that only they had.
 */
export const SEARCH_TABLES_SQL = `
CREATE VIRTUAL TABLE search_texts USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii');
CREATE VIRTUAL TABLE search_words USING fts5(word, content='', contentless_delete=1, detail=none, tokenize='trigram');
CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, newest INTEGER NOT NULL) STRICT;
CREATE INDEX words_by_age ON words (newest);
INSERT INTO search_texts (search_texts, rank) VALUES ('automerge', 0);
INSERT INTO search_words (search_words, rank) VALUES ('automerge', 0);
`;

const DOCUMENTS = 1024;
const MAX_DOCUMENT_WORDS = 20_000;
const TRACES_OF_AN_AGE = 8_192;
/** Words that need no look into the table: 20 MB. */
const MAX_KNOWN_WORDS = 200_000;
/** Pages of 4 KiB per step of a merge. */
const MERGED_PAGES = 16;
const WORDS_AT_A_TIME = 200;

export interface SearchIndex {
  /** Replaces what the index has of the trace. */
  write(traceRow: number, words: ReadonlySet<string>): void;
  /** A step of joining the pieces that writes have left. False: there is nothing to join. */
  merge(): boolean;
  /** Removes some of the words that only evicted traces had. False: there are none. */
  forgetWords(oldestTraceRow: number): boolean;
  /** Removes all, words too. */
  clear(): void;
  /** A transaction has failed, or another process has written. */
  reset(): void;
}

export function prepareSearchIndex(database: Database): SearchIndex {
  const remove = prepareSearchRemoval(database);
  const insert = database.prepare('INSERT INTO search_texts (rowid, words) VALUES (?, ?)');
  const insertWord = database.prepare('INSERT OR IGNORE INTO words (word, newest) VALUES (?, ?)');
  const renewWord = database.prepare('UPDATE words SET newest = max(newest, ?) WHERE word = ?');
  const insertTrigrams = database.prepare('INSERT INTO search_words (rowid, word) VALUES (?, ?)');
  const merges = ['search_texts', 'search_words'].map((table) =>
    database.prepare(`INSERT INTO ${table} (${table}, rank) VALUES ('merge', ${MERGED_PAGES})`),
  );
  const changes = database.prepare('SELECT total_changes() AS count');
  const oldWords = database.prepare(`SELECT id FROM words WHERE newest < ? LIMIT ${WORDS_AT_A_TIME}`);
  const removeWord = database.prepare('DELETE FROM words WHERE id = ?');
  const removeTrigrams = database.prepare('DELETE FROM search_words WHERE rowid = ?');
  const known = new Map<string, number>();

  function list(word: string, age: number): void {
    if ((known.get(word) ?? -1) >= age) return;
    if (known.size >= MAX_KNOWN_WORDS) known.clear();
    known.set(word, age);
    const { changes, lastInsertRowid } = insertWord.run(word, age);
    if (Number(changes) === 0) renewWord.run(age, word);
    else insertTrigrams.run(Number(lastInsertRowid), word);
  }

  return {
    write(traceRow, words) {
      remove(traceRow);
      const age = Math.floor(traceRow / TRACES_OF_AN_AGE);
      const all = [...words].map((word) => bindable(word) as string);
      for (const word of all) if (isListed(word)) list(word, age);
      for (
        let document = 0;
        document < DOCUMENTS && document * MAX_DOCUMENT_WORDS < all.length;
        document += 1
      ) {
        const start = document * MAX_DOCUMENT_WORDS;
        insert.run(traceRow * DOCUMENTS + document, all.slice(start, start + MAX_DOCUMENT_WORDS).join(' '));
      }
    },
    merge() {
      const count = () => Number(changes.get()?.count);
      let hasMerged = false;
      for (const statement of merges) {
        const before = count();
        statement.run();
        // One row is the command itself.
        hasMerged ||= count() - before > 1;
      }
      return hasMerged;
    },
    forgetWords(oldestTraceRow) {
      const rows = oldWords.all(Math.floor(oldestTraceRow / TRACES_OF_AN_AGE));
      for (const { id } of rows) {
        removeWord.run(id ?? 0);
        removeTrigrams.run(id ?? 0);
      }
      return rows.length > 0;
    },
    clear() {
      for (const table of ['search_texts', 'search_words']) {
        database.exec(`INSERT INTO ${table} (${table}) VALUES ('delete-all')`);
      }
      database.exec('DELETE FROM words');
      known.clear();
    },
    reset: () => known.clear(),
  };
}

/** Removes what the index has of a trace. */
export function prepareSearchRemoval(database: Database): (traceRow: number) => void {
  const remove = database.prepare('DELETE FROM search_texts WHERE rowid BETWEEN ? AND ?');
  return (traceRow) => void remove.run(traceRow * DOCUMENTS, traceRow * DOCUMENTS + DOCUMENTS - 1);
}

/** Words of one query: each is looked up in each piece of the index. */
const ALTERNATIVES_AT_A_TIME = 200;
const TRIGRAM_CHARS = 3;

/** Finds the traces, by the numbers of their rows, that have all of the words; yields between queries. */
export function* tracesWithWords(
  database: Database,
  words: readonly WantedWord[],
): Generator<void, Set<number>, void> {
  const find = database.prepare(
    `SELECT json_group_array(DISTINCT rowid / ${DOCUMENTS}) AS rows FROM search_texts WHERE search_texts MATCH ?`,
  );
  // The words without alternatives are one query; each of the others is one of its own.
  const [plain, partial] = [words.filter(isPlain), words.filter((word) => !isPlain(word))];
  const queries = partial.map((word) => alternatives(database, word));
  if (plain.length > 0) queries.push([plain.map(term).join(' AND ')]);
  let traces: Set<number> | undefined;
  for (const query of queries) {
    const found = new Set<number>();
    for (let start = 0; start < query.length; start += ALTERNATIVES_AT_A_TIME) {
      const any = query.slice(start, start + ALTERNATIVES_AT_A_TIME).join(' OR ');
      for (const row of JSON.parse(String(find.get(any)?.rows)) as number[]) found.add(row);
      yield;
    }
    const before: Set<number> | undefined = traces;
    traces = before === undefined ? found : new Set([...found].filter((row) => before.has(row)));
    if (traces.size === 0) break;
  }
  return traces ?? new Set();
}

/** The traces that have one of the words, by the numbers of their rows. */
export function tracesWithOneOf(database: Database, words: readonly string[]): Set<number> {
  const sql = `SELECT json_group_array(DISTINCT rowid / ${DOCUMENTS}) AS rows FROM search_texts WHERE search_texts MATCH ?`;
  const rows = database.prepare(sql).get(words.map(quoted).join(' OR '))?.rows;
  return new Set(JSON.parse(String(rows)) as number[]);
}

/** The traces whose texts are not in the index, or not all of them. */
export function rowsToIndex(database: Database): Set<number> {
  const sql = 'SELECT json_group_array(rowid) AS rows FROM traces WHERE search_due IS NOT NULL';
  return new Set(JSON.parse(String(database.prepare(sql).get()?.rows)) as number[]);
}

const isPlain = ({ kind }: WantedWord) => kind === 'whole' || kind === 'beginning';
const quoted = (word: string) => `"${word}"`;
const term = ({ word, kind }: WantedWord) => (kind === 'beginning' ? `${quoted(word)} *` : quoted(word));

/** The beginning of any word, and all listed words that contain it, or end with it. */
function alternatives(database: Database, { word, kind }: WantedWord): string[] {
  const beginning = kind === 'end' ? quoted(word) : `${quoted(word)} *`;
  return [
    beginning,
    ...listedWith(database, word, kind)
      .filter((listed) =>
        kind === 'end' ? listed.endsWith(word) && listed !== word : !listed.startsWith(word),
      )
      .map(quoted),
  ];
}

function listedWith(database: Database, word: string, kind: WantedWord['kind']): string[] {
  const chars = [...word];
  const trigrams = chars
    .slice(TRIGRAM_CHARS - 1)
    .map((_, at) => chars.slice(at, at + TRIGRAM_CHARS).join(''));
  if (trigrams.length === 0) return listedWithShort(database, word, kind);
  return database
    .prepare(
      `SELECT word FROM words WHERE id IN (SELECT rowid FROM search_words WHERE search_words MATCH ?) AND instr(word, ?) > 0`,
    )
    .all(trigrams.map(quoted).join(' AND '), word)
    .map((row) => String(row.word));
}

/** One or two letters are a part of very many words, except in scripts that write whole words with two. */
function listedWithShort(database: Database, word: string, kind: WantedWord['kind']): string[] {
  if (kind === 'part' && /^[\p{ASCII}]*$/u.test(word)) return [];
  const rows = database.prepare('SELECT word FROM words WHERE instr(word, ?) > 0').all(word);
  return rows.map((row) => String(row.word));
}
