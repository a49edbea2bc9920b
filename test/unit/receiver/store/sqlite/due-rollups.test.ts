/** Roll-ups of large traces: how much they read, and that each reader sees right sums. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readIngestion } from '../../../../../src/ingest/classic/ingestion.js';
import { type Receiver, startReceiver } from '../../../../../src/receiver/receiver.js';
import { atOnce } from '../../../../../src/receiver/slices.js';
import type { Changes } from '../../../../../src/receiver/store/changes.js';
import { DATABASE_FILE_NAME } from '../../../../../src/receiver/store/sqlite/folder.js';
import { type Database, openDatabase } from '../../../../../src/receiver/store/sqlite/sqlite.js';
import { openSqliteStore, type SqliteStore } from '../../../../../src/receiver/store/sqlite/store.js';
import { baseMs, ingestionEvent, postJson } from '../../helpers.js';

const changes = (batch: object[]): Changes => atOnce(readIngestion({ batch })).changes;

/** Spans of one trace, each a second after the one before. */
const spans = (from: number, count: number, more: object = {}) =>
  Array.from({ length: count }, (_, index) => {
    const startMs = baseMs + 1_000 * (from + index);
    const times = {
      startTime: new Date(startMs).toISOString(),
      endTime: new Date(startMs + 500).toISOString(),
    };
    return ingestionEvent('span-create', { id: `o${from + index}`, traceId: 't', ...times, ...more });
  });

/** Counts the observations that roll-ups read from now on: a roll-up reads all of the trace, and writes how many there are. */
function countReads(database: Database): () => number {
  database.exec(`CREATE TEMP TABLE reads (observations INTEGER);
    CREATE TEMP TRIGGER roll_up AFTER UPDATE OF observation_count ON traces
    BEGIN INSERT INTO reads VALUES (new.observation_count); END`);
  return () => Number(database.prepare('SELECT coalesce(sum(observations), 0) AS sum FROM reads').get()?.sum);
}

/** Any reading computes what was put off. */
const read = (store: SqliteStore) => store.traces.find('t');

const sums = (database: Database) =>
  database
    .prepare(
      "SELECT observation_count AS count, error_count AS errors, latency_us FROM traces WHERE id = 't'",
    )
    .get();

describe('the roll-up of a trace that arrives in many requests', () => {
  it('reads each observation a few times, not once for each request', async () => {
    const store = await openSqliteStore();
    onTestFinished(() => store.close());
    const reads = countReads(store.database);
    const [requests, size] = [100, 100];
    for (let request = 0; request < requests; request += 1) {
      await store.write(changes(spans(request * size, size)));
    }
    await read(store);
    const all = requests * size;
    expect(sums(store.database)).toEqual({ count: all, errors: 0, latency_us: (all - 1) * 1e6 + 500_000 });
    // 5,050 × 100 if each request rolled it up.
    expect(reads()).toBeLessThan(5 * all);
    // Nothing is left to do.
    const before = reads();
    await read(store);
    expect(reads()).toBe(before);
  });

  it('follows updates of observations that are there, and scores', async () => {
    const store = await openSqliteStore();
    onTestFinished(() => store.close());
    await store.write(changes(spans(0, 2_000)));
    await store.write(changes(spans(7, 1, { level: 'ERROR' })));
    await store.write(
      changes([ingestionEvent('score-create', { id: 's', traceId: 't', name: 'reward', value: 0.5 })]),
    );
    await read(store);
    expect(sums(store.database)).toMatchObject({ count: 2_000, errors: 1 });
    const row = store.database.prepare('SELECT score_summary FROM traces').get();
    expect(JSON.parse(String(row?.score_summary))).toMatchObject([{ name: 'reward', mean: 0.5 }]);
  });

  it('reads few while usage is estimated, which takes many turns', async () => {
    const store = await openSqliteStore();
    onTestFinished(() => store.close());
    const generations = spans(0, 2_000).map((event) => ({
      ...event,
      type: 'generation-create',
      body: { ...(event.body as object), model: 'gpt-4o', input: 'one two three', output: 'four' },
    }));
    await store.write(changes(generations));
    const reads = countReads(store.database);
    await store.estimated();
    await read(store);
    const row = store.database.prepare('SELECT has_estimated_tokens, total_tokens FROM traces').get();
    expect(row).toMatchObject({ has_estimated_tokens: 1 });
    expect(Number(row?.total_tokens)).toBeGreaterThan(2_000);
    expect(reads()).toBeLessThanOrEqual(3 * 2_000);
  });

  it('is computed in idle time', async () => {
    const store = await openSqliteStore();
    onTestFinished(() => store.close());
    await store.write(changes(spans(0, 1_000)));
    await store.write(changes(spans(1_000, 1)));
    expect(sums(store.database)?.count).toBe(1_000);
    await expect.poll(() => sums(store.database)?.count).toBe(1_001);
  });

  it('goes with its trace', async () => {
    const store = await openSqliteStore();
    onTestFinished(() => store.close());
    await store.write(changes(spans(0, 1_000)));
    await store.write(changes(spans(1_000, 1)));
    await store.remove({ traceIds: ['t'] });
    await read(store);
    expect(sums(store.database)).toBeUndefined();
    expect(store.database.prepare('SELECT count(*) AS count FROM due_rollups').get()).toEqual({ count: 0 });
  });
});

describe('what was put off', () => {
  async function inFolder(): Promise<{ dataDir: string; file: () => Promise<Database> }> {
    const dataDir = mkdtempSync(join(tmpdir(), 'tailrace-rollups-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true }));
    return { dataDir, file: () => openDatabase(join(dataDir, DATABASE_FILE_NAME)) };
  }

  it('is done at the close', async () => {
    const { dataDir, file } = await inFolder();
    const store = await openSqliteStore(dataDir);
    await store.write(changes(spans(0, 1_000)));
    await store.write(changes(spans(1_000, 1)));
    await store.close();
    const database = await file();
    expect(sums(database)?.count).toBe(1_001);
    database.close();
  });

  it('survives a crash, as it is marked in the transaction that put it off', async () => {
    const { dataDir } = await inFolder();
    const store = await openSqliteStore(dataDir);
    await store.write(changes(spans(0, 1_000)));
    await store.write(changes(spans(1_000, 1)));
    // As after a kill: the file as it is now, without the end of the store.
    const copy = await inFolder();
    store.database.exec(`VACUUM INTO '${join(copy.dataDir, DATABASE_FILE_NAME)}'`);
    await store.close();
    const killed = await copy.file();
    expect(sums(killed)?.count).toBe(1_000);
    killed.close();
    const next = await openSqliteStore(copy.dataDir);
    await read(next);
    expect(sums(next.database)?.count).toBe(1_001);
    await next.close();
  });

  it('leaves a file readable that cannot be written to, and is done when it can', async () => {
    const { dataDir, file } = await inFolder();
    const store = await openSqliteStore(dataDir);
    await store.write(changes(spans(0, 1_000)));
    await store.write(changes(spans(1_000, 1)));
    store.database.exec('PRAGMA busy_timeout = 0');
    const other = await file();
    other.exec('BEGIN IMMEDIATE');
    await expect(store.write(changes(spans(1_001, 1)))).rejects.toThrow('is in use by another program');
    expect((await store.tracePage.row('t'))?.observationCount).toBe(1_000);
    other.exec('ROLLBACK');
    other.close();
    expect((await store.tracePage.row('t'))?.observationCount).toBe(1_001);
    await store.close();
  });
});

describe('a reader', () => {
  const start = async (): Promise<Receiver> => {
    const receiver = await startReceiver({ port: 0 });
    onTestFinished(() => receiver.close());
    return receiver;
  };

  it('sees right sums at once: the page, the API, filters', async () => {
    const { url } = await start();
    const send = (batch: object[]) => postJson(`${url}/api/public/ingestion`, { batch });
    await send(spans(0, 1_000));
    for (let request = 0; request < 3; request += 1) {
      const level = request === 1 ? { level: 'ERROR' } : {};
      await send(spans(1_000 + request, 1, level));
      const list = (await (await fetch(`${url}/api/tailrace/traces`)).json()) as {
        traces: { observationCount: number; errorCount: number }[];
      };
      expect(list.traces[0]).toMatchObject({
        observationCount: 1_001 + request,
        errorCount: request === 0 ? 0 : 1,
      });
    }
    await send(spans(5_000, 1));
    const headers = { authorization: `Basic ${btoa('a:b')}` };
    const trace = (await (await fetch(`${url}/api/public/traces/t`, { headers })).json()) as {
      latency: number;
    };
    expect(trace.latency).toBe(5_000.5);
    await send(spans(6_000, 1, { type: 'x', name: 'late' }));
    const slow = (await (await fetch(`${url}/api/tailrace/traces?minDuration=6000`)).json()) as {
      total: number;
    };
    expect(slow.total).toBe(1);
  });
});
