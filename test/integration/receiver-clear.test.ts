/** What the page does to the whole store, over real sockets: it clears it, and loads the sample. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadSample } from '../../dist/cli/sample/load-sample.js';
import { type Receiver, type ReceiverOptions, startReceiver } from '../../dist/receiver/receiver.js';
import { openDatabase } from '../../dist/receiver/store/sqlite/sqlite.js';
import { fill } from '../support/receiver-data.js';
import { call, ingestionEvent, postJson } from '../unit/receiver/helpers.js';

async function start(options: Parameters<typeof startReceiver>[0] & ReceiverOptions = {}): Promise<Receiver> {
  const receiver = await startReceiver({ port: 0, ...options });
  onTestFinished(() => receiver.close());
  return receiver;
}

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
async function page(receiver: Receiver, method: string, path: string): Promise<any> {
  const response = await fetch(`${receiver.url}/api/tailrace/${path}`, { method });
  return { status: response.status, ...((await response.json()) as object) };
}

/** For a trace that is not stored yet, as clients do. Uploads it, and returns its id. */
async function announce({ url }: Receiver, content: string): Promise<string> {
  const sha256Hash = createHash('sha256').update(content).digest('base64');
  const body = {
    ...{ traceId: `later-${content}`, field: 'input', contentType: 'text/plain' },
    ...{ contentLength: content.length, sha256Hash },
  };
  const { mediaId, uploadUrl } = (await postJson(`${url}/api/public/media`, body)).json;
  const headers = { 'content-type': 'text/plain', 'x-amz-checksum-sha256': sha256Hash };
  await fetch(uploadUrl, { method: 'PUT', headers, body: content });
  return mediaId;
}

describe('clearing', () => {
  it('leaves nothing in any table, and the counters begin anew', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'tailrace-clear-'));
    onTestFinished(() => rmSync(dataDir, { recursive: true }));
    const receiver = await start({ dataDir });
    await fill(receiver);
    await postJson(`${receiver.url}/api/public/comments`, {
      projectId: 'p',
      objectType: 'SESSION',
      objectId: 's1',
      content: 'x',
    });
    // A complaint, a score of no trace, and media of no trace.
    const batch = [
      ingestionEvent('span-create', { id: 'bad', traceId: 'nobody', level: 'WRONG' }),
      ingestionEvent('score-create', { id: 'stray', traceId: 'nobody', name: 'n', value: 1 }),
    ];
    await postJson(`${receiver.url}/api/public/ingestion`, { batch });
    expect((await page(receiver, 'DELETE', 'all-traces')).status).toBe(200);
    expect(await receiver.counts()).toMatchObject({ traces: 0, observations: 0, scores: 0 });
    const list = await page(receiver, 'GET', 'traces');
    expect(list).toMatchObject({ traces: [], total: 0, stored: 0, size: { evictedTraces: 0 } });
    expect((await receiver.complaints()).complaints).toEqual([]);
    await receiver.close();
    const database = await openDatabase(`${dataDir}/tailrace.db`);
    onTestFinished(() => database.close());
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
    const names = tables
      .map(({ name }) => String(name))
      .filter((name) => !/^sqlite_|^evicted$|_beyond$|^search_\w+_(data|config)$/.test(name));
    expect(names).toContain('comments');
    expect(names).toContain('words');
    // FTS5 keeps two rows about the index itself.
    for (const name of ['search_texts_data', 'search_words_data']) {
      expect(database.prepare(`SELECT count(*) AS count FROM ${name}`).get()).toEqual({ count: 2 });
    }
    for (const name of names) {
      expect([name, database.prepare(`SELECT count(*) AS count FROM ${name}`).get()?.count]).toEqual([
        name,
        0,
      ]);
    }
  });

  it('of an empty store does nothing, twice at once too; what comes afterwards is stored', async () => {
    const receiver = await start();
    await Promise.all([page(receiver, 'DELETE', 'all-traces'), page(receiver, 'DELETE', 'traces')]);
    const chat = [{ role: 'user', content: 'x'.repeat(2000) }];
    const event = () => ingestionEvent('generation-create', { id: 'g', traceId: 't', input: chat });
    for (let round = 0; round < 3; round += 1) {
      await postJson(`${receiver.url}/api/public/ingestion`, { batch: [event()] });
      const read = await call(`${receiver.url}/api/public/observations/g`);
      expect(read.json.input).toEqual(chat);
      await page(receiver, 'DELETE', 'all-traces');
      expect((await call(`${receiver.url}/api/public/observations/g`)).status).toBe(404);
    }
  });

  it('answers others meanwhile, and keeps what comes meanwhile: traces, scores of sessions, media, complaints', async () => {
    const receiver = await start();
    const score = (id: string, value: number) =>
      ingestionEvent('score-create', { id, sessionId: 's', name: 'n', value });
    await postJson(`${receiver.url}/api/public/ingestion`, { batch: [score('old', 1), score('again', 1)] });
    await announce(receiver, 'old');
    for (let round = 0; round < 5; round += 1) {
      const batch = Array.from({ length: 2000 }, (_, at) =>
        ingestionEvent('span-create', { id: `o${round}-${at}`, traceId: `t${round}-${at}`, name: 'n' }),
      );
      await postJson(`${receiver.url}/api/public/ingestion`, { batch });
    }
    let isCleared = false;
    const cleared = page(receiver, 'DELETE', 'all-traces').then(() => {
      isCleared = true;
    });
    // The first traces are gone before the clearing has ended.
    while ((await receiver.counts()).traces === 10_000) await call(`${receiver.url}/api/public/health`);
    const wasCleared = isCleared;
    const batch = [
      ingestionEvent('trace-create', { id: 'new' }),
      ingestionEvent('span-create', { id: 'bad', traceId: 'nobody', level: 'WRONG' }),
      score('new', 2),
      score('again', 2),
    ];
    await postJson(`${receiver.url}/api/public/ingestion`, { batch });
    const medium = await announce(receiver, 'new');
    await cleared;
    expect(wasCleared).toBe(false);
    const scores = (await call(`${receiver.url}/api/public/v2/scores?sessionId=s`)).json.data;
    const shown = scores.map(({ id, value }: { id: string; value: number }) => `${id} ${value}`);
    expect(shown.sort()).toEqual(['again 2', 'new 2']);
    expect((await fetch(`${receiver.url}/media/${medium}`)).status).toBe(200);
    expect((await receiver.complaints()).complaints.map(({ code }) => code)).toEqual(['level-refused']);
    expect((await page(receiver, 'GET', 'traces')).traces.map(({ id }: { id: string }) => id)).toEqual([
      'new',
    ]);
  });

  it('tells open pages to read anew, and frees the room', async () => {
    const receiver = await start();
    await postJson(`${receiver.url}/api/public/ingestion`, {
      batch: [ingestionEvent('span-create', { id: 'o', traceId: 't', input: 'x'.repeat(3_000_000) })],
    });
    const before = (await page(receiver, 'GET', 'traces')).size.usedBytes;
    const stream = await fetch(`${receiver.url}/api/tailrace/events`);
    const reader = stream.body!.getReader();
    await page(receiver, 'DELETE', 'all-traces');
    let text = '';
    while (!text.includes('"kind":"reload"')) text += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    expect((await page(receiver, 'GET', 'traces')).size.usedBytes).toBeLessThan(before);
  });
});

describe('the sample', () => {
  it('is stored once for two requests at a time, with keys too, and offered only where there is one', async () => {
    const keys = { publicKey: 'pk-lf-ours', secretKey: 'sk-lf-ours' };
    let loads = 0;
    const receiver: Receiver = await start({
      keys,
      loadSample: () => {
        loads += 1;
        return loadSample(receiver.url, keys);
      },
    });
    const authorization = `Basic ${Buffer.from('pk-lf-ours:sk-lf-ours').toString('base64')}`;
    const post = () =>
      fetch(`${receiver.url}/api/tailrace/sample`, { method: 'POST', headers: { authorization } });
    const answers = await Promise.all([post(), post()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(loads).toBe(1);
    const { traces, scores } = await receiver.counts();
    expect(traces).toBeGreaterThan(5);
    expect(scores).toBeGreaterThan(5);
    expect((await receiver.complaints()).complaints).toEqual([]);
    const list = await fetch(`${receiver.url}/api/tailrace/traces`, { headers: { authorization } });
    expect(((await list.json()) as { hasSample: boolean }).hasSample).toBe(true);
  });

  it('that fails is answered with the reason, and may be asked for again', async () => {
    let loads = 0;
    const receiver = await start({
      loadSample: () => Promise.reject(new Error(`no room, ${(loads += 1)}`)),
    });
    for (const load of [1, 2]) {
      expect(await page(receiver, 'POST', 'sample')).toMatchObject({
        status: 500,
        message: expect.stringContaining(`no room, ${load}`),
      });
    }
  });

  it('is refused where there is none', async () => {
    const receiver = await start();
    expect(await page(receiver, 'POST', 'sample')).toMatchObject({ status: 404 });
    expect((await page(receiver, 'GET', 'traces')).hasSample).toBe(false);
  });
});
