/** The search finds by its index what it finds by reading: while texts wait, when they are in it, and after they are deleted or replaced. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readIngestion } from '../../../../../src/ingest/classic/ingestion.js';
import { pageFilter } from '../../../../../src/receiver/page-api/page-filter.js';
import { atOnce } from '../../../../../src/receiver/slices.js';
import { pageFilterSql } from '../../../../../src/receiver/store/sqlite/page/page-filter.js';
import { whereClause } from '../../../../../src/receiver/store/sqlite/read/conditions.js';
import { searchMetadata } from '../../../../../src/receiver/store/sqlite/search/metadata-search.js';
import { type SearchScope, search } from '../../../../../src/receiver/store/sqlite/search/search.js';
import { openSqliteStore, type SqliteStore } from '../../../../../src/receiver/store/sqlite/store.js';
import { ingestionEvent } from '../../helpers.js';

let folder: string;
let store: SqliteStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-search-'));
  store = await openSqliteStore(folder);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

async function write(...batch: unknown[]): Promise<void> {
  const { changes, answer } = atOnce(readIngestion({ batch }));
  expect(answer.errors).toEqual([]);
  await store.write(changes);
}

const span = (traceId: string, fields: object, id = `${traceId}-span`) =>
  ingestionEvent('span-create', { id, traceId, ...fields });

const number = (sql: string) => Number(Object.values(store.database.prepare(sql).get() ?? {})[0]);

const ALL = { fromUs: null, toUs: null, further: 0 };

/** Ids of the traces. */
async function found(text: string): Promise<string[]> {
  const { traceRows, unreadUs } = await search(store.database, text, ALL);
  expect(unreadUs).toBe(null);
  const ids = store.database
    .prepare('SELECT id FROM traces WHERE rowid IN (SELECT value FROM json_each(?)) ORDER BY id')
    .all(JSON.stringify(traceRows));
  return ids.map(({ id }) => String(id));
}

const long = (text: string) => [{ role: 'user', content: `${text} ${'lorem ipsum '.repeat(100)}` }];

describe('a text', () => {
  beforeEach(() =>
    write(
      span('hay', { name: 'Haystack', input: long('The needle, they said:\nlook for it') }),
      span('work', { output: 'Needlework is 100% fun', statusMessage: 'slowly failed' }),
      span('other', { input: long('ÄPFEL and 東京タワー and naïve_snake_case'), name: 'gpt-4o-mini' }),
      ingestionEvent('trace-create', {
        id: 'named',
        name: 'support',
        userId: 'ada@example.com',
        tags: ['vip'],
      }),
    ),
  );

  const cases: [string, string[]][] = [
    ['needle', ['hay', 'work']],
    ['NEEDLE', ['hay', 'work']],
    ['eedl', ['hay', 'work']],
    ['needlework', ['work']],
    ['needle,', ['hay']],
    ['needle, they', ['hay']],
    ['eedle, the', ['hay']],
    ['needle they', []],
    ['they needle', []],
    ['100%', ['work']],
    ['10%', []],
    ['slowly fail', ['work']],
    ['haystack', ['hay']],
    ['äpfel', ['other']],
    ['京タ', ['other']],
    ['snake_case', ['other']],
    ['4o-mini', ['other']],
    ['ada@example', ['named']],
    ['vip', ['named']],
    ['"', ['hay', 'named', 'other']],
    ['" OR "', []],
    ['needle*', []],
    ['nowhere', []],
    ['hay-span', ['hay']],
  ];
  it.each(cases)('%s is found before and after it is indexed', async (text, expected) => {
    expect(await found(text)).toEqual(expected);
    await store.searchable();
    expect(number('SELECT count(*) FROM traces WHERE search_due IS NOT NULL')).toBe(0);
    expect(await found(text)).toEqual(expected);
  });
});

describe('the index', () => {
  it('finds any part of any words that reading finds', async () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'É', '7', '語'), minLength: 1, maxLength: 9 });
    const text = fc
      .array(fc.tuple(word, fc.constantFrom(' ', ', ', '-')), { minLength: 1, maxLength: 6 })
      .map((pairs) => pairs.flat().join(''));
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 3 }),
        fc.nat(),
        fc.nat(),
        async (texts, from, chars) => {
          count += 1;
          const batch = texts.map((input, at) => span(`t${count}-${at}`, { input, name: 'x' }));
          await write(...batch);
          const [first = ''] = texts;
          const start = from % first.length;
          const part = [...first.slice(start, start + 3 + (chars % first.length))].join('');
          const expected = await found(part);
          await store.searchable();
          // One or two ASCII letters are found at the beginning of words only.
          if ([...part].length > 2) expect(await found(part)).toEqual(expected);
          await store.remove({ traceIds: batch.map((_, at) => `t${count}-${at}`) });
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
  });

  it('has of a trace that changes the texts that it has now', async () => {
    await write(span('t', { name: 'before' }));
    await store.searchable();
    await write(ingestionEvent('span-update', { id: 't-span', traceId: 't', name: 'after' }));
    expect(await found('after')).toEqual(['t']);
    await store.searchable();
    expect(await found('after')).toEqual(['t']);
    expect(await found('before')).toEqual([]);
  });

  it('loses what is deleted with its trace', async () => {
    await write(span('gone', { input: long('helicopter') }), span('stays', { input: long('helicopter') }));
    await store.searchable();
    await store.remove({ traceIds: ['gone'] });
    expect(await found('helicopter')).toEqual(['stays']);
    expect(number('SELECT count(*) FROM search_texts_docsize')).toBe(1);
  });

  it('goes on after a restart, and knows what another process has written', async () => {
    await write(span('first', { name: 'submarine' }));
    await store.close();
    store = await openSqliteStore(folder);
    const other = await openSqliteStore(folder);
    const { changes } = atOnce(readIngestion({ batch: [span('second', { name: 'submarine' })] }));
    await other.write(changes);
    await other.searchable();
    await other.close();
    await store.searchable();
    expect(await found('ubmarin')).toEqual(['first', 'second']);
    expect(number('SELECT count(*) FROM traces WHERE search_due IS NOT NULL')).toBe(0);
  });

  it('takes a trace of very many words, in documents that are found each', async () => {
    const words = (from: number) => Array.from({ length: 30_000 }, (_, at) => `w${from + at}`).join(' ');
    await write(span('large', { input: words(0), output: words(30_000) }));
    await store.searchable();
    for (const word of ['w0', 'w29999', 'w59999']) expect(await found(word)).toEqual(['large']);
    expect(number('SELECT count(*) FROM search_texts_docsize')).toBeGreaterThan(2);
    await store.remove({ traceIds: ['large'] });
    expect(number('SELECT count(*) FROM search_texts_docsize')).toBe(0);
  });

  it('has no words of base64', async () => {
    const picture = Buffer.from(Array.from({ length: 6_000 }, (_, at) => (at * 7919) % 251)).toString(
      'base64',
    );
    await write(span('t', { input: { url: `data:image/png;base64,${picture}`, text: 'a picture' } }));
    await store.searchable();
    expect(await found('picture')).toEqual(['t']);
    expect(number('SELECT count(*) FROM words')).toBeLessThan(20);
  });
});

describe('a filter by metadata', () => {
  async function having(entry: string): Promise<unknown[]> {
    const filter = pageFilter(new URLSearchParams({ metadata: entry }));
    const { where } = await pageFilterSql(store.database, filter);
    const sql = `SELECT t.id FROM traces AS t ${whereClause(where)} ORDER BY t.id`;
    return store.database
      .prepare(sql)
      .all(...where.values)
      .map(({ id }) => id);
  }
  const keys = Object.fromEntries(Array.from({ length: 700 }, (_, at) => [`k${at}`, at]));

  it.each([
    ['n=5', ['a', 'b']],
    ['n=6', []],
    ['s=Ü x', ['a']],
    ['yes=true', ['a']],
    ['o={"a":[1]}', ['a']],
    ['o={"a":[2]}', []],
    ['half=0.5', ['b']],
    ['__proto__=x', []],
    ['k699=699', ['many']],
    ['k699=698', []],
  ])('%s finds the traces before and after they are indexed', async (entry, expected) => {
    await write(
      ingestionEvent('trace-create', { id: 'a', metadata: { n: 5, s: 'Ü x', yes: true, o: { a: [1] } } }),
      span('b', { metadata: { n: '5', half: 0.5 } }),
      ingestionEvent('trace-create', { id: 'many', metadata: keys }),
    );
    expect(await having(entry)).toEqual(expected);
    await store.searchable();
    expect(await having(entry)).toEqual(expected);
    // They are no words of a text.
    expect(await found('true')).toEqual([]);
  });
});

describe('a search that has no time for all', () => {
  /** A clock on which each look takes as long, so that a search comes as far on any machine. */
  async function slowly<T>(stepMs: number, search: () => Promise<T>): Promise<T> {
    let nowMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => {
      nowMs += stepMs;
      return nowMs;
    });
    try {
      return await search();
    } finally {
      clock.mockRestore();
    }
  }

  const slowSearch = (scope: SearchScope) => slowly(20, () => search(store.database, 'red car', scope));
  const START = Date.UTC(2026, 0, 15);
  const timeOf = (at: number) => (START + at * 1000) * 1000;
  const traceOf = (at: number, input: string) =>
    span(`t${String(at).padStart(3, '0')}`, {
      input: long(input),
      startTime: new Date(START + at * 1000).toISOString(),
    });
  const idsOf = (rows: readonly number[]) =>
    store.database
      .prepare('SELECT id FROM traces WHERE rowid IN (SELECT value FROM json_each(?)) ORDER BY timestamp_us')
      .all(JSON.stringify(rows))
      .map(({ id }) => String(id));

  it('returns what it has verified, the newest first, says how far it came, and goes on there', async () => {
    // All have both words, every fifth in this order.
    await write(
      ...Array.from({ length: 100 }, (_, at) => traceOf(at, at % 5 === 0 ? 'red car' : 'car that is red')),
    );
    await store.searchable();
    const all = Array.from({ length: 20 }, (_, at) => `t${String(at * 5).padStart(3, '0')}`);
    let before: string[] = [];
    let unread: number | null = Number.POSITIVE_INFINITY;
    for (let further = 0; unread !== null; further += 1) {
      const { traceRows, unreadUs } = await slowSearch({ ...ALL, further });
      const ids = idsOf(traceRows);
      // No wrong ones, and all since the time that it names.
      expect(ids).toEqual(all.slice(all.length - ids.length));
      expect(ids.length).toBeGreaterThan(before.length);
      if (unreadUs !== null) {
        expect(unreadUs).toBeLessThan(unread);
        expect(ids).toEqual(all.filter((id) => timeOf(Number(id.slice(1))) > unreadUs));
        // Asked again it has the same answer: list, chart and counts are of one search.
        expect((await slowSearch({ ...ALL, further })).traceRows).toEqual(traceRows);
      }
      before = ids;
      unread = unreadUs;
    }
    expect(before).toEqual(all);
  });

  it('reads what has arrived or changed meanwhile, without going on', async () => {
    const short = (at: number, input: string) =>
      span(`t${String(at).padStart(3, '0')}`, {
        input,
        startTime: new Date(START + at * 1000).toISOString(),
      });
    await write(
      ...Array.from({ length: 40 }, (_, at) => short(at, at % 2 === 0 ? 'red car' : 'car that is red')),
    );
    await store.searchable();
    const first = await slowSearch(ALL);
    expect(first.unreadUs).not.toBeNull();
    const known = idsOf(first.traceRows);
    const last = known.at(-1) as string;
    await write(
      short(41, 'red car'),
      ingestionEvent(
        'span-update',
        { id: `${last}-span`, traceId: last, input: 'blue car' },
        Date.now() + 60_000,
      ),
    );
    await store.searchable();
    const second = await slowSearch(ALL);
    expect(idsOf(second.traceRows)).toEqual([...known.slice(0, -1), 't041']);
    expect(second.unreadUs).toBe(first.unreadUs);
  });

  it('reads all if it is asked to, as an export does', async () => {
    await write(
      ...Array.from({ length: 60 }, (_, at) => traceOf(at, at === 0 ? 'red car' : 'car that is red')),
    );
    await store.searchable();
    expect((await slowSearch(ALL)).unreadUs).not.toBeNull();
    const whole = await slowSearch({ ...ALL, further: Number.POSITIVE_INFINITY });
    expect([idsOf(whole.traceRows), whole.unreadUs]).toEqual([['t000'], null]);
  });

  it('looks in the range of time alone', async () => {
    await write(
      ...Array.from({ length: 60 }, (_, at) => traceOf(at, at < 5 ? 'red car' : 'car that is red')),
    );
    await store.searchable();
    const old = await slowSearch({ fromUs: null, toUs: timeOf(5), further: 0 });
    expect(idsOf(old.traceRows)).toContain('t004');
    const range = await slowSearch({
      fromUs: timeOf(50),
      toUs: timeOf(55),
      further: 0,
    });
    expect([range.traceRows, range.unreadUs]).toEqual([[], null]);
  });

  it('finds metadata that the index does not know yet in bounded time, and goes on', async () => {
    await write(
      ...Array.from({ length: 300 }, (_, at) =>
        ingestionEvent('trace-create', {
          id: `t${String(at).padStart(3, '0')}`,
          timestamp: new Date(START + at * 1000).toISOString(),
          metadata: { even: at % 2 === 0 },
        }),
      ),
    );
    const first = await slowly(30, () => searchMetadata(store.database, 'even', 'true', ALL));
    expect(first.unreadUs).not.toBeNull();
    expect(idsOf(first.traceRows).at(-1)).toBe('t298');
    const whole = await slowly(30, () =>
      searchMetadata(store.database, 'even', 'true', { ...ALL, further: 100 }),
    );
    expect([whole.traceRows.length, whole.unreadUs]).toEqual([150, null]);
  });
});
