/** The clickhouse exporter against the real engine: what stands in the tables, and what becomes of events while a server is in trouble. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Tailrace, type TailraceOptions } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ClickhouseServer, noClickhouse, startClickhouse } from '../support/clickhouse-server.js';
import { newDir } from '../support/spools.js';

const CLI = join(import.meta.dirname, '../../dist/cli.js');

type Given = Omit<TailraceOptions, 'clickhouse'> & { clickhouse?: TailraceOptions['clickhouse'] };

function startClient(url: string, { clickhouse, ...options }: Given = {}) {
  const client = new Tailrace({ exporter: 'clickhouse', clickhouse: { url, ...clickhouse }, ...options });
  const messages: string[] = [];
  for (const kind of ['error', 'warning', 'drop'] as const) {
    client.on(kind, (text: string) => messages.push(text));
  }
  onTestFinished(async () => {
    await client.shutdown();
  });
  return { client, messages };
}

/** Resolves with the first message that says so. */
function told(client: Tailrace, text: string): Promise<string> {
  return new Promise((resolve) => {
    for (const kind of ['error', 'warning'] as const) {
      client.on(kind, (message: string) => message.includes(text) && resolve(message));
    }
  });
}

async function countOf(server: ClickhouseServer, table: string): Promise<number> {
  const [row] = await server.ask(`SELECT count() AS count FROM tailrace_${table}`);
  return Number(row?.count);
}

const inserts = async (server: ClickhouseServer) =>
  (await server.requests()).filter(({ rows }) => rows !== undefined);

const tokenOf = (url: string) =>
  new URL(url, 'http://localhost').searchParams.get('insert_deduplication_token');

describe.skipIf(noClickhouse !== undefined)('the clickhouse exporter', { timeout: 60_000 }, () => {
  it('creates the tables, and writes each kind of record with all its fields', async () => {
    const server = await startClickhouse();
    const { client, messages } = startClient(server.url, {
      release: 'r1',
      environment: 'staging',
      clickhouse: { database: 'made' },
    });
    const trace = client.trace({
      name: 'chat',
      userId: 'u',
      sessionId: 's',
      tags: ['b', 'a'],
      version: 'v2',
    });
    const generation = trace.generation({
      name: 'answer',
      model: 'gpt-x',
      modelParameters: { temperature: 0.5, stop: null },
      input: [{ role: 'user', content: 'hi' }],
      startTime: new Date('2026-01-31T12:00:00.123Z'),
      completionStartTime: new Date('2026-01-31T12:00:00.500Z'),
      usageDetails: { input: 3, output: 4 },
      costDetails: { total: 0.25 },
      prompt: { name: 'p', version: 7 },
      metadata: { a: 1, deep: { b: 2 } },
      level: 'WARNING',
      statusMessage: 'slow',
    });
    generation.end({ output: 'ä漢😀', endTime: new Date('2026-01-31T12:00:02Z') });
    trace.update({ output: { text: 'done' }, metadata: { k: 'v' }, public: true });
    client.score({ id: 'sc', traceId: trace.id, name: 'quality', value: 1, comment: 'good' });
    client.score({ id: 'sb', traceId: trace.id, name: 'right', value: 1, dataType: 'BOOLEAN' });
    client.score({ id: 'st', sessionId: 's', name: 'tone', value: 'kind' });
    expect(await client.shutdown()).toMatchObject({ accepted: 5, sent: 5, failed: 0, retried: 0 });
    expect(messages).toEqual([]);
    const [observation] = await server.ask('SELECT * FROM made.tailrace_observations');
    expect(observation).toMatchObject({
      trace_id: trace.id,
      id: generation.id,
      parent_id: null,
      type: 'GENERATION',
      name: 'answer',
      start_time: '2026-01-31 12:00:00.123000',
      end_time: '2026-01-31 12:00:02.000000',
      completion_start_time: '2026-01-31 12:00:00.500000',
      level: 'WARNING',
      status_message: 'slow',
      model: 'gpt-x',
      model_parameters: '{"temperature":0.5}',
      usage_details: { input: 3, output: 4 },
      cost_details: { total: 0.25 },
      prompt_name: 'p',
      prompt_version: 7,
      input: '[{"role":"user","content":"hi"}]',
      output: 'ä漢😀',
      metadata: { a: '1', deep: '{"b":2}' },
      user_id: 'u',
      session_id: 's',
      tags: ['a', 'b'],
      release: 'r1',
      version: 'v2',
      environment: 'staging',
      trace_name: 'chat',
      is_trace_root: false,
      is_deleted: 0,
    });
    expect(await server.ask('SELECT * FROM made.tailrace_traces FINAL')).toMatchObject([
      {
        id: trace.id,
        name: 'chat',
        user_id: 'u',
        session_id: 's',
        tags: ['a', 'b'],
        release: 'r1',
        version: 'v2',
        environment: 'staging',
        public: true,
        output: '{"text":"done"}',
        metadata: { k: 'v' },
      },
    ]);
    expect(await server.ask('SELECT * FROM made.tailrace_scores ORDER BY id')).toMatchObject([
      { id: 'sb', data_type: 'BOOLEAN', value: 1, string_value: 'True' },
      { id: 'sc', trace_id: trace.id, name: 'quality', data_type: 'NUMERIC', value: 1, comment: 'good' },
      { id: 'st', session_id: 's', trace_id: null, data_type: 'CATEGORICAL', string_value: 'kind' },
    ]);
  });

  it('writes a trace without a span from its root, and the last row wins', async () => {
    const server = await startClickhouse();
    const { client } = startClient(server.url);
    const root = client.span({ name: 'job', input: 'in', version: 'v1' });
    const child = root.span({ name: 'step' });
    child.end();
    root.end({ output: 'out' });
    expect(await client.flush()).toMatchObject({ sent: 2 });
    root.updateTrace({ name: 'renamed', userId: 'late', output: 'of the trace' });
    expect(await client.shutdown()).toMatchObject({ sent: 3, failed: 0 });
    expect(await server.ask('SELECT * FROM tailrace_traces FINAL')).toMatchObject([
      {
        id: root.traceId,
        name: 'renamed',
        user_id: 'late',
        version: 'v1',
        input: 'in',
        output: 'of the trace',
      },
    ]);
    expect(await server.ask('SELECT * FROM tailrace_observations FINAL ORDER BY name')).toMatchObject([
      { name: 'job', parent_id: null, is_trace_root: true, output: 'out', user_id: 'late' },
      { name: 'step', parent_id: root.id, is_trace_root: false, user_id: null },
    ]);
    expect(await countOf(server, 'observations')).toBe(3);
    await server.ask('OPTIMIZE TABLE tailrace_observations FINAL');
    expect(await countOf(server, 'observations')).toBe(2);
  });

  it('replaces a score of the same id', async () => {
    const server = await startClickhouse();
    const { client } = startClient(server.url);
    const timestamp = new Date('2026-01-01T00:00:00Z');
    client.score({ id: 'one', traceId: 'a'.repeat(32), name: 'n', value: 1, timestamp });
    await client.flush();
    client.score({ id: 'one', traceId: 'a'.repeat(32), name: 'n', value: 2 });
    await client.shutdown();
    // In partitions of two months.
    expect(await server.ask('SELECT value FROM tailrace_scores FINAL')).toEqual([{ value: 2 }]);
  });

  it('has tables in which a later row with is_deleted removes a trace', async () => {
    const server = await startClickhouse();
    const { client } = startClient(server.url);
    const trace = client.trace({ name: 'to be deleted' });
    client.trace({ name: 'kept' });
    await client.shutdown();
    const columns = 'id, timestamp, event_ts, is_deleted';
    await server.ask(
      `INSERT INTO tailrace_traces (${columns}) SELECT id, timestamp, now64(6), 1 FROM tailrace_traces WHERE id = '${trace.id}'`,
    );
    expect(await server.ask('SELECT name FROM tailrace_traces FINAL')).toEqual([{ name: 'kept' }]);
  });

  it.each([
    ['gzip', 'gzip'],
    ['none', undefined],
  ] as const)(
    'cuts batches to the byte, and compresses them as the option says (%s)',
    async (compression, encoding) => {
      const server = await startClickhouse();
      const { client } = startClient(server.url, { compression, flushAt: 10 });
      for (let i = 0; i < 25; i++) client.span({ name: `span ${i}`, input: 'x'.repeat(500) }).end();
      const { bytes, sent } = await client.shutdown();
      const sentInserts = await inserts(server);
      expect(sent).toBe(25);
      expect(sentInserts.map(({ rows }) => rows?.trimEnd().split('\n').length)).toEqual([10, 10, 5]);
      expect(sentInserts.map(({ headers }) => headers['content-encoding'])).toEqual([
        encoding,
        encoding,
        encoding,
      ]);
      expect(bytes).toBe(sentInserts.reduce((sum, { rows }) => sum + Buffer.byteLength(rows as string), 0));
      expect(await countOf(server, 'observations')).toBe(25);
    },
  );

  it.each([
    ['before', 'once', false],
    ['after', 'once', false],
    ['after', 'once, with asyncInsert', true],
  ] as const)(
    'leaves each row once, if the connection is cut %s the engine has taken the batch (%s)',
    async (when, _, asyncInsert) => {
      const server = await startClickhouse();
      const { client } = startClient(server.url, { clickhouse: { asyncInsert } });
      client.span({ name: 'first' }).end();
      await client.flush();
      await server.order(when === 'before' ? { cutBefore: 1 } : { cutAfter: 1 });
      for (let i = 0; i < 20; i++) client.span({ name: `span ${i}` }).end();
      expect(await client.shutdown()).toMatchObject({ sent: 21, failed: 0 });
      const [, cut, again] = await inserts(server);
      expect(tokenOf(again?.url as string)).toBe(tokenOf(cut?.url as string));
      expect(again?.rows).toBe(cut?.rows);
      expect(await countOf(server, 'observations')).toBe(21);
      expect(await countOf(server, 'observations FINAL')).toBe(21);
      expect(await countOf(server, 'traces')).toBe(21);
    },
  );

  it('writes two batches of the same values, which are no repeat', async () => {
    const server = await startClickhouse();
    const { client } = startClient(server.url);
    for (let i = 0; i < 2; i++) {
      client.score({ id: 'same', traceId: 'b'.repeat(32), name: 'n', value: 1, timestamp: new Date(0) });
      await client.flush();
    }
    expect(await countOf(server, 'scores')).toBe(2);
  });

  it('keeps hostile values as they are, or within the bounds of their columns', async () => {
    const server = await startClickhouse();
    const { client, messages } = startClient(server.url);
    const text = `'; DROP TABLE x; -- \\ " \u0000 \n \t \ud800 😀 \u2028`;
    const observation = client.generation({
      name: text,
      input: text,
      output: { toString: 'x', big: 10n, at: new Date(0), bytes: new Uint8Array([1, 2]), nan: Number.NaN },
      metadata: { ['__proto__']: 'p', [text]: text, constructor: 1, '': 'empty' },
      usageDetails: { huge: Number.MAX_SAFE_INTEGER, [text]: 2 },
      costDetails: { huge: 1e300, [text]: 0 },
      startTime: new Date('2200-01-01T00:00:00Z'),
      prompt: { name: text, version: 32_767 },
      modelParameters: { deep: { a: [1] } },
    });
    observation.end();
    client.score({ traceId: observation.traceId, name: text, value: text, metadata: [1, text] });
    expect(await client.shutdown()).toMatchObject({ sent: 2, failed: 0 });
    expect(messages).toEqual([]);
    const kept = text.toWellFormed();
    const [row] = await server.ask('SELECT * FROM tailrace_observations');
    expect(row).toMatchObject({
      name: kept,
      input: kept,
      start_time: '2106-01-01 00:00:00.000000',
      prompt_version: 32_767,
    });
    expect(Object.keys(row?.metadata as object).sort()).toEqual(
      ['', '__proto__', 'constructor', kept].sort(),
    );
    expect(row?.usage_details).toEqual({ huge: Number.MAX_SAFE_INTEGER, [kept]: 2 });
    expect(row?.cost_details).toEqual({ huge: 1e300, [kept]: 0 });
    expect(await server.ask('SELECT name, string_value FROM tailrace_scores')).toEqual([
      { name: kept, string_value: kept },
    ]);
  });

  it('cuts a huge payload to maxEventBytes, and keeps one below it whole', async () => {
    const server = await startClickhouse();
    const { client, messages } = startClient(server.url, { maxEventBytes: 4_000_000 });
    client.span({ name: 'whole', input: '漢'.repeat(1_000_000) }).end();
    client.span({ name: 'cut', input: 'x'.repeat(9_000_000) }).end();
    expect(await client.shutdown()).toMatchObject({ sent: 2, truncated: 1 });
    expect(
      await server.ask('SELECT name, length(input) AS bytes FROM tailrace_observations ORDER BY bytes'),
    ).toEqual([
      { name: 'whole', bytes: 3_000_000 },
      { name: 'cut', bytes: expect.toSatisfy((bytes: number) => bytes > 3_500_000 && bytes < 4_000_000) },
    ]);
    expect(messages.join()).toContain('maxEventBytes');
  });

  it('masks and redacts before anything leaves the worker', async () => {
    const server = await startClickhouse();
    const { client } = startClient(server.url, { redact: /s3cret/g });
    client.span({ name: 'span', input: 'a s3cret' }).end();
    await client.shutdown();
    expect((await inserts(server)).map(({ rows }) => rows).join()).not.toContain('s3cret');
  });
});

describe.skipIf(noClickhouse !== undefined)('migrations of clickhouse', { timeout: 60_000 }, () => {
  it('can run twice, and at once from several services', async () => {
    const server = await startClickhouse();
    // Clients of the same options would share a worker.
    const services = Array.from({ length: 4 }, (_, n) =>
      startClient(server.url, { clickhouse: { database: 'shared' }, flushAt: 10 + n }),
    );
    for (const { client } of services) client.span({ name: 'span' }).end();
    const counts = await Promise.all(services.map(({ client }) => client.shutdown()));
    expect(counts.map(({ sent }) => sent)).toEqual([1, 1, 1, 1]);
    expect(services.flatMap(({ messages }) => messages)).toEqual([]);
    expect(await server.ask('SELECT version FROM shared.tailrace_schema_migrations FINAL')).toEqual([
      { version: 2 },
    ]);
  });

  it('sets the TTL, changes it later, and the engine deletes what is older', async () => {
    const server = await startClickhouse();
    const ttlOf = async () => {
      const [table] = await server.ask(
        "SELECT engine_full FROM system.tables WHERE name = 'tailrace_observations'",
      );
      return /toIntervalDay\((\d+)\)/.exec(String(table?.engine_full))?.[1];
    };
    for (const [ttlDays, expected] of [
      [30, '30'],
      [7, '7'],
      [undefined, undefined],
      [10, '10'],
    ] as const) {
      const { client, messages } = startClient(server.url, { clickhouse: { ttlDays } });
      client.span({ name: 'new' }).end();
      expect(await client.shutdown()).toMatchObject({ sent: 1 });
      expect(messages).toEqual([]);
      expect(await ttlOf()).toBe(expected);
    }
    const { client } = startClient(server.url, { clickhouse: { ttlDays: 10 } });
    client.span({ name: 'old', startTime: new Date(Date.now() - 11 * 86_400_000) }).end();
    await client.shutdown();
    await server.ask('OPTIMIZE TABLE tailrace_observations FINAL');
    expect(await server.ask("SELECT name FROM tailrace_observations WHERE name = 'old'")).toEqual([]);
    expect(await countOf(server, 'observations')).toBe(4);
  });

  it('creates a table again that was dropped while running', async () => {
    const server = await startClickhouse();
    const { client } = startClient(server.url);
    client.span({ name: 'before' }).end();
    await client.flush();
    await server.ask('DROP TABLE tailrace_observations');
    client.span({ name: 'after' }).end();
    expect(await client.shutdown()).toMatchObject({ sent: 2, failed: 0 });
    expect(await server.ask('SELECT name FROM tailrace_observations')).toEqual([{ name: 'after' }]);
  });

  it('creates nothing with migrate: false, names the missing table and the remedy, and keeps the events on disk', async () => {
    const server = await startClickhouse();
    const { client } = startClient(server.url, { clickhouse: { migrate: false }, spoolDir: newDir() });
    const message = told(client, 'has no such table (60): tailrace_observations');
    client.span({ name: 'waits' }).end();
    expect(await message).toContain('npx tailrace clickhouse-schema');
    expect(await server.requests()).toSatisfy((all: { rows?: string }[]) => all.every(({ rows }) => rows));
    expect(await client.shutdown()).toMatchObject({ failed: 0, spooled: 1 });
  });

  it('are what the command prints, which needs the rights only once', async () => {
    const server = await startClickhouse();
    const words = ['clickhouse-schema', '--database', 'printed', '--prefix', 't_', '--ttl-days', '30'];
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...words]);
    for (const statement of stdout.split(';\n').filter((one) => one.trim() !== '')) {
      await server.ask(statement.trim());
    }
    const { client, messages } = startClient(server.url, {
      clickhouse: { database: 'printed', tablePrefix: 't_', migrate: false },
    });
    client.span({ name: 'span' }).end();
    expect(await client.shutdown()).toMatchObject({ sent: 1, failed: 0 });
    expect(messages).toEqual([]);
    expect(await server.ask('SELECT name FROM printed.t_traces')).toEqual([{ name: 'span' }]);
  });

  it('writes into tables of a later schema, and names an earlier one', async () => {
    const server = await startClickhouse();
    const first = startClient(server.url);
    first.client.span({ name: 'one' }).end();
    await first.client.shutdown();
    await server.ask('ALTER TABLE tailrace_observations ADD COLUMN later String');
    await server.ask('INSERT INTO tailrace_schema_migrations (version, ttl_days) VALUES (99, 0)');
    const second = startClient(server.url);
    second.client.span({ name: 'two' }).end();
    expect(await second.client.shutdown()).toMatchObject({ sent: 1 });
    await server.ask('DROP VIEW tailrace_traces_of_roots');
    await server.ask('ALTER TABLE tailrace_observations DROP COLUMN trace_output');
    const third = startClient(server.url, { clickhouse: { migrate: false } });
    const message = told(third.client, 'earlier schema (16)');
    third.client.span({ name: 'three' }).end();
    expect(await message).toContain('tailrace_observations');
  });
});

describe.skipIf(noClickhouse !== undefined)('clickhouse in trouble', { timeout: 60_000 }, () => {
  it('keeps events while the server is away, and writes each once', async () => {
    const server = await startClickhouse();
    const { client } = startClient(server.url);
    client.span({ name: 'before' }).end();
    await client.flush();
    await server.kill();
    const message = told(client, 'refuses connections');
    client.span({ name: 'meanwhile' }).end();
    await message;
    await server.start();
    expect(await client.shutdown()).toMatchObject({ sent: 2, failed: 0 });
    expect(await server.ask('SELECT name FROM tailrace_observations ORDER BY name')).toEqual([
      { name: 'before' },
      { name: 'meanwhile' },
    ]);
  });

  it('reports a wrong password at once, shows none, and keeps the events on disk', async () => {
    const server = await startClickhouse();
    await server.order({ users: { default: { password: '' }, tracer: { password: 'r1ght-w0rd' } } });
    const spoolDir = newDir();
    const wrong = startClient(server.url.replace('//', '//tracer:wr0ng-w0rd@'), { spoolDir });
    const message = told(wrong.client, 'does not take the user and password (516)');
    wrong.client.span({ name: 'kept' }).end();
    expect(await message).not.toContain('w0rd');
    expect(await wrong.client.shutdown()).toMatchObject({ spooled: 1, failed: 0 });
    expect(wrong.messages.join()).not.toMatch(/w0rd|tracer/);
    const right = startClient(server.url, {
      spoolDir,
      clickhouse: { username: 'tracer', password: 'r1ght-w0rd' },
    });
    right.client.span({ name: 'new' }).end();
    await right.client.shutdown();
    expect(await server.ask('SELECT name FROM tailrace_observations ORDER BY name')).toEqual([
      { name: 'kept' },
      { name: 'new' },
    ]);
    expect((await server.requests()).map(({ url }) => url).join()).not.toContain('w0rd');
  });

  it.each([
    ['a read-only user', { readonly: 1 }, 'has this user as read-only (164)', true],
    [
      'a memory limit',
      { max_memory_usage: 1 },
      'no memory left for the insert (max_memory_usage) (241)',
      false,
    ],
  ])('names %s', async (_, settings, text, isMisconfigured) => {
    const server = await startClickhouse();
    const ready = startClient(server.url);
    ready.client.span({ name: 'ready' }).end();
    await ready.client.shutdown();
    await server.order({ users: { default: { password: '' }, limited: { password: 'p', settings } } });
    const { client } = startClient(server.url, {
      clickhouse: { username: 'limited', password: 'p', migrate: false },
      ...(isMisconfigured && { spoolDir: newDir() }),
    });
    const message = told(client, text);
    client.span({ name: 'refused' }).end();
    await message;
    if (!isMisconfigured)
      await server.order({ users: { default: { password: '' }, limited: { password: 'p' } } });
    const { spooled, sent } = await client.shutdown();
    expect({ spooled, sent }).toEqual(isMisconfigured ? { spooled: 1, sent: 0 } : { spooled: 0, sent: 1 });
  });

  it('waits while there are too many parts', async () => {
    const server = await startClickhouse();
    const { client } = startClient(server.url);
    client.span({ name: 'one' }).end();
    await client.flush();
    await server.ask('SYSTEM STOP MERGES tailrace_observations');
    await server.ask(
      'ALTER TABLE tailrace_observations MODIFY SETTING parts_to_delay_insert = 0, parts_to_throw_insert = 1',
    );
    const message = told(client, 'too many parts: fewer and larger inserts help, or asyncInsert (252)');
    client.span({ name: 'two' }).end();
    await message;
    await server.ask('ALTER TABLE tailrace_observations MODIFY SETTING parts_to_throw_insert = 100');
    expect(await client.shutdown()).toMatchObject({ sent: 2, failed: 0 });
  });

  it('sends a batch with times of too many months in halves', async () => {
    const server = await startClickhouse();
    const { client } = startClient(server.url, { flushAt: 1000 });
    for (let month = 0; month < 150; month++) {
      client.span({ name: `month ${month}`, startTime: new Date(Date.UTC(2000, month, 15)) }).end();
    }
    expect(await client.shutdown()).toMatchObject({ sent: 150, failed: 0 });
    expect(await countOf(server, 'observations FINAL')).toBe(150);
  });

  it('goes on after an insert without an answer', async () => {
    const server = await startClickhouse();
    const { client } = startClient(server.url, { requestTimeout: 1000 });
    client.span({ name: 'one' }).end();
    await client.flush();
    await server.order({ silent: 1 });
    client.span({ name: 'two' }).end();
    expect(await client.shutdown()).toMatchObject({ sent: 2, failed: 0 });
    expect(await countOf(server, 'observations')).toBe(2);
  });

  it('lets a row that the engine cannot read spoil no other, and names it', async () => {
    const server = await startClickhouse();
    const { client, messages } = startClient(server.url);
    const refusal = { status: 400, code: '27', text: 'Code: 27. s3cret row' };
    await server.order({ answers: [refusal, refusal] });
    for (const name of ['a', 'b']) client.span({ name }).end();
    expect(await client.shutdown()).toMatchObject({ sent: 1, failed: 1 });
    expect(await server.ask('SELECT name FROM tailrace_observations')).toEqual([{ name: 'b' }]);
    expect(messages.join()).toContain('cannot read a row (27)');
    expect(messages.join()).not.toContain('s3cret');
  });
});

it('puts on disk what a process has that ends at once, while no server is there', async () => {
  const program = `
    import { Tailrace } from 'tailrace';
    const clickhouse = { url: 'http://127.0.0.1:1' };
    const client = new Tailrace({ exporter: 'clickhouse', clickhouse, spoolDir: process.argv[1] });
    for (const name of ['a', 'b', 'c']) client.span({ name }).end();`;
  const spoolDir = newDir();
  const args = ['--input-type=module', '-e', program, spoolDir];
  const { stderr } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
  expect(stderr).toContain(`3 events could not be delivered yet and are kept in ${spoolDir}`);
  expect(stderr).not.toContain('undelivered');
});
