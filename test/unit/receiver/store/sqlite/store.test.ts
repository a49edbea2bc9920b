import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readIngestion } from '../../../../../src/ingest/classic/ingestion.js';
import { parseIfJson } from '../../../../../src/ingest/json-text.js';
import { atOnce } from '../../../../../src/receiver/slices.js';
import type { Changes } from '../../../../../src/receiver/store/changes.js';
import { DATABASE_FILE_NAME } from '../../../../../src/receiver/store/sqlite/folder.js';
import { openDatabase } from '../../../../../src/receiver/store/sqlite/sqlite.js';
import { openSqliteStore, type SqliteStore } from '../../../../../src/receiver/store/sqlite/store.js';
import { baseMs, ingestionEvent } from '../../helpers.js';

let store: SqliteStore;
beforeEach(async () => {
  store = await openSqliteStore();
});
afterEach(() => store.close());

const at = (ms: number) => new Date(baseMs + ms).toISOString();

function changes(...batch: unknown[]): Changes {
  const { changes, answer } = atOnce(readIngestion({ batch }));
  expect(answer.errors).toEqual([]);
  return changes;
}

const trace = (id = 't1') => store.traces.find(id);
const scores = async (id = 't1') => (await store.tracePage.row(id))?.scores;

describe('roll-ups', () => {
  const events = [
    ingestionEvent('trace-create', { id: 't1', name: 'run', timestamp: at(0) }, baseMs),
    ingestionEvent('generation-create', { id: 'a', traceId: 't1', startTime: at(0) }, baseMs + 10),
    ingestionEvent(
      'generation-update',
      { id: 'a', traceId: 't1', endTime: at(400), usage: { input: 10, output: 5, totalCost: 0.5 } },
      baseMs + 20,
    ),
    ingestionEvent(
      'tool-create',
      { id: 'b', traceId: 't1', startTime: at(100), endTime: at(900), level: 'ERROR' },
      baseMs + 30,
    ),
    ingestionEvent('event-create', { id: 'c', traceId: 't1', startTime: at(950) }, baseMs + 40),
    ingestionEvent('score-create', { id: 's1', traceId: 't1', name: 'reward', value: 1 }, baseMs + 50),
    ingestionEvent('score-create', { id: 's2', traceId: 't1', name: 'reward', value: 0 }, baseMs + 60),
    ingestionEvent('score-create', { id: 's3', traceId: 't1', name: 'tone', value: 'kind' }, baseMs + 70),
  ];
  const expected = {
    name: 'run',
    timestampUs: baseMs * 1000,
    latencyUs: 950_000,
    observationCount: 3,
    errorCount: 1,
    totalTokens: 15,
    totalCost: 0.5,
  };
  const expectedScores = [
    { name: 'reward', count: 2, mean: 0.5, last: null },
    { name: 'tone', count: 1, mean: null, last: 'kind' },
  ];

  it('hold whatever the order, the grouping and the repetition of events', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
        fc.integer({ min: 1, max: 16 }),
        async (order, batchSize) => {
          await store.close();
          store = await openSqliteStore();
          const writes = [];
          for (let first = 0; first < order.length; first += batchSize) {
            writes.push(store.write(changes(...order.slice(first, first + batchSize))));
            if (first % 3 === 0) await writes.at(-1);
          }
          await Promise.all(writes);
          expect(await trace()).toMatchObject(expected);
          expect(await scores()).toEqual(expectedScores);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('say nothing of what is unknown', async () => {
    await store.write(
      changes(ingestionEvent('span-create', { id: 'open', traceId: 't1', startTime: at(0) })),
    );
    expect(await trace()).toMatchObject({
      latencyUs: null,
      totalTokens: null,
      totalCost: null,
    });
    expect(await scores()).toEqual([]);
  });

  it('follow an observation that changes', async () => {
    const failing = {
      id: 'a',
      traceId: 't1',
      startTime: at(0),
      endTime: at(900),
      level: 'ERROR',
      usageDetails: { input: 9 },
    };
    await store.write(changes(ingestionEvent('generation-create', failing)));
    const update = { id: 'a', traceId: 't1', endTime: at(200), level: 'DEFAULT', usageDetails: { input: 2 } };
    await store.write(changes(ingestionEvent('generation-update', update)));
    expect(await trace()).toMatchObject({
      latencyUs: 200_000,
      errorCount: 0,
      totalTokens: 2,
      observationCount: 1,
    });
  });

  it('follow a score that moves to another trace', async () => {
    await store.write(
      changes(ingestionEvent('trace-create', { id: 't1' }), ingestionEvent('trace-create', { id: 't2' })),
    );
    await store.write(
      changes(ingestionEvent('score-create', { id: 's', traceId: 't1', name: 'n', value: 1 })),
    );
    await store.write(
      changes(ingestionEvent('score-create', { id: 's', traceId: 't2', name: 'n', value: 1 })),
    );
    expect(await scores('t1')).toEqual([]);
    expect(await scores('t2')).toMatchObject([{ name: 'n' }]);
  });
});

describe('an upsert', () => {
  it('keeps what a later event leaves out, and merges metadata and tags', async () => {
    await store.write(
      changes(
        ingestionEvent('trace-create', {
          id: 't1',
          name: 'first',
          userId: 'ada',
          tags: ['a'],
          metadata: { x: 1, gone: null },
        }),
        ingestionEvent('trace-create', { id: 't1', name: 'second', tags: ['b', 'a'], metadata: { y: 2 } }),
      ),
    );
    expect(await trace()).toMatchObject({
      name: 'second',
      userId: 'ada',
      tags: ['a', 'b'],
      metadata: '{"x":1,"gone":null,"y":2}',
    });
  });

  it('lets the event with the later timestamp win, whichever comes first', async () => {
    const create = ingestionEvent(
      'span-create',
      { id: 'a', traceId: 't1', name: 'draft', input: 'in' },
      baseMs,
    );
    const update = ingestionEvent(
      'span-update',
      { id: 'a', traceId: 't1', name: 'final', output: 'out' },
      baseMs + 5,
    );
    for (const order of [
      [create, update],
      [update, create],
      [update, create, update, create],
    ]) {
      await store.write(changes(...order));
      expect(await store.observations.find('a')).toMatchObject({
        name: 'final',
        input: 'in',
        output: 'out',
      });
    }
  });

  it('makes a span of an agent when a span-update comes, and complains', async () => {
    await store.write(changes(ingestionEvent('agent-create', { id: 'a', traceId: 't1' }, baseMs)));
    await store.write(changes(ingestionEvent('span-update', { id: 'a', traceId: 't1' }, baseMs + 10)));
    expect((await store.observations.find('a'))?.type).toBe('SPAN');
    expect(await store.complaints.all()).toMatchObject([{ code: 'type-overwritten' }]);
  });

  it('finds the trace of an update that does not name it', async () => {
    await store.write(changes(ingestionEvent('span-create', { id: 'a', traceId: 't1' })));
    await store.write(changes(ingestionEvent('span-update', { id: 'a', output: 'done' })));
    expect(await store.observations.find('a')).toMatchObject({ traceId: 't1', output: 'done' });
    expect(await store.counts()).toMatchObject({ traces: 1, observations: 1 });
  });

  it('keeps equal span ids of two traces apart', async () => {
    await store.write(
      changes(...['t1', 't2'].map((traceId) => ingestionEvent('span-create', { id: 'a', traceId }))),
    );
    expect(await store.counts()).toMatchObject({ traces: 2, observations: 2 });
  });

  it('keeps every character of a payload, and every text whole', async () => {
    const text = 'nul \0, emoji 🚀, quote \' " ; DROP TABLE traces; --';
    await store.write(changes(ingestionEvent('trace-create', { id: text, name: text, input: text })));
    const stored = await trace(text.replace('\0', '\ufffd'));
    expect(stored?.name).toBe(text.replace('\0', '\ufffd'));
    expect(parseIfJson(String(stored?.input))).toBe(text);
  });
});

describe('a trace that has been deleted', () => {
  it('begins anew with what comes later', async () => {
    await store.write(
      changes(ingestionEvent('trace-create', { id: 't1', name: 'old', userId: 'ada' }, baseMs + 9)),
    );
    store.database.exec('DELETE FROM traces');
    await store.write(changes(ingestionEvent('trace-create', { id: 't1', name: 'new' }, baseMs)));
    expect(await trace()).toMatchObject({ name: 'new', userId: null });
    store.database.exec('DELETE FROM traces');
    await store.write(changes(ingestionEvent('span-create', { id: 'a', traceId: 't1' })));
    expect(await trace()).toMatchObject({ name: null, observationCount: 1 });
  });
});

describe('a failed commit', () => {
  it('fails the requests of its group, and no later ones', async () => {
    const good = changes(ingestionEvent('trace-create', { id: 't1' }));
    const bad = changes(ingestionEvent('trace-create', { id: 't2' }));
    // No request can bring this about, a full disk could.
    Object.assign(bad.traces[0] ?? {}, { ownEndUs: 'never' });
    const results = await Promise.allSettled([store.write(good), store.write(bad)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await store.write(good);
    expect((await store.counts()).traces).toBe(1);
  });
});

describe('a store in a folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tailrace-store-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps what was written, also what was queued when it closed, for its owner only', async () => {
    const dataDir = join(folder, 'deep', 'er');
    const first = await openSqliteStore(dataDir);
    const write = first.write(changes(ingestionEvent('trace-create', { id: 't1', name: 'kept' })));
    await first.close();
    await write;
    await expect(first.write(changes())).rejects.toThrow(/closed/);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);

    const second = await openSqliteStore(dataDir);
    expect((await second.traces.find('t1'))?.name).toBe('kept');
    await second.close();
  });

  it('of another version is refused, and left as it is', async () => {
    await (await openSqliteStore(folder)).close();
    const database = await openDatabase(join(folder, DATABASE_FILE_NAME));
    database.exec('PRAGMA user_version = 99');
    database.close();
    await expect(openSqliteStore(folder)).rejects.toThrow(
      /tailrace\.db was written by a newer tailrace \(schema version 99, .*update tailrace/,
    );
  });

  it.each([
    [
      'CREATE TABLE traces (a); CREATE TABLE observations (a); CREATE TABLE complaints_beyond (a); PRAGMA user_version = 1',
      'was written by an earlier tailrace',
    ],
    ['PRAGMA user_version = 1', 'is a database of another program'],
    ['CREATE TABLE traces (id)', 'is a database of another program'],
  ])('made by %j is refused, and what to do is said', async (sql, problem) => {
    const database = await openDatabase(join(folder, DATABASE_FILE_NAME));
    database.exec(sql);
    database.close();
    await expect(openSqliteStore(folder)).rejects.toThrow(`tailrace.db ${problem}`);
    await expect(openSqliteStore(folder)).rejects.toThrow('name another folder with --data');
  });

  it('says that another program holds it', async () => {
    const database = await openDatabase(join(folder, DATABASE_FILE_NAME));
    database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (a); BEGIN IMMEDIATE');
    await expect(openSqliteStore(folder)).rejects.toThrow(
      /tailrace\.db (is in use by|is a database of) another program/,
    );
    database.exec('ROLLBACK');
    database.close();
  });

  it('that cannot grow refuses what came, says why, and takes what fits', async () => {
    const told: string[] = [];
    const stored: number[] = [];
    const full = await openSqliteStore(folder, {
      onFailure: (message) => told.push(message),
      onCommit: (all) => stored.push(all.length),
    });
    const pages = Number(full.database.prepare('PRAGMA page_count').get()?.page_count);
    full.database.exec(`PRAGMA max_page_count = ${pages + 1}`);
    const large = ingestionEvent('trace-create', {
      id: 't',
      name: 'n',
      input: randomBytes(100_000).toString('base64'),
    });
    await expect(full.write(changes(large))).rejects.toThrow(/tailrace\.db cannot grow: the disk is full/);
    expect(told).toEqual([expect.stringContaining('the disk is full')]);
    full.database.exec('PRAGMA max_page_count = 100000');
    await full.write(changes(large));
    expect(stored).toEqual([1]);
    await full.close();
  });
});

describe('a write that takes longer than a turn', () => {
  const span = (id: string, traceId: string) =>
    ingestionEvent('span-create', { id, traceId, startTime: at(0) });
  const many = (traceId: string) =>
    changes(...Array.from({ length: 5000 }, (_, index) => span(`${traceId}-${index}`, traceId)));

  it('lets those that come after it be committed before', async () => {
    const order: string[] = [];
    const large = store.write(many('large')).then(() => order.push('large'));
    await store.write(changes(span('small', 'small'))).then(() => order.push('small'));
    expect(await trace('small')).toMatchObject({ observationCount: 1 });
    await large;
    expect(order).toEqual(['small', 'large']);
    expect(await trace('large')).toMatchObject({ observationCount: 5000 });
  });

  it('lets one that is shorter, and longer than a turn too, be committed before', async () => {
    const order: string[] = [];
    const all = many('large');
    const shorter = changes(...Array.from({ length: 500 }, (_, index) => span(`s-${index}`, 'shorter')));
    const large = store.write(all).then(() => order.push('large'));
    await Promise.all([large, store.write(shorter).then(() => order.push('shorter'))]);
    expect(order).toEqual(['shorter', 'large']);
  });

  it('is whole before what is deleted after it, and at the close', async () => {
    const [large, removed] = [store.write(many('large')), store.remove({ traceIds: ['large'] })];
    await Promise.all([large, removed]);
    expect(await trace('large')).toBeUndefined();
    const last = store.write(many('last'));
    await store.close();
    await last;
    store = await openSqliteStore();
  });

  it('that fails takes no other one along, in whichever of its turns', async () => {
    // Small writes in each of its turns, that of its failure too.
    const many = (traceId: string, wrong: number) => {
      const batch = Array.from({ length: 3000 }, (_, index) => span(`${traceId}-${index}`, traceId));
      const all = changes(...batch);
      Object.assign(all.observations[wrong]?.row ?? {}, { name: Symbol('no text') });
      return all;
    };
    const failing = store.write(many('broken', 2999));
    let isOver = false;
    const outcome = expect(failing)
      .rejects.toThrow()
      .finally(() => {
        isOver = true;
      });
    let count = 0;
    for (; !isOver; count += 1) await store.write(changes(span(`small-${count}`, 'small')));
    await outcome;
    expect(await trace('small')).toMatchObject({ observationCount: count });
  });

  it('that fails takes no other one along', async () => {
    const broken = many('broken');
    // No statement can bind it.
    const row = broken.observations[4_000]?.row as { name: unknown };
    row.name = Symbol('no text');
    const failing = store.write(broken);
    const others = [store.write(many('other')), store.write(changes(span('small', 'small')))];
    await expect(failing).rejects.toThrow();
    await Promise.all(others);
    expect(await trace('other')).toMatchObject({ observationCount: 5000 });
    expect(await trace('small')).toMatchObject({ observationCount: 1 });
  });
});
