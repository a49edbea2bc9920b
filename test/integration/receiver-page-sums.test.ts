/** The sums that the page of the local server asks for, over real sockets: sessions, users, models, tools, scores, comparisons. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { isClickhouse, type Receiver, startReceiver } from '../support/receiver.js';
import { fill, iso, otlpTrace } from '../support/receiver-data.js';
import { ingestionEvent, postJson } from '../unit/receiver/helpers.js';

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
type Json = any;

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ port: 0 });
  await fill(receiver);
});
afterAll(() => receiver.close());

/** As the page does: without keys. */
async function ask(path: string, from = receiver): Promise<Json> {
  const response = await fetch(`${from.url}/api/tailrace/${path}`);
  return { status: response.status, ...((await response.json()) as object) };
}

async function filled(batch: object[]): Promise<Receiver> {
  const other = await startReceiver({ port: 0 });
  onTestFinished(() => other.close());
  expect((await postJson(`${other.url}/api/public/ingestion`, { batch })).json.errors).toEqual([]);
  await other.usage();
  return other;
}

const trace = (id: string, more: object = {}) => ingestionEvent('trace-create', { id, name: id, ...more });
const span = (id: string, traceId: string, ms: number, more: object = {}) =>
  ingestionEvent('span-create', { id, traceId, startTime: iso(0), endTime: iso(ms), ...more });
const score = (id: string, traceId: string, name: string, value: unknown, more: object = {}) =>
  ingestionEvent('score-create', { id, traceId, name, value, ...more });

const whole = { isComplete: true, searchedFromUs: null, oldestUs: null };

describe('sessions', () => {
  it('sum up their traces: users, times, tokens, cost, failures, scores', async () => {
    const { rows, total, coverage } = await ask('sessions');
    expect({ total, coverage }).toEqual({ total: 1, coverage: { ...whole, traces: 4 } });
    const [session] = rows;
    expect(session).toMatchObject({
      id: 's1',
      traces: 2,
      errors: 1,
      userCount: 2,
      environments: ['default', 'prod'],
      tokens: 35,
      durationUs: 3_000_000,
    });
    expect(session.users.sort()).toEqual(['ada', 'bob']);
    expect(session.lastUs - session.startUs).toBe(3_000_000);
    expect(session.cost).toBeGreaterThan(0);
    const numeric = session.scores.find(({ name }: Json) => name === 'numeric');
    expect(numeric).toEqual({ name: 'numeric', count: 2, mean: -0.75, last: null });
    expect(session.scores.find(({ name }: Json) => name === 'category')).toMatchObject({ last: 'good' });
  });

  it('count only traces that pass the filters', async () => {
    const { rows, coverage } = await ask('sessions?user=bob');
    expect(coverage.traces).toBe(1);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ traces: 1, users: ['bob'], tokens: null, durationUs: 0 });
    expect((await ask('sessions?user=nobody')).rows).toEqual([]);
  });

  it('have their own scores beside them; an unknown one is answered with 404', async () => {
    const { session, scores } = await ask('session/s1');
    expect(session.traces).toBe(2);
    expect(scores).toMatchObject([{ name: 'mood', value: 'calm' }]);
    const { status, message } = await ask('session/none');
    expect([status, message]).toEqual([404, 'no stored trace has the session "none"']);
  });

  it('are sorted by each column, in both directions, unknown values last', async () => {
    const other = await filled([
      trace('a', { sessionId: 'one', timestamp: iso(0) }),
      span('a1', 'a', 500),
      trace('b', { sessionId: 'two', timestamp: iso(1000) }),
      ingestionEvent('generation-create', {
        id: 'g',
        traceId: 'b',
        startTime: iso(1000),
        usageDetails: { input: 4 },
      }),
    ]);
    const order = async (sort: string) =>
      (await ask(`sessions?sort=${sort}`, other)).rows.map(({ id }: Json) => id);
    expect(await order('start')).toEqual(['one', 'two']);
    expect(await order('-last')).toEqual(['two', 'one']);
    expect(await order('-duration')).toEqual(['one', 'two']);
    expect(await order('tokens')).toEqual(['two', 'one']);
    expect(await order('-tokens')).toEqual(['two', 'one']);
    expect(await order('-id')).toEqual(['two', 'one']);
    const { status, message } = await ask('sessions?sort=x', other);
    expect(status).toBe(400);
    expect(message).toContain('query parameter sort must be one of');
  });
});

describe('users', () => {
  it('sum up their traces and sessions', async () => {
    const { rows, total } = await ask('users?sort=id');
    expect(total).toBe(2);
    expect(rows).toMatchObject([
      { id: 'ada', traces: 1, sessions: 1, errors: 0, tokens: 35 },
      { id: 'bob', traces: 1, sessions: 1, errors: 1, tokens: null },
    ]);
  });

  it('are the first thousand in the order that is asked for, and all are counted', async () => {
    const users = Array.from({ length: 1_100 }, (_, at) => String(at).padStart(4, '0'));
    const other = await filled(users.map((userId) => trace(`t${userId}`, { userId })));
    const { rows, total, coverage } = await ask('users?sort=-id', other);
    expect([rows.length, total, coverage.traces]).toEqual([1_000, 1_100, 1_100]);
    expect(rows[0].id).toBe('1099');
  });
});

describe('models', () => {
  it('have calls, failures, tokens by kind, cost, and latency to the first token and to the end', async () => {
    const { rows, total, series } = await ask('models');
    expect(total).toBe(2);
    const [named, unnamed] = [...rows].sort((a: Json) => (a.name === null ? 1 : -1));
    expect(named).toMatchObject({ name: 'gpt-4o', calls: 1, errors: 0, traces: 1 });
    expect(named.tokens).toEqual([
      { kind: 'output', count: 20 },
      { kind: 'input', count: 10 },
      { kind: 'input_cached', count: 5 },
    ]);
    expect(named.latencyUs).toEqual({ count: 1, p50: 1e6, p90: 1e6, p95: 1e6, p99: 1e6 });
    expect(named.firstTokenUs.p50).toBe(200_000);
    expect(named.tokensPerSecond.p50).toBe(25);
    // A call of a model that nobody named, without an end.
    expect(unnamed).toMatchObject({ name: null, calls: 1, errors: 1, latencyUs: { count: 0, p50: null } });
    expect(series.buckets.reduce((sum: number, { count }: Json) => sum + count, 0)).toBe(2);
    for (const { trend, calls } of rows) expect(trend.reduce((a: number, b: number) => a + b)).toBe(calls);
  });

  it('have percentiles over all chunks of traces', async () => {
    const calls = Array.from({ length: 1_200 }, (_, at) =>
      ingestionEvent('generation-create', {
        id: `g${at}`,
        traceId: `t${at}`,
        model: 'm',
        startTime: iso(at),
        endTime: iso(at + at + 1),
        usageDetails: { input: 1 },
        level: at % 4 === 0 ? 'ERROR' : 'DEFAULT',
      }),
    );
    const other = await filled(calls);
    const { rows, series } = await ask('models', other);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ calls: 1_200, errors: 300, traces: 1_200 });
    expect(rows[0].latencyUs).toEqual({
      count: 1_200,
      p50: 600_000,
      p90: 1_080_000,
      p95: 1_140_000,
      p99: 1_188_000,
    });
    expect(series.buckets.reduce((sum: number, { errors }: Json) => sum + errors, 0)).toBe(300);
    const { rows: part, coverage } = await ask(`models?from=${iso(100)}&to=${iso(200)}`, other);
    expect([part[0].calls, coverage.traces]).toEqual([100, 100]);
  });

  it('take usage as it comes: odd kinds, none, texts in place of numbers', async () => {
    const usages = [{ __proto__x: 1, 'a"b': 2 }, {}, undefined, { input: 3 }];
    const other = await filled(
      usages.map((usageDetails, at) =>
        ingestionEvent('generation-create', { id: `g${at}`, traceId: 't', model: '__proto__', usageDetails }),
      ),
    );
    const { rows } = await ask('models', other);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ name: '__proto__', calls: 4 });
  });
});

describe('tools', () => {
  it('are the observations of the type TOOL, by name', async () => {
    const { rows } = await ask('tools');
    expect(rows).toMatchObject([{ name: 'otel child', calls: 1, errors: 0, latencyUs: { p50: 200_000 } }]);
  });

  it('lead to their traces, and to those in which they failed, by a filter each', async () => {
    const tool = (id: string, traceId: string, name: string, level: string) =>
      ingestionEvent('tool-create', { id, traceId, name, level });
    const other = await filled([
      tool('1', 'a', 'find', 'DEFAULT'),
      tool('2', 'b', 'find', 'ERROR'),
      tool('3', 'c', 'book', 'ERROR'),
      span('4', 'd', 1, { name: 'find' }),
    ]);
    const ids = async (query: string) =>
      (await ask(`traces?${query}`, other)).traces.map(({ id }: Json) => id).sort();
    expect(await ids('tool=find')).toEqual(['a', 'b']);
    expect(await ids('failedTool=find')).toEqual(['b']);
    expect(await ids('tool=find&failedTool=book')).toEqual([]);
    const { rows } = await ask('tools?sort=-errorRate', other);
    expect(rows.map(({ name, calls, errors }: Json) => [name, calls, errors])).toEqual([
      ['book', 1, 1],
      ['find', 2, 1],
    ]);
    const { values } = await ask('facets', other);
    expect(values.tool).toEqual([
      { value: 'find', count: 2 },
      { value: 'book', count: 1 },
    ]);
  });
});

describe('scores', () => {
  it('have a bar for each text, boolean and number, and none for texts that differ', async () => {
    const { rows, total } = await ask('scores?sort=name');
    expect(total).toBe(5);
    const byName = new Map<string, Json>(rows.map((row: Json) => [row.name, row]));
    expect(byName.get('numeric')).toMatchObject({
      dataType: 'NUMERIC',
      count: 2,
      traces: 2,
      mean: -0.75,
      min: -2,
    });
    expect(byName.get('numeric').bars).toEqual([
      { value: '-2', from: null, to: null, count: 1 },
      { value: '0.5', from: null, to: null, count: 1 },
    ]);
    expect(byName.get('boolean').bars).toMatchObject([{ value: 'True', count: 1 }]);
    expect(byName.get('category').bars).toMatchObject([{ value: 'good', count: 1 }]);
    expect(byName.get('text')).toMatchObject({ bars: [], others: 1, mean: null });
  });

  it('have a histogram of many numbers, whose bars are filters of the list', async () => {
    const values = Array.from({ length: 600 }, (_, at) => (at % 100) / 100);
    const other = await filled(
      values.flatMap((value, at) => [
        trace(`t${at}`, { timestamp: iso(at * 1000) }),
        score(`s${at}`, `t${at}`, 'quality', value, { timestamp: iso(at * 1000) }),
      ]),
    );
    const { rows } = await ask('scores', other);
    const [{ bars, trend, mean }] = rows;
    expect(bars).toHaveLength(10);
    expect(mean).toBeCloseTo(0.495);
    expect(trend.reduce((sum: number, { count }: Json) => sum + count, 0)).toBe(600);
    for (const [at, { from, to, count }] of bars.entries()) {
      const query = new URLSearchParams([
        ['score', `quality>=${from}`],
        ['score', `quality${at === bars.length - 1 ? '<=' : '<'}${to}`],
      ]);
      expect((await ask(`traces?${query}`, other)).total).toBe(count);
    }
  });
});

describe('a comparison of two groups', () => {
  it('has samples, quartiles, p95, scores and failures of each, with their sizes', async () => {
    const runs = (release: string, durations: number[]) =>
      durations.flatMap((ms, at) => [
        trace(`${release}${at}`, { release, timestamp: iso(0) }),
        span(`${release}${at}s`, `${release}${at}`, ms, { level: at === 0 ? 'ERROR' : 'DEFAULT' }),
        score(`${release}${at}q`, `${release}${at}`, 'quality', ms / 100),
        score(`${release}${at}c`, `${release}${at}`, 'verdict', at % 2 === 0 ? 'good' : 'bad'),
      ]);
    const fast = Array.from({ length: 12 }, (_, at) => 100 + at);
    const slow = Array.from({ length: 20 }, (_, at) => 200 + at);
    const other = await filled([...runs('A', fast), ...runs('B', slow)]);
    const query = new URLSearchParams({ left: 'release=A', right: 'release=B' });
    const { left, right, measures, categories } = await ask(`compare?${query}`, other);
    expect([left.coverage.traces, left.failed, right.coverage.traces, right.failed]).toEqual([12, 1, 20, 1]);
    const duration = measures.find(({ measure }: Json) => measure === 'duration');
    expect(duration.left).toMatchObject({
      count: 12,
      q1: 102_000,
      median: 105_000,
      q3: 108_000,
      p95: 111_000,
    });
    expect(duration.right).toMatchObject({ count: 20, min: 200_000, max: 219_000 });
    expect(duration.left.bins).toHaveLength(duration.edges.length - 1);
    expect(duration.rightIsGreater).toBe(1);
    expect(duration.pValue).toBeLessThan(0.001);
    const quality = measures.find(({ measure }: Json) => measure === 'score:quality');
    expect(quality.left.median).toBe(1.05);
    const cost = measures.find(({ measure }: Json) => measure === 'cost');
    expect([cost.left.count, cost.rightIsGreater, cost.pValue]).toEqual([0, null, null]);
    expect(categories).toEqual([
      {
        name: 'verdict',
        values: [
          { value: 'bad', left: 6, right: 10 },
          { value: 'good', left: 6, right: 10 },
        ],
        left: 12,
        right: 20,
      },
    ]);
  });

  it('takes an empty group, and refuses a filter that cannot be read', async () => {
    const { left, right } = await ask('compare?left=name%3Dnobody');
    expect([left.coverage.traces, right.coverage.traces]).toEqual([0, 4]);
    const { status, message } = await ask('compare?left=minCost%3Dx');
    expect([status, message]).toEqual([400, 'query parameter minCost must be a number, but got: "x"']);
  });
});

describe('digests', () => {
  it('are equal for equal payloads, and null for none', async () => {
    const input = [{ role: 'user', content: 'x'.repeat(5_000) }];
    const other = await filled([
      span('a1', 'a', 1, { input, output: 'same' }),
      span('a2', 'a', 1, {}),
      span('b1', 'b', 1, { input, output: 'other' }),
    ]);
    const [a, b] = [await ask('trace/a/digests', other), await ask('trace/b/digests', other)];
    expect(a.id).toEqual(['a1', 'a2']);
    expect(a.input[0]).toBe(b.input[0]);
    expect(a.output[0]).not.toBe(b.output[0]);
    expect([a.input[1], a.isComplete]).toEqual([null, true]);
    expect((await ask('trace/none/digests', other)).status).toBe(404);
  });
});

describe('all of them', () => {
  const PATHS = ['sessions', 'users', 'models', 'tools', 'scores', 'compare'];

  it.each(PATHS)('%s of an empty server is empty', async (path) => {
    const other = await startReceiver({ port: 0 });
    onTestFinished(() => other.close());
    const answer = await ask(path, other);
    expect(answer.status).toBe(200);
    expect(answer.rows ?? []).toEqual([]);
  });

  it.each(PATHS.slice(0, 5))('%s read traces with the same start once each', async (path) => {
    const batch = Array.from({ length: 1_300 }, (_, at) => [
      trace(`t${at}`, { userId: 'u', sessionId: 's', timestamp: iso(0) }),
      score(`s${at}`, `t${at}`, 'n', 1),
    ]).flat();
    const other = await filled(batch);
    expect((await ask(path, other)).coverage).toEqual({ ...whole, traces: 1_300 });
    expect((await ask(`${path}?to=${iso(0)}`, other)).coverage.traces).toBe(0);
    expect((await ask(`${path}?from=${iso(0)}`, other)).coverage.traces).toBe(1_300);
  });

  it.skipIf(isClickhouse)('stop after five seconds, and say how far they have read', async () => {
    const other = await filled(
      Array.from({ length: 1_200 }, (_, at) => trace(`t${at}`, { userId: 'u', timestamp: iso(at) })),
    );
    let nowMs = performance.now();
    // Each look at the clock takes two seconds.
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (nowMs += 2_000));
    onTestFinished(() => clock.mockRestore());
    const { coverage, rows } = await ask('users', other);
    expect(coverage.isComplete).toBe(false);
    expect(coverage.traces).toBeGreaterThan(0);
    expect(coverage.traces).toBeLessThan(1_200);
    expect(rows).toMatchObject([{ id: 'u', traces: coverage.traces }]);
    // The newest were read.
    expect(coverage.oldestUs).toBe(Date.parse(iso(1_200 - coverage.traces)) * 1000);
  });

  it.each(['sessions', 'users', 'models', 'tools', 'scores', 'compare', 'session/x'])(
    '/%s is an address of the page',
    async (path) => {
      const response = await fetch(`${receiver.url}/${path}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    },
  );

  it('answer only the page itself', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    const response = await fetch(`${receiver.url}/api/tailrace/users`, { headers });
    expect(response.status).toBe(403);
  });

  it('know the trace of OpenTelemetry too', async () => {
    expect((await ask(`trace/${otlpTrace}/digests`)).id).toHaveLength(2);
  });
});
