/** A bound on the database's size and on the age of traces: the oldest go, whole, and others are stored meanwhile. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readIngestion } from '../../../../../src/ingest/classic/ingestion.js';
import { atOnce } from '../../../../../src/receiver/slices.js';
import type { Changes } from '../../../../../src/receiver/store/changes.js';
import type { CommentRow } from '../../../../../src/receiver/store/comment-rows.js';
import { DATABASE_FILE_NAME } from '../../../../../src/receiver/store/sqlite/folder.js';
import { openSqliteStore, type SqliteStore } from '../../../../../src/receiver/store/sqlite/store.js';
import { ingestionEvent } from '../../helpers.js';

const MEBIBYTE = 1024 * 1024;
const MAX_BYTES = 8 * MEBIBYTE;
/** Of the write-ahead log beside the database. */
const MAX_LOG_BYTES = 24 * MEBIBYTE;

let folder: string;
let store: SqliteStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailrace-eviction-'));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function changes(...batch: unknown[]): Changes {
  const { changes, answer } = atOnce(readIngestion({ batch }));
  expect(answer.errors).toEqual([]);
  return changes;
}

/** A trace of 200 kB when it is compressed, with a score and a complaint. */
function trace(id: string): Changes {
  const text = () => randomBytes(100_000).toString('base64');
  return changes(
    ingestionEvent('trace-create', { id, name: id, input: text() }),
    ingestionEvent('span-create', { id: `${id}-span`, traceId: id, output: text(), level: 'WARNING' }),
    ingestionEvent('score-create', { id: `${id}-score`, traceId: id, name: 'reward', value: 1 }),
    ingestionEvent('trace-create', { id, environment: 'Not Allowed' }),
  );
}

async function write(first: number, last: number): Promise<void> {
  for (let index = first; index <= last; index += 1) await store.write(trace(`t${index}`));
}

const column = (sql: string) =>
  store.database
    .prepare(sql)
    .all()
    .map((row) => Object.values(row)[0]);
const ids = () => column('SELECT id FROM traces ORDER BY rowid');
const fileBytes = () => statSync(join(folder, DATABASE_FILE_NAME)).size;
const media = (id: string) => ({ id, contentType: 'image/png', contentLength: 3, sha256: `hash of ${id}` });

const comment = (traceId: string): CommentRow => ({
  ...{ id: `comment on ${traceId}`, objectType: 'TRACE', objectId: traceId, traceId },
  ...{ content: 'odd', authorUserId: null, createdUs: 0, updatedUs: 0 },
});

describe('a database that reaches its bound', () => {
  it('loses its oldest traces with all that belongs to them, and says so once', async () => {
    const warnings: string[] = [];
    store = await openSqliteStore(folder, { maxBytes: MAX_BYTES, onWarning: (text) => warnings.push(text) });
    await write(1, 1);
    await store.comments.insert(comment('t1'));
    await write(2, 120);
    await store.comments.insert(comment('t120'));
    await store.evicted();
    const kept = ids() as string[];
    expect(kept.at(-1)).toBe('t120');
    expect(column('SELECT trace_id FROM comments')).toEqual(['t120']);
    expect(kept).toEqual(Array.from(kept, (_, index) => `t${121 - kept.length + index}`));
    expect(kept.length).toBeGreaterThan(20);
    expect(column('SELECT DISTINCT trace_id FROM observations ORDER BY rowid')).toEqual(kept);
    expect(column('SELECT trace_id FROM scores ORDER BY rowid')).toEqual(kept);
    expect(column('SELECT DISTINCT trace_id FROM complaints ORDER BY rowid')).toEqual(kept);
    expect(await store.size()).toMatchObject({ maxBytes: MAX_BYTES, evictedTraces: 120 - kept.length });
    expect((await store.size()).usedBytes).toBeLessThanOrEqual(MAX_BYTES);
    expect(warnings).toEqual([
      'the database has reached its bound of 8 MiB: from now on the oldest traces are evicted. Raise the bound with --max-mb',
    ]);
    // Pages are used again, and the log does not grow.
    expect(fileBytes()).toBeLessThanOrEqual(MAX_BYTES + MEBIBYTE);
    expect(statSync(join(folder, `${DATABASE_FILE_NAME}-wal`)).size).toBeLessThanOrEqual(MAX_LOG_BYTES);
  });

  it('counts on after a restart', async () => {
    store = await openSqliteStore(folder, { maxBytes: MAX_BYTES, onWarning: () => {} });
    await write(1, 60);
    await store.evicted();
    const { evictedTraces } = await store.size();
    expect(evictedTraces).toBeGreaterThan(0);
    await store.close();
    store = await openSqliteStore(folder, { maxBytes: MAX_BYTES });
    expect((await store.size()).evictedTraces).toBe(evictedTraces);
  });

  it('in memory loses them as well', async () => {
    store = await openSqliteStore(undefined, { maxBytes: MAX_BYTES, onWarning: () => {} });
    await write(1, 60);
    await store.evicted();
    expect(ids().at(-1)).toBe('t60');
    expect((await store.size()).usedBytes).toBeLessThanOrEqual(MAX_BYTES);
    expect((await store.size()).evictedTraces).toBe(60 - ids().length);
  });

  it('without a bound loses nothing', async () => {
    store = await openSqliteStore(folder);
    await write(1, 60);
    await store.evicted();
    expect(ids()).toHaveLength(60);
    expect(await store.size()).toMatchObject({ maxBytes: undefined, evictedTraces: 0 });
  });
});

describe('a bound below what is stored', () => {
  const open = () => openSqliteStore(folder, { maxBytes: MAX_BYTES, onWarning: () => {} });
  beforeEach(async () => {
    store = await openSqliteStore(folder);
    await write(1, 200);
    await store.close();
    expect(fileBytes()).toBeGreaterThan(4 * MAX_BYTES);
  });

  it('makes the file smaller', async () => {
    store = await open();
    await store.evicted();
    expect(ids().at(-1)).toBe('t200');
    await store.close();
    expect(fileBytes()).toBeLessThanOrEqual(MAX_BYTES);
  });

  it('lets what comes be stored before all is evicted', async () => {
    store = await open();
    const order: string[] = [];
    const evicted = store.evicted().then(() => order.push('evicted'));
    const spans = Array.from({ length: 5000 }, (_, index) =>
      ingestionEvent('span-create', { id: `large-${index}`, traceId: 'large' }),
    );
    const large = store.write(changes(...spans)).then(() => order.push('large'));
    await store.write(trace('new')).then(() => order.push('new'));
    await Promise.all([large, evicted]);
    expect(order.at(-1)).toBe('evicted');
    expect(ids().slice(-2).sort()).toEqual(['large', 'new']);
  });

  it('does not hold up the end', async () => {
    store = await open();
    const write = store.write(trace('new'));
    await store.close();
    await write;
    expect(fileBytes()).toBeGreaterThan(4 * MAX_BYTES);
    store = await openSqliteStore(folder);
    expect(ids().at(-1)).toBe('new');
    // What is left of a trace that was being evicted is a trace still.
    const strays = 'SELECT count(*) FROM observations WHERE trace_id NOT IN (SELECT id FROM traces)';
    expect(column(strays)).toEqual([0]);
  });
});

describe('media', () => {
  const announce = async (id: string, ...traceIds: string[]) => {
    for (const traceId of traceIds) await store.media.announce(media(id), traceId);
    await store.media.storeContent(id, Buffer.from('abc'));
  };

  it('go with the last trace that they are of', async () => {
    store = await openSqliteStore(folder, { maxBytes: MAX_BYTES, onWarning: () => {} });
    await write(1, 20);
    await announce('old', 't1', 't2');
    await announce('shared', 't1', 't20');
    await announce('new', 't20');
    await write(21, 50);
    await store.evicted();
    expect(ids()).toContain('t20');
    expect(ids()).not.toContain('t2');
    expect(column('SELECT id FROM media ORDER BY rowid')).toEqual(['shared', 'new']);
    await store.remove({ traceIds: ['t20'] });
    expect(column('SELECT id FROM media')).toEqual([]);
    expect(column('SELECT media_id FROM media_traces')).toEqual([]);
  });

  it('and scores of traces that never came go as if they were traces', async () => {
    store = await openSqliteStore(folder, { maxBytes: MAX_BYTES, onWarning: () => {} });
    await store.media.announce(media('stray'), 'never');
    await store.write(
      changes(ingestionEvent('score-create', { id: 'stray', traceId: 'never', name: 'n', value: 1 })),
    );
    await write(1, 120);
    await store.evicted();
    expect(await store.media.find('stray')).toBeUndefined();
    expect(column("SELECT id FROM scores WHERE id = 'stray'")).toEqual([]);
  });
});

describe('a retention', () => {
  const DAY_MS = 86_400_000;

  it('evicts what arrived before, whatever its own times, and nothing else', async () => {
    store = await openSqliteStore(folder);
    await write(1, 4);
    const eightDaysAgoUs = (Date.now() - 8 * DAY_MS) * 1000;
    store.database.exec(`UPDATE traces SET created_us = ${eightDaysAgoUs} WHERE id IN ('t1', 't2')`);
    store.database.exec(`UPDATE traces SET timestamp_us = 1`);
    await store.close();
    const warnings: string[] = [];
    store = await openSqliteStore(folder, {
      retentionMs: 7 * DAY_MS,
      onWarning: (text) => warnings.push(text),
    });
    await store.evicted();
    expect(ids()).toEqual(['t3', 't4']);
    expect(column('SELECT trace_id FROM observations')).toEqual(['t3', 't4']);
    expect((await store.size()).evictedTraces).toBe(2);
    expect(warnings).toEqual([]);
  });
});
