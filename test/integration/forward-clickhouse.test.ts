/** `tailrace forward --to clickhouse://…` between a real Redis and ClickHouse's engine: rows, shared work, and trouble on both sides. */
import { Tailrace, type TailraceOptions } from 'tailrace';
import { describe, expect, it } from 'vitest';
import { type ClickhouseServer, noClickhouse, startClickhouse } from '../support/clickhouse-server.js';
import { addSpans, lengthsOf, startForwarder, until, untilEmpty } from '../support/forwarding.js';
import { noRedis, startRedis } from '../support/redis-server.js';
import { startRelay } from '../support/relay.js';

const toClickhouse = (url: string, database: string, ...words: string[]): string[] => [
  ...['--to', `${url.replace('http:', 'clickhouse:')}/${database}`],
  ...words,
];

const TABLES = ['observations', 'traces', 'scores'];

/** All rows, as queries see them. When a row was written is no part of what it says. */
async function rowsIn(server: ClickhouseServer, database: string): Promise<Record<string, unknown[]>> {
  const tables = TABLES.map(async (table) => {
    const rows = await server.ask(
      `SELECT * EXCEPT (event_ts, created_at, updated_at) FROM ${database}.tailrace_${table} FINAL ORDER BY id`,
    );
    return [table, rows] as const;
  });
  return Object.fromEntries(await Promise.all(tables));
}

async function countIn(server: ClickhouseServer, from: string): Promise<number> {
  const [row] = await server.ask(`SELECT count() AS count FROM ${from}`);
  return Number(row?.count);
}

/** The same events whichever client writes them: ids and times are given. */
async function trace(options: TailraceOptions): Promise<void> {
  const client = new Tailrace({
    release: 'r1',
    environment: 'staging',
    version: 'v0',
    flushAt: 7,
    logLevel: 'none',
    ...options,
  });
  const at = (ms: number): Date => new Date(1_764_000_000_000 + ms);
  for (let i = 0; i < 20; i++) {
    const run = client.trace({
      id: `run ${i}`,
      name: `run ${i}`,
      userId: `u${i % 3}`,
      sessionId: 's',
      tags: ['b', 'a', 'b'],
      timestamp: at(i),
      metadata: { plan: 'pro', n: i, deep: { list: [1, null, 'x'] } },
      input: { question: 'ä漢😀' },
      public: i % 2 === 0,
    });
    const agent = run.agent({ id: `agent ${i}`, name: 'agent', startTime: at(i), input: ['a', { b: 1.5 }] });
    agent.event({ id: `event ${i}`, name: 'seen', startTime: at(i + 1), input: 0, level: 'DEBUG' });
    agent
      .generation({
        id: `generation ${i}`,
        name: 'answer',
        model: 'gpt-x',
        modelParameters: { temperature: 0.5, stop: ['x'], stream: true, none: null },
        startTime: at(i + 2),
        completionStartTime: at(i + 3),
        usageDetails: { input: 3, output: 4, cached: i },
        costDetails: { total: 0.1 + 0.2 },
        prompt: { name: 'p', version: 7 },
        metadata: { text: '{"as": "it came"}', number: 1.5, flag: false, nothing: null },
        level: 'ERROR',
        statusMessage: 'too slow',
        version: 'v2',
      })
      .end({ output: 'plain\ntext "quoted"', endTime: at(i + 40) });
    agent.end({ output: null, endTime: at(i + 50) });
    client.score({
      id: `sc ${i}`,
      traceId: run.id,
      name: 'quality',
      value: i / 3,
      timestamp: at(i),
      comment: 'ok',
    });
    client.score({
      id: `sb ${i}`,
      traceId: run.id,
      observationId: agent.id,
      name: 'right',
      value: i % 2,
      dataType: 'BOOLEAN',
      timestamp: at(i),
      metadata: { by: 'test' },
    });
    client.score({ id: `st ${i}`, sessionId: 's', name: 'tone', value: 'kind', timestamp: at(i) });
    run.end({ endTime: at(i + 60), output: 'done' });
    // Of a trace that another service has made.
    client.span({
      id: `job ${i}`,
      traceId: `job ${i}`,
      name: 'job',
      startTime: at(i),
      endTime: at(i + 5.25),
      input: 'in',
      version: 'v3',
      metadata: { a: 'b' },
    });
  }
  const { failed, dropped } = await client.shutdown();
  expect({ failed, dropped: dropped.total }).toEqual({ failed: 0, dropped: 0 });
}

describe.skipIf(noClickhouse !== undefined || noRedis !== undefined)(
  'tailrace forward --to clickhouse',
  { timeout: 120_000 },
  () => {
    it('writes the rows that the clickhouse exporter writes, whole, and each of them once', async () => {
      const [redis, server] = [await startRedis(), await startClickhouse()];
      await trace({ exporter: 'clickhouse', clickhouse: { url: server.url, database: 'direct' } });
      await trace({ exporter: 'redis', redis: { url: redis.url, shards: 3 } });
      const words = toClickhouse(server.url, 'forwarded', '--shards', '3');
      const forwarders = [await startForwarder(redis.url, words), await startForwarder(redis.url, words)];
      for (const shard of [0, 1, 2]) await untilEmpty(redis, `tailrace:${shard}`);
      const ends = await Promise.all(forwarders.map((one) => one.stop()));
      for (const { counts } of ends) expect(counts).toMatchObject({ refused: 0, deadLetters: 0, held: 0 });
      expect(forwarders.flatMap(({ said }) => said)).toEqual([]);
      const [direct, forwarded] = [await rowsIn(server, 'direct'), await rowsIn(server, 'forwarded')];
      // The jobs' traces have a row as well: a view makes one for each trace of which only observations came.
      expect(Object.values(direct).map((rows) => rows.length)).toEqual([80, 40, 60]);
      expect(forwarded).toEqual(direct);
    });

    it('makes few inserts of many batches', async () => {
      const [redis, server] = [await startRedis(), await startClickhouse()];
      await addSpans(redis.url, 0, 60);
      const forwarder = await startForwarder(redis.url, toClickhouse(server.url, 'few'));
      await untilEmpty(redis);
      await forwarder.stop();
      const inserts = (await server.requests()).filter(({ rows }) => rows !== undefined);
      expect(inserts.length).toBeLessThan(10);
      expect(await countIn(server, 'few.tailrace_observations')).toBe(60);
      // Each is the root of its trace, and describes it.
      expect(await countIn(server, 'few.tailrace_traces FINAL')).toBe(60);
    });

    it('loses nothing when a forwarder is killed, and what is there twice has one id', async () => {
      const [redis, server] = [await startRedis(), await startClickhouse()];
      await addSpans(redis.url, 0, 120);
      const words = toClickhouse(server.url, 'killed', '--claim-after', '1', '--in-flight', '16');
      // Nobody knows of its first insert.
      await server.order({ silent: 1 });
      const killed = await startForwarder(redis.url, words);
      await until(async () => expect((await server.requests()).some(({ rows }) => rows)).toBe(true));
      expect((await lengthsOf(redis)).pending).toBeGreaterThan(0);
      await killed.stop('SIGKILL');
      const successor = await startForwarder(redis.url, words);
      await untilEmpty(redis);
      const { counts } = await successor.stop();
      expect(counts).toMatchObject({ deadLetters: 0 });
      expect(await countIn(server, 'killed.tailrace_observations FINAL')).toBe(120);
      expect(await countIn(server, '(SELECT DISTINCT name FROM killed.tailrace_observations)')).toBe(120);
    });

    it.each([
      ['before', { cutBefore: 1 }],
      ['after', { cutAfter: 1 }],
    ])('writes each row once when a connection is cut %s the insert', async (_, order) => {
      const [redis, server] = [await startRedis(), await startClickhouse()];
      await addSpans(redis.url, 0, 50);
      await server.order(order);
      const forwarder = await startForwarder(redis.url, toClickhouse(server.url, 'cut'));
      await untilEmpty(redis);
      const { counts } = await forwarder.stop();
      expect(counts).toMatchObject({ delivered: 50, deadLetters: 0 });
      // Also without FINAL, as the token was the same.
      expect(await countIn(server, 'cut.tailrace_observations')).toBe(50);
    });

    it('goes on after its connections to Redis were cut', async () => {
      const [redis, server] = [await startRedis(), await startClickhouse()];
      const relay = await startRelay(redis.port);
      const forwarder = await startForwarder(
        `redis://127.0.0.1:${relay.port}`,
        toClickhouse(server.url, 'relayed'),
      );
      await addSpans(redis.url, 0, 30);
      relay.cut();
      await addSpans(redis.url, 30, 60);
      await untilEmpty(redis);
      await forwarder.stop();
      expect(await countIn(server, 'relayed.tailrace_observations FINAL')).toBe(60);
    });

    it('lets the later version of an event win, also if it arrives first', async () => {
      const [redis, server] = [await startRedis(), await startClickhouse()];
      await redis.ask('XGROUP', 'CREATE', 'tailrace:0', 'tailrace', '0', 'MKSTREAM');
      const client = new Tailrace({ exporter: 'redis', redis: { url: redis.url } });
      const span = { id: 'one', traceId: 'one', name: 'span', startTime: 1, endTime: 2 };
      client.span({ ...span, output: 'first' });
      await client.flush();
      // Somebody takes it, and dies.
      await redis.ask('XREADGROUP', 'GROUP', 'tailrace', 'dead', 'COUNT', '1', 'STREAMS', 'tailrace:0', '>');
      client.span({ ...span, output: 'last' });
      await client.shutdown();
      const words = toClickhouse(server.url, 'versions', '--claim-after', '3');
      const forwarder = await startForwarder(redis.url, words);
      await untilEmpty(redis);
      expect((await forwarder.stop()).counts).toMatchObject({ delivered: 2, claimed: 1 });
      const inserts = (await server.requests()).flatMap(({ rows }) => rows ?? []);
      expect(inserts.map((rows) => JSON.parse(rows).output)).toEqual(['last', 'first']);
      const rows = await server.ask('SELECT output FROM versions.tailrace_observations FINAL');
      expect(rows).toEqual([{ output: 'last' }]);
    });

    it('waits for a server that is away, and says a wrong password at once without showing it', async () => {
      const [redis, server] = [await startRedis(), await startClickhouse()];
      await server.order({ users: { default: { password: '' }, tracer: { password: 'r1ght-w0rd' } } });
      await addSpans(redis.url, 0, 3);
      const address = server.url.replace('http://', 'clickhouse://tracer:wr0ng-w0rd@');
      const forwarder = await startForwarder(redis.url, ['--to', `${address}/away`]);
      const said = await forwarder.saying('does not take the user and password (516)');
      expect(said).not.toMatch(/w0rd|tracer/);
      expect(await forwarder.metric('tailrace_forward_target_up')).toBe(0);
      await server.order({ users: { default: { password: '' }, tracer: { password: 'wr0ng-w0rd' } } });
      await untilEmpty(redis);
      await server.kill();
      await addSpans(redis.url, 3, 6);
      await forwarder.saying('refuses connections');
      await server.start();
      await server.order({ users: { default: { password: '' }, tracer: { password: 'wr0ng-w0rd' } } });
      await untilEmpty(redis);
      await forwarder.stop();
      expect(await countIn(server, 'away.tailrace_observations FINAL')).toBe(6);
      expect((await server.requests()).map(({ url }) => url).join()).not.toContain('w0rd');
    });

    it('puts aside what is no row, with the reason, and stores the rest', async () => {
      const [redis, server] = [await startRedis(), await startClickhouse()];
      await addSpans(redis.url, 0, 5);
      const body = (event: object): string =>
        JSON.stringify({
          batch: [{ id: 'e', type: 'score-create', timestamp: '2026-01-31T12:00:00Z', body: event }],
        });
      const bodies = [
        ['scores', body({ id: 'right', traceId: 't', name: 'n', value: 1 })],
        ['scores', body({ id: 'wrong', traceId: 't', name: 'n', value: { s3cret: 1 } })],
        ['spans', 's3cret bytes'],
      ] as const;
      for (const [index, [lane, text]] of bodies.entries()) {
        const type = lane === 'spans' ? 'application/x-protobuf' : 'application/json';
        const fields = ['v', '1', 'lane', lane, 'type', type, 'encoding', 'identity', 'count', '1'];
        await redis.ask(
          'XADD',
          'tailrace:0',
          '*',
          ...fields,
          'id',
          `own ${index}`,
          'producer',
          'p',
          'body',
          text,
        );
      }
      const forwarder = await startForwarder(redis.url, toClickhouse(server.url, 'aside'));
      await untilEmpty(redis);
      const { counts } = await forwarder.stop();
      expect(counts).toMatchObject({ delivered: 6, refused: 2, deadLetters: 2 });
      expect(forwarder.said.join('\n')).toContain('score value must be a number or a string');
      expect(forwarder.said.join('\n')).toContain('the body cannot be read as spans of OTLP');
      expect(forwarder.said.join('\n')).not.toContain('s3cret');
      expect(await countIn(server, 'aside.tailrace_observations')).toBe(5);
      expect(await countIn(server, 'aside.tailrace_scores')).toBe(1);
    });

    it('lets a row that the engine cannot read spoil no other batch, and no other row', async () => {
      const [redis, server] = [await startRedis(), await startClickhouse()];
      await addSpans(redis.url, 0, 4, { flushAt: 2 });
      await server.order({ unreadable: 'customer 2' });
      const forwarder = await startForwarder(
        redis.url,
        toClickhouse(server.url, 'spoilt', '--in-flight', '4'),
      );
      await untilEmpty(redis);
      const { counts } = await forwarder.stop();
      expect(counts).toMatchObject({ delivered: 3, refused: 1, deadLetters: 1 });
      expect(forwarder.said.join('\n')).toContain('cannot read a row (27)');
      expect(forwarder.said.join('\n')).not.toContain('customer');
      expect(await countIn(server, 'spoilt.tailrace_observations FINAL')).toBe(3);
    });
  },
);
