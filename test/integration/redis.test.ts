/** The redis exporter against real servers: what arrives in the streams, and what becomes of events while a server is in trouble. */

import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Tailrace, type TailraceOptions } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startCutter } from '../support/cutter.js';
import { freePort } from '../support/free-port.js';
import { decodeRequest } from '../support/otlp.js';
import {
  noRedis,
  type RedisServer,
  readStream,
  type StreamEntry,
  startCluster,
  startRedis,
  TLS_ARGUMENTS,
} from '../support/redis-server.js';
import { SELF_SIGNED } from '../support/self-signed.js';
import { newDir } from '../support/spools.js';
import { namesUpTo, sortedBy, told, trace } from '../support/streaming.js';

type Given = Omit<TailraceOptions, 'redis'> & { redis?: Partial<NonNullable<TailraceOptions['redis']>> };

function startClient(url: string, { redis, ...options }: Given = {}) {
  const client = new Tailrace({
    exporter: 'redis',
    redis: { url, ...redis },
    compression: 'none',
    ...options,
  });
  const messages: string[] = [];
  for (const kind of ['error', 'warning'] as const) client.on(kind, (text: string) => messages.push(text));
  onTestFinished(async () => {
    await client.shutdown();
  });
  return { client, messages };
}

const spanNamesOf = (entries: readonly StreamEntry[]): string[] =>
  entries
    .filter(({ lane }) => lane === 'spans')
    .flatMap(({ body }) => decodeRequest(body).spans.map(({ name }) => name));

async function idsAt(server: Pick<RedisServer, 'url'>, key?: string): Promise<string[]> {
  return sortedBy(new Set(spanNamesOf(await readStream(server, key))));
}

describe.skipIf(noRedis !== undefined)('the redis exporter', () => {
  it('adds spans as OTLP, scores and updates of traces as ingestion bodies, each with its fields', async () => {
    const server = await startRedis();
    const { client } = startClient(server.url, { redis: { producer: 'a test' }, compression: 'gzip' });
    const observation = client.generation({ name: 'answer', model: 'm', input: 'ä漢😀'.repeat(1000) });
    observation.end({ output: 'text' });
    client.score({ traceId: observation.traceId, name: 'quality', value: 1 });
    expect(await client.shutdown()).toMatchObject({ accepted: 2, sent: 2, failed: 0 });
    const entries = await readStream(server);
    const [spans, scores] = ['spans', 'scores'].map((name) => entries.find(({ lane }) => lane === name));
    expect(spans).toMatchObject({
      v: '1',
      type: 'application/x-protobuf',
      encoding: 'gzip',
      count: '1',
      id: expect.stringMatching(/^[\w-]{22}$/),
      producer: 'a test',
    });
    expect(spanNamesOf(entries)).toEqual(['answer']);
    expect(scores).toMatchObject({ v: '1', type: 'application/json', count: '1' });
    expect(JSON.parse(String(scores?.body))).toMatchObject({
      batch: [{ type: 'score-create', body: { name: 'quality', value: 1 } }],
    });
  });

  it('spreads batches over its streams, the same batch to the same one', async () => {
    const server = await startRedis();
    const { client } = startClient(server.url, { flushAt: 1, redis: { stream: 'traces', shards: 4 } });
    trace(client, 0, 60);
    expect(await client.shutdown()).toMatchObject({ sent: 60 });
    const streams = await Promise.all([0, 1, 2, 3].map((n) => readStream(server, `traces:${n}`)));
    expect(streams.every(({ length }) => length > 0)).toBe(true);
    expect(sortedBy(streams.flatMap(spanNamesOf))).toEqual(namesUpTo(60));
  });

  it('goes over TLS with a certificate of its own authority, and not without', async () => {
    const server = await startRedis(...TLS_ARGUMENTS);
    const trusting = startClient(server.url, { redis: { tls: { ca: SELF_SIGNED.cert } } });
    trace(trusting.client, 0, 1);
    expect(await trusting.client.flush()).toMatchObject({ sent: 1 });
    const strict = startClient(server.url);
    trace(strict.client, 1, 2);
    expect(await strict.client.shutdown()).toMatchObject({ sent: 0, failed: 1 });
    expect(strict.messages.join('\n')).toContain('certificate that is not trusted');
    expect(await idsAt(server)).toEqual(['span 0']);
  });

  it('names itself as an ACL user with the two commands that it needs', async () => {
    const server = await startRedis();
    await server.ask('ACL', 'SETUSER', 'tracer', 'on', '>s3cret-w0rd', '~tailrace:*', '+xadd', '+xlen');
    const { client, messages } = startClient(server.url.replace('//', '//tracer:s3cret-w0rd@'));
    trace(client, 0, 5);
    expect(await client.shutdown()).toMatchObject({ sent: 5, failed: 0 });
    expect(messages).toEqual([]);
    expect(await idsAt(server)).toEqual(namesUpTo(5));
  });

  it.each([
    [
      'a wrong password',
      'tracer:wr0ng-w0rd@',
      ['+xadd', '+xlen'],
      'does not take the user and password (WRONGPASS)',
    ],
    ['a user without the command', 'tracer:s3cret-w0rd@', ['+xlen'], 'does not let this user run'],
    [
      'a user without the key',
      'tracer:s3cret-w0rd@',
      ['+xadd', '+xlen', 'resetkeys'],
      'does not let this user run',
    ],
    ['a password where there is none', ':wr0ng-w0rd@', ['+xadd', '+xlen'], 'has no password'],
    ['no user where one is wanted', '', ['+xadd', '+xlen'], 'wants a user and a password (NOAUTH)'],
  ])(
    'reports %s at once, keeps the events on disk, and shows no password',
    async (_, user, rules, reason) => {
      const server = await startRedis();
      await server.ask('ACL', 'SETUSER', 'tracer', 'on', '>s3cret-w0rd', '~tailrace:*', ...rules);
      if (user === '') await server.ask('ACL', 'SETUSER', 'default', 'off');
      const { client, messages } = startClient(server.url.replace('//', `//${user}`), { spoolDir: newDir() });
      trace(client, 0, 3);
      expect(await client.flush()).toMatchObject({ sent: 0, spooled: 3, failed: 0 });
      expect(messages.join('\n')).toContain(`redis 127.0.0.1:${server.port} ${reason}`);
      expect(messages.join('\n')).not.toMatch(/w0rd/);
    },
  );

  it('says what is wrong also if it is shut down before a second attempt, with the events on disk', async () => {
    const server = await startRedis();
    const { client, messages } = startClient(`${server.url}/99`, { spoolDir: newDir() });
    trace(client, 0, 3);
    expect(await client.shutdown()).toMatchObject({ sent: 0, spooled: 3, failed: 0 });
    expect(messages.join('\n')).toContain('does not have the database that the address names');
  });

  it('refuses nothing and loses nothing while its server is away from the start', async () => {
    const server = await startRedis();
    await server.kill();
    const { client } = startClient(server.url);
    const warned = told(client, 'refuses connections');
    trace(client, 0, 10);
    const flushed = client.flush();
    await warned;
    await server.start();
    expect(await flushed).toMatchObject({ sent: 10, failed: 0 });
    expect(await idsAt(server)).toEqual(namesUpTo(10));
  });

  it('goes on after a restart: with an append-only file everything is there, in order', async () => {
    const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
    const { client } = startClient(server.url, { flushAt: 5 });
    trace(client, 0, 20);
    expect(await client.flush()).toMatchObject({ sent: 20 });
    await server.kill('SIGTERM');
    trace(client, 20, 40);
    const flushed = client.flush();
    await server.start();
    expect(await flushed).toMatchObject({ sent: 40, failed: 0 });
    expect(await idsAt(server)).toEqual(namesUpTo(40));
  });

  it('goes on after a restart without persistence: what was in memory there is gone, the rest arrives', async () => {
    const server = await startRedis();
    const { client } = startClient(server.url);
    trace(client, 0, 20);
    expect(await client.flush()).toMatchObject({ sent: 20 });
    await server.kill();
    await server.start();
    trace(client, 20, 40);
    expect(await client.shutdown()).toMatchObject({ sent: 40, failed: 0 });
    expect(await idsAt(server)).toEqual(namesUpTo(40).slice(20));
  });

  it('loses nothing to kill -9 of a server with an append-only file under load: what arrives is what was sent', async () => {
    const server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always');
    const options: Given = { flushAt: 10, spoolDir: newDir() };
    const { client, messages } = startClient(server.url, options);
    const rounds = 4;
    const perRound = 300;
    for (let round = 0; round < rounds; round++) {
      trace(client, round * perRound, (round + 1) * perRound);
      const flushed = client.flush();
      await server.kill();
      await server.start();
      await flushed;
    }
    const counts = await client.shutdown();
    expect(counts).toMatchObject({ accepted: rounds * perRound, failed: 0, pending: 0 });
    expect(counts.sent + counts.spooled).toBe(rounds * perRound);
    const { client: next } = startClient(server.url, options);
    next.score({ traceId: 'a'.repeat(32), name: 'starts the worker', value: 1 });
    expect(await next.shutdown()).toMatchObject({ recovered: counts.spooled, unrecovered: 0, failed: 0 });
    expect(await idsAt(server)).toEqual(namesUpTo(rounds * perRound));
    expect(messages.filter((text) => text.includes('not delivered'))).toEqual([]);
  });

  it('drops a connection on which the server is silent, and opens another', async () => {
    const server = await startRedis();
    const { client } = startClient(server.url, { timeout: 0.9 });
    trace(client, 0, 1);
    await client.flush();
    server.pause();
    const warned = told(client, `no answer within 900 ms from 127.0.0.1:${server.port}`);
    trace(client, 1, 2);
    const flushed = client.flush();
    await warned;
    server.resume();
    expect(await flushed).toMatchObject({ sent: 2, failed: 0 });
    expect(await idsAt(server)).toEqual(namesUpTo(2));
  });

  it('waits while the server has no memory left (maxmemory, noeviction)', async () => {
    const server = await startRedis('--maxmemory', '1', '--maxmemory-policy', 'noeviction');
    const { client } = startClient(server.url);
    const warned = told(client, 'has no memory left');
    trace(client, 0, 5);
    const flushed = client.flush();
    await warned;
    await server.ask('CONFIG', 'SET', 'maxmemory', '0');
    expect(await flushed).toMatchObject({ sent: 5, failed: 0 });
    expect(await idsAt(server)).toEqual(namesUpTo(5));
  });

  it('waits while the server is a replica, which takes no writes', async () => {
    const server = await startRedis();
    await server.ask('REPLICAOF', '127.0.0.1', String(await freePort()));
    const { client } = startClient(server.url);
    const warned = told(client, 'is a replica');
    trace(client, 0, 5);
    const flushed = client.flush();
    await warned;
    await server.ask('REPLICAOF', 'NO', 'ONE');
    expect(await flushed).toMatchObject({ sent: 5, failed: 0 });
  });

  it('reports a key that is no stream as a configuration error', async () => {
    const server = await startRedis();
    await server.ask('SET', 'tailrace:0', 'x');
    const { client, messages } = startClient(server.url);
    trace(client, 0, 1);
    expect(await client.shutdown()).toMatchObject({ sent: 0, failed: 1 });
    expect(messages.join('\n')).toContain('has something else than a stream under its key (WRONGTYPE)');
  });

  it('adds nothing to a full stream until a consumer has deleted entries, and says so before anything is lost', async () => {
    const server = await startRedis();
    const { client, messages } = startClient(server.url, {
      flushAt: 1,
      redis: { maxLength: 5 },
      maxInFlight: 1,
    });
    const warned = told(client, 'the stream tailrace:0 is full (5 entries)');
    trace(client, 0, 12);
    const flushed = client.flush();
    await warned;
    expect(await server.ask('XLEN', 'tailrace:0')).toBe(5);
    const first = await idsAt(server);
    await server.ask('XTRIM', 'tailrace:0', 'MAXLEN', '0');
    const again = setInterval(() => void drained(), 50);
    const seen = new Set(first);
    async function drained(): Promise<void> {
      for (const name of await idsAt(server)) seen.add(name);
      if (Number(await server.ask('XLEN', 'tailrace:0')) >= 5)
        await server.ask('XTRIM', 'tailrace:0', 'MAXLEN', '0');
    }
    onTestFinished(() => clearInterval(again));
    expect(await flushed).toMatchObject({ sent: 12, failed: 0 });
    clearInterval(again);
    expect(messages.filter((text) => text.includes('not delivered'))).toEqual([]);
  });

  it("drops the oldest entries of a full stream with full: 'trim'", async () => {
    const server = await startRedis('--stream-node-max-entries', '1');
    const { client } = startClient(server.url, {
      flushAt: 1,
      redis: { maxLength: 5, full: 'trim' },
      maxInFlight: 1,
    });
    trace(client, 0, 30);
    expect(await client.shutdown()).toMatchObject({ sent: 30, failed: 0 });
    expect(Number(await server.ask('XLEN', 'tailrace:0'))).toBeLessThan(10);
    expect((await idsAt(server)).at(-1)).toBe('span 29');
  });

  it('sends again what a cut connection left without an answer, under the same id', async () => {
    const server = await startRedis();
    const { port, cutNext } = await startCutter(server.port, 'XADD');
    const { client } = startClient(`redis://127.0.0.1:${port}`, { flushAt: 10 });
    cutNext();
    trace(client, 0, 100);
    expect(await client.shutdown()).toMatchObject({ sent: 100, failed: 0 });
    const entries = await readStream(server);
    expect(sortedBy(new Set(spanNamesOf(entries)))).toEqual(namesUpTo(100));
    // The batch that was answered by nothing is there twice, and its id says so.
    const bodies = new Map(entries.map(({ id, body }) => [id, body]));
    expect(
      sortedBy([...bodies.values()].flatMap((body) => decodeRequest(body).spans.map(({ name }) => name))),
    ).toEqual(namesUpTo(100));
    expect(entries.length).toBeGreaterThan(bodies.size);
  });

  it('keeps the events and says what to install where the package is missing', async () => {
    // The worker resolves packages from its own file and from the working directory: neither has any here.
    const folder = newDir();
    cpSync(new URL('../../dist', import.meta.url), join(folder, 'tailrace/dist'), { recursive: true });
    cpSync(new URL('../../package.json', import.meta.url), join(folder, 'tailrace/package.json'));
    const program = `
      import { Tailrace } from './tailrace/dist/esm/index.js';
      const client = new Tailrace({ exporter: 'redis', redis: { url: 'redis://127.0.0.1:1' }, spoolDir: 'spool' });
      client.on('warning', (text) => console.log(text));
      client.span({ name: 'kept' }).end();
      await client.flush();
      const { sent, spooled, failed } = await client.shutdown();
      console.log(JSON.stringify({ sent, spooled, failed }));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      cwd: folder,
    });
    expect(stdout).toContain('npm install @redis/client');
    expect(stdout).toContain('{"sent":0,"spooled":1,"failed":0}');
  });

  it('goes to a cluster, whose nodes share the streams', async () => {
    const nodes = await startCluster();
    const { client, messages } = startClient(nodes[0]?.url ?? '', {
      flushAt: 1,
      redis: { url: nodes.map(({ url }) => url), shards: 8 },
    });
    trace(client, 0, 80);
    expect(await client.shutdown()).toMatchObject({ sent: 80, failed: 0 });
    expect(messages).toEqual([]);
    const lengths = await Promise.all(nodes.map(async ({ ask }) => Number(await ask('DBSIZE'))));
    expect(lengths.filter((keys) => keys > 0).length).toBeGreaterThan(1);
  });
});
