/** The store of `tailrace dev`, whose writer is a thread of its own: the contract of all stores, and what a thread adds to it. */

import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
// A worker thread loads built JavaScript: `npm test` builds before it runs this.
import { AnswerTooLarge, InvalidCursor } from '../../dist/receiver/store/contract.js';
import { openSqliteStore } from '../../dist/receiver/store/sqlite/store.js';
import type { Store } from '../../src/receiver/store/contract.js';
import type { StoreOptions } from '../../src/receiver/store/store-options.js';
import { describeStore } from '../unit/receiver/store/contract/describe-store.js';
import { pageFilter, write } from '../unit/receiver/store/contract/harness.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

const openIn = (folder: string | undefined, options: StoreOptions = {}): Promise<Store> =>
  openSqliteStore(folder, { ...options, writesInThread: true });

function openNew(options?: StoreOptions): Promise<Store> {
  folders.push(mkdtempSync(join(tmpdir(), 'tailrace-writer-')));
  return openIn(folders.at(-1), options);
}

describeStore('SQLite in a folder, written by a thread', {
  open: openNew,
  reopen: (options) => openIn(folders.at(-1), options),
  evicts: true,
  errors: { AnswerTooLarge, InvalidCursor },
});

describe('the thread that writes', () => {
  let store: Store | undefined;
  afterEach(() => store?.close());

  const trace = (id: string) => ['trace-create', { id }] as const;

  it('is not needed for a database in memory', async () => {
    const threads: Worker[] = [];
    const count = (worker: Worker) => threads.push(worker);
    process.on('worker', count);
    store = await openIn(undefined);
    await write(store, trace('t'));
    process.off('worker', count);
    expect(threads).toEqual([]);
    expect((await store.counts()).traces).toBe(1);
  });

  it('computes the sums of a large trace that it has put off before they are read', async () => {
    store = await openNew();
    const span = (at: number) => ['span-create', { id: `o${at}`, traceId: 't' }] as const;
    await write(store, ...Array.from({ length: 1_000 }, (_, at) => span(at)));
    for (let at = 1_000; at < 1_003; at += 1) {
      await write(store, span(at));
      expect((await store.tracePage.row('t'))?.observationCount).toBe(at + 1);
    }
  });

  it('is followed by the main thread if it dies: pending writes reject, later ones are stored', async () => {
    const warnings: string[] = [];
    const created = once(process, 'worker');
    store = await openNew({ onWarning: (message) => warnings.push(message) });
    const [worker] = (await created) as [Worker];
    await write(store, trace('before'));
    // While it has nothing to do: a thread that ends in the middle of the SQLite addon takes the process with it.
    const ended = worker.terminate();
    const pending = write(store, trace('meanwhile'));
    await expect(pending).rejects.toThrow('the thread that writes the database has ended');
    await ended;
    await write(store, trace('after'), ['score-create', { traceId: 'after', name: 'good', value: 1 }]);
    expect(await store.traces.known(['before', 'meanwhile', 'after'])).toEqual(new Set(['before', 'after']));
    expect((await store.size()).usedBytes).toBeGreaterThan(0);
    expect(warnings).toEqual([
      'the thread that writes the database has ended (exit code 1): the main thread writes from now on',
    ]);
  });

  it('that cannot start refuses the opening with the reason, and nobody takes its place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tailrace-writer-'));
    folders.push(folder);
    const warnings: string[] = [];
    const created = once(process, 'worker');
    const opened = openIn(folder, { onWarning: (message) => warnings.push(message) });
    const refused = expect(opened).rejects.toThrow('is a folder where the database should be');
    const [worker] = (await created) as [Worker];
    const ended = once(worker, 'exit');
    // The main thread has opened it; the other one, which is starting, finds something else.
    rmSync(join(folder, 'tailrace.db'));
    mkdirSync(join(folder, 'tailrace.db'));
    await refused;
    await ended;
    expect(warnings).toEqual([]);
  });

  it('says why it cannot write, and goes on when it can', async () => {
    const failures: string[] = [];
    store = await openNew({ onFailure: (message) => failures.push(message) });
    const other = await openSqliteStore(folders.at(-1));
    other.database.exec('BEGIN IMMEDIATE');
    await expect(write(store, trace('t'))).rejects.toThrow('is in use by another program');
    other.database.exec('ROLLBACK');
    await write(store, trace('t'));
    expect(failures).toEqual([expect.stringContaining('is in use by another program')]);
    expect((await store.counts()).traces).toBe(1);
    await other.close();
  });

  it('also writes comments and media: a lock that it waits for holds up no answer of this thread', async () => {
    store = await openNew();
    await write(store, trace('t'));
    const medium = { id: 'm', contentType: 'image/png', contentLength: 3, sha256: 'hash' };
    const target = { objectType: 'TRACE', objectId: 't', traceId: 't' } as const;
    const comment = { id: 'c', ...target, content: 'x', authorUserId: null, createdUs: 1, updatedUs: 1 };
    const other = await openSqliteStore(folders.at(-1));
    for (const one of [
      () => store?.comments.insert(comment),
      () => store?.comments.update('t', 'c', 'changed', 2),
      () => store?.comments.restore({ ...comment, content: 'restored' }),
      () => store?.comments.remove('t', 'c'),
      () => store?.media.announce(medium, 't'),
      () => store?.media.storeContent('m', Buffer.from('abc')),
      () => store?.media.markUploaded('m', 3),
    ]) {
      other.database.exec('BEGIN IMMEDIATE');
      const written = one();
      const turn = new Promise((resolve) => setImmediate(resolve, 'the next turn'));
      const first = await Promise.race([Promise.resolve(written).catch(() => {}), turn]);
      other.database.exec('ROLLBACK');
      expect(first).toBe('the next turn');
      await written;
    }
    await other.close();
    expect(await store.comments.find('c')).toBeUndefined();
    expect(await store.media.find('m')).toMatchObject({ uploadedUs: 3, hasContent: true });
  });

  it('holds up no read while it waits for a lock: the list of the page with its size is there first', async () => {
    store = await openNew();
    await write(store, trace('t'));
    const other = await openSqliteStore(folders.at(-1));
    other.database.exec('BEGIN IMMEDIATE');
    const written = write(store, trace('later')).catch(() => {});
    const query = {
      filter: pageFilter({}),
      order: { by: 'start', isDescending: true },
      cursor: null,
      limit: 9,
    } as const;
    const read = Promise.all([store.list.page(query), store.size()]);
    const first = await Promise.race([written.then(() => 'the write'), read.then(() => 'the read')]);
    other.database.exec('ROLLBACK');
    expect(first).toBe('the read');
    await written;
    await other.close();
  });

  it('has stored all that was handed in when the close resolves, however often it is called', async () => {
    const first = await openNew();
    const written = Promise.all(Array.from({ length: 50 }, (_, at) => write(first, trace(`t${at}`))));
    await Promise.all([first.close(), first.close()]);
    await written;
    await expect(write(first, trace('late'))).rejects.toThrow();
    store = await openIn(folders.at(-1));
    expect((await store.counts()).traces).toBe(50);
  });
});
