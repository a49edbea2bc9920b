/** The local server on tables of ClickHouse, together with the clients and servers that write into them too. */
import { execFile, spawn } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Tailrace } from 'tailrace';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startReceiver } from '../../src/receiver/receiver.js';
import { type ClickhouseServer, noClickhouse, startClickhouse } from '../support/clickhouse-server.js';
import { ingestionEvent, postJson } from '../unit/receiver/helpers.js';

const CLI = join(import.meta.dirname, '../../dist/cli.js');
const TARGET = { username: 'default', password: '', tablePrefix: 'tailrace_', asyncInsert: false };

async function startViewer({ url }: ClickhouseServer, more: object = {}) {
  const clickhouse = { ...TARGET, url, database: 'default', migrate: true, ...more };
  const receiver = await startReceiver({ port: 0, clickhouse });
  onTestFinished(() => receiver.close());
  return receiver;
}

function startClient({ url }: ClickhouseServer) {
  const client = new Tailrace({ exporter: 'clickhouse', clickhouse: { url }, proxy: false });
  onTestFinished(async () => {
    await client.shutdown();
  });
  return client;
}

const HEADERS = { authorization: `Basic ${Buffer.from('pk:sk').toString('base64')}` };

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes.
async function get(receiver: { url: string }, path: string): Promise<any> {
  const response = await fetch(`${receiver.url}${path}`, { headers: HEADERS });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return JSON.parse(text);
}

const ingest = (receiver: { url: string }, ...batch: object[]) =>
  postJson(`${receiver.url}/api/public/ingestion`, { batch });

/** The next event of the page's stream of changes. */
function nextEvent(receiver: { url: string }, since: string): Promise<{ kind: string; ids?: string[] }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${receiver.url}/api/tailrace/events?since=${since}`, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
        const data = /^data: (.*)$/m.exec(text)?.[1];
        if (data === undefined) return;
        resolve(JSON.parse(data));
        response.destroy();
      });
      response.on('error', () => {});
    });
    sent.on('error', reject).end();
  });
}

describe.skipIf(noClickhouse !== undefined)('the server on ClickHouse', { timeout: 60_000 }, () => {
  it('shows what a client has written by its exporter', async () => {
    const server = await startClickhouse();
    const client = startClient(server);
    const trace = client.trace({
      name: 'visit',
      userId: 'ada',
      sessionId: 's1',
      tags: ['a'],
      input: 'Hello?',
    });
    const answer = trace.generation({
      name: 'answer',
      model: 'gpt-4o',
      input: [{ role: 'user', content: 'Hello?' }],
    });
    answer.end({ output: 'Hello!', usageDetails: { input: 2, output: 1 }, costDetails: { total: 0.5 } });
    trace.tool({ name: 'look', level: 'ERROR', statusMessage: 'no such page' }).end();
    trace.score({ name: 'good', value: 1 });
    trace.end({ output: 'Hello!' });
    expect(await client.flush()).toMatchObject({ failed: 0 });
    const receiver = await startViewer(server);

    const { traces, total } = await get(receiver, '/api/tailrace/traces?q=hello&level=ERROR&tool=look');
    expect(total).toBe(1);
    expect(traces).toMatchObject([
      {
        ...{ id: trace.id, name: 'visit', userId: 'ada', sessionId: 's1', tags: ['a'], observationCount: 2 },
        ...{ errorCount: 1, totalTokens: 3, totalCost: 0.5, input: 'Hello?', output: 'Hello!' },
        scores: [{ name: 'good', count: 1, mean: 1 }],
      },
    ]);
    const detail = await get(receiver, `/api/tailrace/trace/${trace.id}`);
    expect(detail.observations.name).toEqual(['answer', 'look']);
    const one = await get(receiver, `/api/tailrace/trace/${trace.id}/observation/${answer.id}`);
    expect(one.output.text).toBe('Hello!');
    expect(one.usageDetails).toMatchObject({ input: 2, output: 1 });
    expect(await get(receiver, `/api/public/traces/${trace.id}`)).toMatchObject({
      ...{ name: 'visit', userId: 'ada', input: 'Hello?', totalCost: 0.5 },
      observations: [
        { name: 'answer', totalTokens: 3 },
        { name: 'look', level: 'ERROR' },
      ],
    });
    expect((await get(receiver, '/api/tailrace/models')).rows).toMatchObject([
      { name: 'gpt-4o', calls: 1, cost: 0.5 },
    ]);
    expect((await get(receiver, '/api/tailrace/errors')).groups).toMatchObject([{ message: 'no such page' }]);
  });

  it('shows a trace of which only observations have come', async () => {
    const server = await startClickhouse();
    const client = startClient(server);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    client.startObservation('inside', {}, { parent: traceparent }).end();
    await client.flush();
    const receiver = await startViewer(server);
    const { traces } = await get(receiver, '/api/tailrace/traces');
    expect(traces).toMatchObject([{ id: '0af7651916cd43dd8448eb211c80319c', observationCount: 1 }]);
  });

  it('keeps what it receives in the same tables, and tells its pages what others write', async () => {
    const server = await startClickhouse();
    const receiver = await startViewer(server);
    const other = await startViewer(server);
    const { since } = await get(other, '/api/tailrace/traces');
    const event = nextEvent(other, since);
    await ingest(
      receiver,
      ingestionEvent('trace-create', { id: 't', name: 'by a request', sessionId: 's' }),
      ingestionEvent('span-create', { id: 'o', traceId: 't', name: 'step', input: { deep: [1] } }),
    );
    expect(
      await server.ask('SELECT trace_id, name, input, session_id FROM tailrace_observations FINAL'),
    ).toEqual([{ trace_id: 't', name: 'step', input: '{"deep":[1]}', session_id: 's' }]);
    expect(await event).toSatisfy(({ kind, ids = [] }) => kind === 'reload' || ids.includes('t'));
    await ingest(
      other,
      ingestionEvent('span-update', { id: 'o', traceId: 't', output: 'merged by another server' }),
    );
    const { observations } = await get(receiver, '/api/public/traces/t');
    expect(observations).toMatchObject([
      { name: 'step', input: { deep: [1] }, output: 'merged by another server' },
    ]);
  });

  it('deletes a trace that a client has written, but not those of all others', async () => {
    const server = await startClickhouse();
    const client = startClient(server);
    for (const name of ['one', 'two']) client.span({ name }).end();
    await client.flush();
    const receiver = await startViewer(server);
    const [first] = (await get(receiver, '/api/public/traces')).data;
    await fetch(`${receiver.url}/api/public/traces/${first.id}`, { method: 'DELETE', headers: HEADERS });
    expect((await get(receiver, '/api/public/traces')).meta.totalItems).toBe(1);
    expect(await server.ask('SELECT count() AS count FROM tailrace_observations FINAL')).toEqual([
      { count: 1 },
    ]);
    const all = await fetch(`${receiver.url}/api/tailrace/all-traces`, {
      method: 'DELETE',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    });
    expect([all.status, await all.text()]).toEqual([
      501,
      expect.stringContaining('others keep their traces'),
    ]);
  });

  it('is what the commands read with --store, without showing its password', async () => {
    const server = await startClickhouse();
    await server.order({ users: { default: { password: '' }, ada: { password: 's3cret' } } });
    const client = startClient(server);
    client.span({ name: 'for a command' }).end();
    await client.flush();
    const store = `${server.url.replace('http://', 'clickhouse://ada:s3cret@')}/default`;
    const shown = await promisify(execFile)(process.execPath, [CLI, 'show', 'last', '--store', store]);
    expect(shown.stdout).toContain('for a command');
    const dev = spawn(process.execPath, [CLI, 'dev', '--port', '0', '--quiet', '--store', store]);
    onTestFinished(() => void dev.kill());
    let said = '';
    for await (const chunk of dev.stdout) {
      said += chunk;
      if (said.includes('Ctrl-C')) break;
    }
    expect(said).toContain(`kept in ClickHouse at ${new URL(server.url).host}`);
    expect(said).not.toContain('s3cret');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '';
    expect((await get({ url }, '/api/tailrace/traces')).traces).toMatchObject([{ name: 'for a command' }]);
  });

  it('brings tables of the first version to this one, and keeps their rows', async () => {
    const server = await startClickhouse();
    const client = startClient(server);
    client.span({ name: 'of the first version', input: 'x' }).end();
    await client.flush();
    for (const view of ['traces_of_others']) await server.ask(`DROP VIEW tailrace_${view}`);
    for (const table of ['observations', 'traces', 'scores']) {
      await server.ask(`ALTER TABLE tailrace_${table} DROP INDEX by_event_ts`);
      await server.ask(`ALTER TABLE tailrace_${table} DROP COLUMN updated_at, DROP COLUMN created_at`);
    }
    await server.ask(
      'ALTER TABLE tailrace_observations DROP COLUMN estimate, DROP COLUMN estimated_usage, DROP COLUMN estimated_cost, DROP COLUMN orders, DROP COLUMN lost',
    );
    await server.ask(
      'ALTER TABLE tailrace_traces DROP COLUMN root_id, DROP COLUMN state, DROP COLUMN differs',
    );
    await server.ask('ALTER TABLE tailrace_scores DROP COLUMN source');
    for (const table of ['comments', 'complaints', 'media', 'media_traces'])
      await server.ask(`DROP TABLE tailrace_${table}`);
    await server.ask('TRUNCATE TABLE tailrace_schema_migrations');
    await server.ask('INSERT INTO tailrace_schema_migrations (version, ttl_days) VALUES (1, 0)');
    const receiver = await startViewer(server);
    expect((await get(receiver, '/api/tailrace/traces')).traces).toMatchObject([
      { name: 'of the first version' },
    ]);
    await ingest(receiver, ingestionEvent('trace-create', { id: 't', name: 'of this version' }));
    expect((await get(receiver, '/api/tailrace/traces')).total).toBe(2);
  });

  it.each([
    ['a wrong password', { password: 'wr0ng-w0rd' }, 'does not take the user and password (516)'],
    ['tables that are missing, with migrate: false', { migrate: false }, 'npx tailrace clickhouse-schema'],
    ['no server', { url: 'http://127.0.0.1:9' }, 'cannot be reached (ECONNREFUSED)'],
  ])('says at its start what to do about %s, and shows no secret', async (_, more, text) => {
    const server = await startClickhouse();
    const started = startViewer(server, { username: 'default', ...more });
    await expect(started).rejects.toThrow(text);
    await expect(started).rejects.not.toThrow('w0rd');
  });

  it('answers with the reason while the server is away, and goes on when it is back', async () => {
    const server = await startClickhouse();
    const receiver = await startViewer(server);
    await ingest(receiver, ingestionEvent('trace-create', { id: 't', name: 'kept' }));
    await server.kill();
    await expect(get(receiver, '/api/tailrace/traces')).rejects.toThrow(
      /500 .*cannot be reached \(ECONNREFUSED\)/,
    );
    await server.start();
    expect((await get(receiver, '/api/tailrace/traces')).traces).toMatchObject([{ name: 'kept' }]);
  });
});
