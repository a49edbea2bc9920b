/** `tailrace forward` between a real Redis and a server: the way of batches, shared work, and ends of forwarders. */
import { execFile } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Tailrace } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../../dist/receiver/receiver.js';
import { asLangfuse } from '../support/clients.js';
import {
  addSpans,
  environment,
  holding,
  lengthsOf,
  namesAt,
  namesUpTo,
  spansAt,
  startForwarder,
  startServer,
  toLangfuse,
  until,
  untilEmpty,
} from '../support/forwarding.js';
import { REPOSITORY } from '../support/programs.js';
import {
  noRedis,
  type RedisServer,
  startCluster,
  startRedis,
  TLS_ARGUMENTS,
} from '../support/redis-server.js';
import { startRelay } from '../support/relay.js';
import { SELF_SIGNED } from '../support/self-signed.js';
import { newDir } from '../support/spools.js';

/** How often Redis was given a command. */
async function callsOf({ ask }: RedisServer, command: string): Promise<number> {
  const stats = String(await ask('INFO', 'commandstats'));
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(stats)?.[1] ?? 0);
}

async function untilCalls(redis: RedisServer, command: string, calls: number): Promise<void> {
  await until(async () => expect(await callsOf(redis, command)).toBeGreaterThanOrEqual(calls));
}

describe.skipIf(noRedis !== undefined)('tailrace forward', () => {
  it('brings spans, scores and updates of traces to a server, which has nothing to complain of', async () => {
    const [redis, receiver] = [await startRedis(), await startReceiver({ port: 0, strict: true })];
    onTestFinished(() => receiver.close());
    const client = new Tailrace({ exporter: 'redis', redis: { url: redis.url, shards: 3 }, flushAt: 3 });
    for (let i = 0; i < 40; i++) {
      const call = client.generation({ name: `call ${i}`, model: 'm', input: 'ä漢😀'.repeat(500) });
      call.end({ output: 'text' });
      client.score({ traceId: call.traceId, name: 'quality', value: 1 });
    }
    await client.shutdown();
    const forwarder = await startForwarder(redis.url, toLangfuse(receiver.url, '--shards', '3'));
    for (const shard of [0, 1, 2]) await untilEmpty(redis, `tailrace:${shard}`);
    expect(await receiver.counts()).toMatchObject({ observations: 40, scores: 40 });
    expect((await receiver.complaints()).complaints).toEqual([]);
    const { code, counts } = await forwarder.stop();
    expect(code).toBe(0);
    expect(counts).toMatchObject({ delivered: 80, refused: 0, deadLetters: 0, held: 0 });
    expect(forwarder.said).toEqual([]);
    // It has left the group, which stays for the next one.
    expect(await redis.ask('XINFO', 'CONSUMERS', 'tailrace:0', 'tailrace')).toEqual([]);
  });

  it('shares the work with another forwarder', async () => {
    const [redis, gate] = [await startRedis(), holding()];
    const sink = await startServer(gate.answer);
    await addSpans(redis.url, 0, 60);
    const words = toLangfuse(sink.url, '--in-flight', '1');
    const forwarders = await Promise.all([
      startForwarder(redis.url, words),
      startForwarder(redis.url, words),
    ]);
    // One request of each, while no other is answered.
    await sink.received(2);
    gate.letGo();
    await untilEmpty(redis);
    const ends = await Promise.all(forwarders.map((one) => one.stop()));
    const delivered = ends.map(({ counts }) => Number(counts?.delivered));
    expect(delivered.every((count) => count > 0)).toBe(true);
    expect(delivered.reduce((sum, count) => sum + count)).toBe(60);
    expect(spansAt(sink).length).toBe(60);
    expect(namesAt(sink)).toEqual(namesUpTo(60));
  });

  it('is succeeded after kill -9, and what is delivered again has the same ids', async () => {
    const [redis, gate] = [await startRedis(), holding()];
    const sink = await startServer(gate.answer);
    await addSpans(redis.url, 0, 40);
    const words = toLangfuse(sink.url, '--in-flight', '4', '--claim-after', '1');
    const first = await startForwarder(redis.url, words);
    await sink.received(4);
    expect(await first.stop('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    gate.letGo();
    const second = await startForwarder(redis.url, words);
    await untilEmpty(redis);
    expect(await second.metric('tailrace_forward_claimed_total')).toBe(8);
    const { counts } = await second.stop();
    expect(counts).toMatchObject({ delivered: 40, refused: 0 });
    expect(namesAt(sink)).toEqual(namesUpTo(40));
    expect(spansAt(sink).length).toBe(44);
    expect(new Set(spansAt(sink).map(({ spanId }) => spanId)).size).toBe(40);
  });

  it('keeps its entries while the target takes long to answer, however many others look for work', async () => {
    const [redis, gate] = [await startRedis(), holding()];
    const sink = await startServer(gate.answer);
    await addSpans(redis.url, 0, 4);
    const words = toLangfuse(sink.url, '--in-flight', '2', '--claim-after', '1');
    const first = await startForwarder(redis.url, words);
    await sink.received(2);
    await until(async () => expect(await first.metric('tailrace_forward_held_entries')).toBe(4));
    const second = await startForwarder(redis.url, words);
    // It looks twice a second, and the first one is full: this is more than twice the time after which entries are claimed.
    await untilCalls(redis, 'xautoclaim', (await callsOf(redis, 'xautoclaim')) + 6);
    expect(await second.metric('tailrace_forward_claimed_total')).toBe(0);
    gate.letGo();
    await untilEmpty(redis);
    expect((await first.stop()).counts).toMatchObject({ delivered: 4 });
    expect((await second.stop()).counts).toMatchObject({ delivered: 0 });
    expect(spansAt(sink).length).toBe(4);
  });

  it('reads again at once what Redis has handed out and a cut connection has lost', async () => {
    const [redis, sink] = [await startRedis(), await startServer()];
    const relay = await startRelay(redis.port);
    const forwarder = await startForwarder(
      `redis://127.0.0.1:${relay.port}`,
      // No claim brings it back while the test runs.
      toLangfuse(sink.url, '--claim-after', '600'),
    );
    // An answer to a read names the stream.
    relay.loseAnswerWith('tailrace:0');
    await addSpans(redis.url, 0, 30);
    await untilEmpty(redis);
    expect((await forwarder.stop()).counts).toMatchObject({ delivered: 30, claimed: 0 });
    expect(relay.connections).toBe(2);
    expect(
      spansAt(sink)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(namesUpTo(30).sort());
  });

  it('goes on after its connection to Redis was cut, any number of times', async () => {
    const redis = await startRedis();
    const [sink, relay] = [await startServer(), await startRelay(redis.port)];
    await addSpans(redis.url, 0, 300);
    let cuts = 0;
    sink.answer = (request, response, index) => {
      // Between the answer and the acknowledgement, among other moments.
      if (index % 40 === 20) {
        cuts++;
        relay.cut();
      }
      asLangfuse(request, response, index);
    };
    const forwarder = await startForwarder(
      `redis://127.0.0.1:${relay.port}`,
      toLangfuse(sink.url, '--claim-after', '1'),
    );
    await untilEmpty(redis);
    await forwarder.stop();
    expect(cuts).toBeGreaterThan(3);
    expect(relay.connections).toBeGreaterThan(cuts / 2);
    expect(namesAt(sink)).toEqual(namesUpTo(300));
    expect(new Set(spansAt(sink).map(({ spanId }) => spanId)).size).toBe(300);
    expect(forwarder.said.some((line) => line.includes('has cut the connection'))).toBe(true);
  });

  it('waits for Redis at its start, and makes its group again after FLUSHALL', async () => {
    const [redis, sink] = [await startRedis(), await startServer()];
    await redis.kill();
    const forwarder = await startForwarder(redis.url, toLangfuse(sink.url));
    await forwarder.saying('refuses connections (ECONNREFUSED). Entries stay in the streams.');
    expect(await forwarder.metric('tailrace_forward_source_up')).toBe(0);
    await redis.start();
    await forwarder.saying('works again');
    await redis.ask('FLUSHALL');
    await addSpans(redis.url, 0, 5);
    await until(() => expect(namesAt(sink)).toEqual(namesUpTo(5)));
    await forwarder.stop();
  });

  it('delivers what it has before it ends on SIGTERM, and leaves the rest to others', async () => {
    const [redis, gate] = [await startRedis(), holding()];
    const sink = await startServer(gate.answer);
    await addSpans(redis.url, 0, 20);
    const forwarder = await startForwarder(redis.url, toLangfuse(sink.url, '--in-flight', '2'));
    await sink.received(2);
    const ended = forwarder.stop('SIGTERM');
    // It still has a way to Redis, and takes no more.
    gate.letGo();
    const { code, counts } = await ended;
    expect(code).toBe(0);
    const delivered = Number(counts?.delivered);
    expect(delivered).toBeGreaterThanOrEqual(2);
    expect(delivered).toBeLessThanOrEqual(6);
    expect(spansAt(sink).length).toBe(delivered);
    expect(await lengthsOf(redis)).toEqual({ entries: 20 - delivered, pending: 0 });
  });

  it('gives back on SIGINT what the target does not take, for others to have at once', async () => {
    const redis = await startRedis();
    const sink = await startServer((_, response) => response.writeHead(503, { 'retry-after': '60' }).end());
    await addSpans(redis.url, 0, 5);
    const forwarder = await startForwarder(redis.url, toLangfuse(sink.url, '--in-flight', '1'));
    await forwarder.saying('HTTP 503');
    expect((await forwarder.stop('SIGINT')).counts).toMatchObject({ delivered: 0, held: 2 });
    sink.answer = asLangfuse;
    // By default entries are claimed after a minute.
    const next = await startForwarder(redis.url, toLangfuse(sink.url));
    await untilEmpty(redis);
    expect((await next.stop()).counts).toMatchObject({ delivered: 5, claimed: 2 });
  });

  it('drops a batch that was delivered already, also by another forwarder', async () => {
    const [redis, sink] = [await startRedis(), await startServer()];
    await addSpans(redis.url, 0, 3);
    const [[, fields]] = (await redis.ask('XRANGE', 'tailrace:0', '-', '+', 'COUNT', '1')) as [
      [string, string[]],
    ];
    const id = fields[fields.indexOf('id') + 1] as string;
    const first = await startForwarder(redis.url, toLangfuse(sink.url));
    await untilEmpty(redis);
    await first.stop();
    expect(await redis.ask('ZSCORE', 'tailrace:0:delivered', id)).not.toBeNull();
    const known = ['v', '1', 'lane', 'spans', 'type', 'application/x-protobuf', 'encoding', 'identity'];
    await redis.ask('XADD', 'tailrace:0', '*', ...known, 'count', '1', 'id', id, 'body', 'x');
    const second = await startForwarder(redis.url, toLangfuse(sink.url));
    await untilEmpty(redis);
    expect(await second.metric('tailrace_forward_duplicates_total')).toBe(1);
    await second.stop();
    expect(sink.requests.length).toBe(3);
  });

  it('serves metrics in the text format of Prometheus, and nothing else', async () => {
    const [redis, sink] = [await startRedis(), await startServer()];
    await addSpans(redis.url, 0, 3);
    const forwarder = await startForwarder(redis.url, toLangfuse(sink.url));
    await untilEmpty(redis);
    await until(async () =>
      expect(await forwarder.metric('tailrace_forward_stream_entries{stream="tailrace:0"}')).toBe(0),
    );
    const response = await fetch(forwarder.metricsUrl);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const metrics = await forwarder.metrics();
    expect(metrics.get('tailrace_forward_events_total{lane="spans",outcome="delivered"}')).toBe(3);
    expect(metrics.get('tailrace_forward_target_up')).toBe(1);
    expect(new URL(forwarder.metricsUrl).hostname).toBe('127.0.0.1');
    expect((await fetch(new URL('/', forwarder.metricsUrl))).status).toBe(404);
    expect((await fetch(forwarder.metricsUrl, { method: 'POST' })).status).toBe(405);
    await forwarder.stop();
  });

  it('needs no more rights than the guide names', async () => {
    const [redis, sink] = [await startRedis(), await startServer()];
    await addSpans(redis.url, 0, 2);
    const guide = readFileSync(join(REPOSITORY, 'src/forward/README.md'), 'utf8');
    const [, rights = ''] = /ACL SETUSER forwarder on >password ([^`]*)```/.exec(guide) ?? [];
    await redis.ask('ACL', 'SETUSER', 'forwarder', 'on', '>s3cret-w0rd', ...rights.trim().split(/\s+/));
    const url = redis.url.replace('//', '//forwarder:s3cret-w0rd@');
    const forwarder = await startForwarder(url, toLangfuse(sink.url));
    await untilEmpty(redis);
    sink.answer = (_, response) => response.writeHead(400).end();
    await addSpans(redis.url, 2, 3);
    await untilEmpty(redis);
    expect((await forwarder.stop()).counts).toMatchObject({ delivered: 2, deadLetters: 1 });
    const again = await startForwarder(url, toLangfuse(sink.url, '--replay-dead'));
    await again.saying('put 1 dead letter back');
    await again.stop();
    expect([...forwarder.said, ...again.said].filter((line) => /ACL|s3cret/.test(line))).toEqual([]);
  });

  it('reads from a cluster, whose nodes share the streams', async () => {
    const [nodes, sink] = [await startCluster(), await startServer()];
    const url = nodes.map((node) => node.url);
    const client = new Tailrace({ exporter: 'redis', flushAt: 1, redis: { url, shards: 8 } });
    for (let i = 0; i < 60; i++) client.span({ name: `span ${i}` }).end();
    await client.shutdown();
    const others = url.slice(1).flatMap((one) => ['--from', one]);
    const words = toLangfuse(sink.url, ...others, '--shards', '8');
    const forwarder = await startForwarder(url[0] as string, words);
    await until(() => expect(namesAt(sink)).toEqual(namesUpTo(60)));
    expect((await forwarder.stop()).counts).toMatchObject({ delivered: 60, held: 0 });
    expect(forwarder.said).toEqual([]);
  });

  it('goes over TLS with the authority that it is given, and not without', async () => {
    const [redis, sink] = [await startRedis(...TLS_ARGUMENTS), await startServer()];
    const ca = join(newDir(), 'ca.pem');
    writeFileSync(ca, SELF_SIGNED.cert);
    await addSpans(redis.url, 0, 5, { redis: { tls: { ca } } });
    const strict = await startForwarder(redis.url, toLangfuse(sink.url));
    await strict.saying('must be configured: redis');
    expect(strict.said[0]).toContain('certificate that is not trusted');
    await strict.stop();
    const trusting = await startForwarder(redis.url, toLangfuse(sink.url, '--redis-ca', ca));
    await untilEmpty(redis);
    expect((await trusting.stop()).counts).toMatchObject({ delivered: 5 });
  });

  it('says what to install where the package is missing', async () => {
    const folder = newDir();
    cpSync(join(REPOSITORY, 'dist'), join(folder, 'tailrace/dist'), { recursive: true });
    cpSync(join(REPOSITORY, 'package.json'), join(folder, 'tailrace/package.json'));
    const args = ['tailrace/dist/bin/cli.js', 'forward', '--from', 'redis://127.0.0.1:1'];
    const failure = await promisify(execFile)(
      process.execPath,
      [...args, ...toLangfuse('http://127.0.0.1:1')],
      { cwd: folder, env: environment() },
    ).catch((error) => error);
    expect(failure).toMatchObject({ code: 1 });
    expect(failure.stderr).toContain('@redis/client is not installed; run: npm install @redis/client');
  });
});
