/** Metrics of the receiver's API: values against sums of the test's own, time buckets, filters, relations, limits, errors. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { fill, iso, otlpTrace } from '../support/receiver-data.js';
import { call, ingestionEvent, postJson } from '../unit/receiver/helpers.js';

// biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
type Json = any;

const RANGE = { fromTimestamp: iso(-60_000), toTimestamp: iso(3_600_000) };
const count = { measure: 'count', aggregation: 'count' };

async function ask(from: Receiver, path: string, query: object | string) {
  const text = typeof query === 'string' ? query : JSON.stringify({ ...RANGE, ...query });
  return call(`${from.url}/api/public/${path}?query=${encodeURIComponent(text)}`);
}

async function rows(from: Receiver, query: object, path = 'metrics'): Promise<Json[]> {
  const { status, json } = await ask(from, path, query);
  expect(json.message).toBeUndefined();
  expect(status).toBe(200);
  return json.data;
}

describe('of some traces', () => {
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver({ port: 0 });
    await fill(receiver);
  });
  afterAll(() => receiver.close());

  const traces = (query: object) => rows(receiver, { view: 'traces', metrics: [count], ...query });
  const observations = (query: object, path?: string) =>
    rows(receiver, { view: 'observations', metrics: [count], ...query }, path);

  it('count traces by each dimension', async () => {
    expect(await traces({})).toEqual([{ count_count: 4 }]);
    expect(await traces({ dimensions: [{ field: 'name' }] })).toEqual([
      { name: '', count_count: 2 },
      { name: 'chat', count_count: 1 },
      { name: 'otel root', count_count: 1 },
    ]);
    expect(await traces({ dimensions: [{ field: 'tags' }, { field: 'environment' }] })).toEqual([
      { tags: [], environment: 'default', count_count: 2 },
      { tags: ['a', 'b,c', 'ü'], environment: 'prod', count_count: 1 },
      { tags: ['a'], environment: 'default', count_count: 1 },
    ]);
    expect(await traces({ dimensions: [{ field: 'timestampMonth' }] })).toEqual([
      { timestampMonth: '2026-01', count_count: 4 },
    ]);
    expect(await traces({ dimensions: [{ field: 'sessionId' }] })).toEqual([
      { sessionId: null, count_count: 2 },
      { sessionId: 's1', count_count: 2 },
    ]);
  });

  it('know what belongs to a trace, and leave out traces without it', async () => {
    const metrics = [
      { measure: 'observationsCount', aggregation: 'sum' },
      { measure: 'latency', aggregation: 'max' },
      { measure: 'totalTokens', aggregation: 'sum' },
      { measure: 'totalCost', aggregation: 'sum' },
    ];
    const [t1, t2] = await traces({ dimensions: [{ field: 'id' }], metrics });
    expect(t1).toMatchObject({
      id: 't1',
      sum_observationsCount: 3,
      max_latency: 2000,
      sum_totalTokens: 35,
    });
    expect(t1.sum_totalCost).toBeGreaterThan(0);
    expect(t2).toMatchObject({ sum_totalTokens: 0, sum_totalCost: null });
    const scores = [{ measure: 'scoresCount', aggregation: 'sum' }];
    expect(await traces({ dimensions: [{ field: 'id' }], metrics: scores })).toEqual([
      { id: 't1', sum_scoresCount: 5 },
      { id: 't4', sum_scoresCount: 1 },
    ]);
    expect(await traces({ metrics: [{ measure: 'uniqueUserIds', aggregation: 'sum' }] })).toEqual([
      { sum_uniqueUserIds: 2 },
    ]);
  });

  it.each<[string, object, string]>([
    ['a name', { type: 'string', column: 'name', operator: '=', value: 'chat' }, 't1'],
    ['a name by its other name', { type: 'string', column: 'traceName', operator: '=', value: 'chat' }, 't1'],
    [
      'one of several users',
      { type: 'stringOptions', column: 'userId', operator: 'any of', value: ['bob'] },
      't4',
    ],
    ['tags', { type: 'arrayOptions', column: 'tags', operator: 'all of', value: ['a', 'ü'] }, 't1'],
    [
      'metadata',
      { type: 'stringObject', column: 'metadata', key: 'tier', operator: 'contains', value: 'old' },
      't1',
    ],
    ['a time', { type: 'datetime', column: 'timestamp', operator: '>', value: iso(2500) }, 't4'],
    ['nothing', { type: 'null', column: 'release', operator: 'is not null', value: '' }, 't1'],
  ])('are filtered by %s', async (_what, filter, id) => {
    expect(await traces({ dimensions: [{ field: 'id' }], filters: [filter] })).toEqual([
      { id, count_count: 1 },
    ]);
  });

  it('hold to the time, to the last millisecond', async () => {
    expect(await traces({ fromTimestamp: iso(0), toTimestamp: iso(3000) })).toEqual([{ count_count: 4 }]);
    expect(await traces({ fromTimestamp: iso(1), toTimestamp: iso(2999) })).toEqual([{ count_count: 2 }]);
  });

  it('of observations have what each version has', async () => {
    const metrics = [count, { measure: 'totalTokens', aggregation: 'sum' }];
    const answer = [
      { type: 'GENERATION', count_count: 2, sum_totalTokens: 35 },
      { type: 'EVENT', count_count: 1, sum_totalTokens: 0 },
      { type: 'SPAN', count_count: 3, sum_totalTokens: 0 },
      { type: 'TOOL', count_count: 1, sum_totalTokens: 0 },
    ];
    const query = {
      dimensions: [{ field: 'type' }],
      metrics,
      orderBy: [
        { field: 'sum_totalTokens', direction: 'desc' },
        { field: 'type', direction: 'asc' },
      ],
    };
    expect(await observations(query)).toEqual(answer);
    expect(await observations(query, 'v2/metrics')).toEqual(answer);
    expect(await observations({ dimensions: [{ field: 'isRootObservation' }] }, 'v2/metrics')).toEqual([
      { isRootObservation: true, count_count: 5 },
      { isRootObservation: false, count_count: 2 },
    ]);
    expect(
      await observations(
        { metrics: ['traceId', 'uniqueUserIds'].map((measure) => ({ measure, aggregation: 'uniq' })) },
        'v2/metrics',
      ),
    ).toEqual([{ uniq_traceId: 4, uniq_uniqueUserIds: 2 }]);
  });

  it('of a generation know all its figures', async () => {
    const measures = [
      'latency',
      'streamingLatency',
      'timeToFirstToken',
      'inputTokens',
      'outputTokens',
      'outputTokensPerSecond',
      'tokensPerSecond',
      'countScores',
    ];
    const [figures] = await observations({
      filters: [{ type: 'string', column: 'id', operator: '=', value: 'o2' }],
      metrics: measures.map((measure) => ({ measure, aggregation: 'avg' })),
    });
    expect(figures).toEqual({
      avg_latency: 1000,
      avg_streamingLatency: 800,
      avg_timeToFirstToken: 200,
      avg_inputTokens: 15,
      avg_outputTokens: 20,
      avg_outputTokensPerSecond: 25,
      avg_tokensPerSecond: 35,
      avg_countScores: 1,
    });
  });

  it('of usage and cost are split by kind', async () => {
    const usage = await observations(
      { metrics: [{ measure: 'usageByType', aggregation: 'sum' }] },
      'v2/metrics',
    );
    expect(usage).toEqual([
      { usageType: 'total', sum_usageByType: 35 },
      { usageType: 'output', sum_usageByType: 20 },
      { usageType: 'input', sum_usageByType: 10 },
      { usageType: 'input_cached', sum_usageByType: 5 },
    ]);
    const cost = await observations(
      { dimensions: [{ field: 'costType' }], metrics: [{ measure: 'costByType', aggregation: 'sum' }] },
      'v2/metrics',
    );
    const byType = Object.fromEntries(cost.map((row) => [row.costType, row.sum_costByType]));
    expect(Object.keys(byType).sort()).toEqual(['input', 'output', 'total']);
    expect(byType.input + byType.output).toBeCloseTo(byType.total, 12);
  });

  it('of scores, by their data type and by what they are about', async () => {
    const scores = (view: string, query: object, path?: string) =>
      rows(receiver, { view, metrics: [count], ...query }, path);
    const average = { measure: 'value', aggregation: 'avg' };
    const byName = { dimensions: [{ field: 'name' }], orderBy: [{ field: 'name', direction: 'asc' }] };
    expect(await scores('scores-numeric', { ...byName, metrics: [count, average] })).toEqual([
      { name: 'boolean', count_count: 1, avg_value: 1 },
      { name: 'numeric', count_count: 2, avg_value: -0.75 },
      { name: 'run', count_count: 1, avg_value: 3 },
    ]);
    expect(await scores('scores-boolean', { dimensions: [{ field: 'booleanValue' }] })).toEqual([
      { booleanValue: true, count_count: 1 },
    ]);
    expect(await scores('scores-categorical', { dimensions: [{ field: 'stringValue' }] })).toEqual([
      { stringValue: 'calm', count_count: 1 },
      { stringValue: 'good', count_count: 1 },
    ]);
    for (const [path, none] of [
      ['metrics', ''],
      ['v2/metrics', null],
    ] as const) {
      expect(await scores('scores-numeric', { dimensions: [{ field: 'traceName' }] }, path)).toEqual([
        { traceName: 'chat', count_count: 2 },
        { traceName: none, count_count: 1 },
      ]);
      const model = { dimensions: [{ field: 'observationModelName' }] };
      expect(await scores('scores-categorical', model, path)).toEqual([
        { observationModelName: 'gpt-4o', count_count: 1 },
      ]);
    }
    const above = [{ type: 'number', column: 'value', operator: '>', value: 0.5 }];
    expect(await scores('scores-numeric', { filters: above }, 'v2/metrics')).toEqual([{ count_count: 2 }]);
  });

  it('by time have the buckets without rows as well, unless they are ordered otherwise', async () => {
    const query = {
      timeDimension: { granularity: 'minute' },
      dimensions: [{ field: 'name' }, { field: 'userId' }],
      metrics: [count, { measure: 'uniqueUserIds', aggregation: 'max' }],
      toTimestamp: iso(120_000),
    };
    const answer = await traces(query);
    expect(answer.map((row) => [row.time_dimension, row.name, row.userId, row.count_count])).toEqual([
      ['2026-01-15T11:59:00Z', '', null, 0],
      ['2026-01-15T12:00:00Z', '', null, 1],
      ['2026-01-15T12:00:00Z', '', 'bob', 1],
      ['2026-01-15T12:00:00Z', 'chat', 'ada', 1],
      ['2026-01-15T12:00:00Z', 'otel root', null, 1],
      ['2026-01-15T12:01:00Z', '', null, 0],
    ]);
    const ordered = await traces({ ...query, orderBy: [{ field: 'time_dimension', direction: 'desc' }] });
    expect(ordered).toHaveLength(4);
  });

  it.each([
    ['auto', '2026-01-15T12:00:00Z', 61],
    ['hour', '2026-01-15T12:00:00Z', 2],
    ['day', '2026-01-15', 1],
    ['week', '2026-01-12', 1],
    ['month', '2026-01-01', 1],
  ])('by time have buckets of each length: %s', async (granularity, bucket, length) => {
    const answer = await traces({ timeDimension: { granularity } });
    expect(answer).toHaveLength(length);
    expect(answer.filter((row) => row.count_count > 0)).toEqual([{ time_dimension: bucket, count_count: 4 }]);
  });

  it('know the difference between 0 and nothing where there are no rows', async () => {
    const none = { filters: [{ type: 'string', column: 'id', operator: '=', value: 'none' }] };
    const each = ['count', 'sum', 'avg', 'min', 'max', 'p50', 'uniq', 'histogram'];
    const metrics = ['inputTokens', 'totalCost'].flatMap((measure) =>
      each.map((aggregation) => ({ measure, aggregation })),
    );
    expect(await observations({ ...none, metrics })).toEqual([
      {
        count_inputTokens: 0,
        sum_inputTokens: 0,
        avg_inputTokens: null,
        min_inputTokens: 0,
        max_inputTokens: 0,
        p50_inputTokens: null,
        uniq_inputTokens: 0,
        histogram_inputTokens: [],
        count_totalCost: 0,
        sum_totalCost: null,
        avg_totalCost: null,
        min_totalCost: null,
        max_totalCost: null,
        p50_totalCost: null,
        uniq_totalCost: 0,
        histogram_totalCost: [],
      },
    ]);
    expect(await observations({ ...none, dimensions: [{ field: 'name' }] })).toEqual([]);
    expect(await observations({ ...none, metrics: [] })).toEqual([{ count: 0 }]);
  });

  const top = {
    dimensions: [{ field: 'traceId' }],
    orderBy: [{ field: 'count_count', direction: 'desc' }],
    config: { row_limit: 2 },
  };

  it('of the second version give the top of dimensions without bound', async () => {
    expect(await observations(top, 'v2/metrics')).toEqual([
      { traceId: 't1', count_count: 3 },
      { traceId: otlpTrace, count_count: 2 },
    ]);
  });

  it.each<[string, object, RegExp]>([
    ['no limit', { config: {} }, /row_limit/],
    ['no order', { orderBy: null }, /orderBy/],
    ['an order upwards', { orderBy: [{ field: 'count_count', direction: 'asc' }] }, /orderBy/],
    ['an order by the dimension', { orderBy: [{ field: 'traceId', direction: 'desc' }] }, /by a metric/],
    ['time buckets', { timeDimension: { granularity: 'day' } }, /timeDimension/],
  ])('of the second version refuse dimensions without bound with %s', async (_what, change, message) => {
    const query = { view: 'observations', metrics: [count], ...top, ...change };
    const { status, json } = await ask(receiver, 'v2/metrics', query);
    expect(status).toBe(400);
    expect(json.message).toMatch(message);
  });

  const valid = { view: 'observations', metrics: [count] };
  it.each<[string, object | string, RegExp]>([
    ['no JSON', '{', /not JSON/],
    ['nothing', '', /must be given/],
    ['a list', '[]', /the whole must be an object/],
    [
      'an unknown view',
      { ...valid, view: 'users' },
      /view must be one of traces, observations, scores-numeric/,
    ],
    ['a view of Object', { ...valid, view: 'constructor' }, /view must be one of/],
    ['no metrics', { view: 'traces' }, /metrics must be given/],
    [
      'an unknown measure',
      { ...valid, metrics: [{ ...count, measure: 'x' }] },
      /metrics\[0\]\.measure must be one of count/,
    ],
    [
      'a measure of Object',
      { ...valid, metrics: [{ ...count, measure: '__proto__' }] },
      /measure must be one of/,
    ],
    [
      'an unknown aggregation',
      { ...valid, metrics: [{ ...count, aggregation: 'median' }] },
      /aggregation must be one of sum/,
    ],
    [
      'an unknown dimension',
      { ...valid, dimensions: [{ field: "name'; DROP TABLE traces" }] },
      /dimensions\[0\]\.field must be one of/,
    ],
    ['a dimension that is none', { ...valid, dimensions: ['name'] }, /dimensions\[0\] must be an object/],
    ['too many dimensions', { ...valid, dimensions: Array(51).fill({ field: 'name' }) }, /at most 50/],
    [
      'an unknown filter',
      { ...valid, filters: [{ type: 'string', column: 'x', operator: '=', value: '' }] },
      /filters: column of condition 1 must be one of/,
    ],
    [
      'a filter of another type',
      { ...valid, filters: [{ type: 'string', column: 'tags', operator: '=', value: 'a' }] },
      /type of condition 1 must be one of arrayOptions/,
    ],
    [
      'metadata without a key',
      { ...valid, filters: [{ type: 'stringObject', column: 'metadata', operator: '=', value: 'a' }] },
      /key of condition 1/,
    ],
    [
      'a time without a zone',
      { ...valid, fromTimestamp: '2026-01-01T00:00:00' },
      /fromTimestamp must be an ISO 8601 time/,
    ],
    ['times the wrong way', { ...valid, toTimestamp: iso(-60_000) }, /fromTimestamp must be before/],
    [
      'an unknown granularity',
      { ...valid, timeDimension: { granularity: 'year' } },
      /granularity must be one of auto/,
    ],
    [
      'an order by something else',
      { ...valid, orderBy: [{ field: 'name', direction: 'asc' }] },
      /orderBy\[0\]\.field must be one of count_count/,
    ],
    [
      'an order that is none',
      { ...valid, orderBy: [{ field: 'count_count', direction: 'up' }] },
      /direction must be one of asc, desc/,
    ],
    ['a limit of 0', { ...valid, config: { row_limit: 0 } }, /row_limit must be an integer from 1 to 1000/],
    ['too many bins', { ...valid, config: { bins: 101 } }, /bins must be an integer from 1 to 100/],
  ])('with %s are refused by name', async (_what, query, message) => {
    const { status, json } = await ask(receiver, 'metrics', query);
    expect({ status, error: json.error }).toEqual({ status: 400, error: 'InvalidRequestError' });
    expect(json.message).toMatch(message);
    expect(json.message).toMatch(/^query parameter query/);
  });

  it.each<[string, object]>([
    ['the view traces', { view: 'traces', metrics: [count] }],
    ['sums of texts', { ...valid, metrics: [{ measure: 'traceId', aggregation: 'sum' }] }],
    ['two kinds of pairs', { ...valid, dimensions: [{ field: 'costType' }, { field: 'usageType' }] }],
  ])('of the second version do not have %s', async (_what, query) => {
    expect((await ask(receiver, 'v2/metrics', query)).status).toBe(400);
  });

  it.each<[string, object]>([
    ['tool statistics', { ...valid, dimensions: [{ field: 'calledToolNames' }] }],
    ['tool statistics', { ...valid, metrics: [{ measure: 'toolCalls', aggregation: 'sum' }] }],
    [
      'experiments',
      { ...valid, filters: [{ type: 'string', column: 'experimentName', operator: '=', value: 'x' }] },
    ],
  ])('say that there are no %s here', async (feature, query) => {
    const { status, json } = await ask(receiver, 'v2/metrics', query);
    expect(status).toBe(501);
    expect(json.message).toContain(`the local server does not have ${feature}`);
  });

  it('of figures beyond all bounds are numbers or null', async () => {
    const extra = await startReceiver({ port: 0 });
    onTestFinished(() => extra.close());
    const batch = ['9223372036854775807', '9007199254740993', '1e308', '1e308'].map(
      (number, index) =>
        `{"id":"e${index}","type":"generation-create","timestamp":"${iso(0)}","body":{"id":"g${index}","traceId":"t","startTime":"${iso(0)}","usageDetails":{"input":${number}},"costDetails":{"input":${number}}}}`,
    );
    await postJson(`${extra.url}/api/public/ingestion`, `{"batch":[${batch.join(',')}]}`);
    const aggregations = ['sum', 'avg', 'min', 'max', 'p50', 'p99', 'uniq', 'histogram'];
    for (const measure of [
      'inputTokens',
      'totalTokens',
      'inputCost',
      'totalCost',
      'usageByType',
      'costByType',
    ]) {
      const metrics = aggregations.map((aggregation) => ({ measure, aggregation }));
      const [row] = await rows(extra, { view: 'observations', metrics }, 'v2/metrics');
      expect(row[`uniq_${measure}`]).toBeGreaterThan(0);
    }
  });

  it('are not moved by names that are hostile, and find them', async () => {
    const name = `'; DROP TABLE traces; -- " ) \u0000 <script>`;
    const extra = await startReceiver({ port: 0 });
    onTestFinished(() => extra.close());
    const batch = [ingestionEvent('trace-create', { id: 'h', name, userId: name, timestamp: iso(0) })];
    await postJson(`${extra.url}/api/public/ingestion`, { batch });
    const filters = [{ type: 'string', column: 'name', operator: '=', value: name }];
    const [row] = await rows(extra, {
      view: 'traces',
      dimensions: [{ field: 'userId' }],
      metrics: [count],
      filters,
    });
    expect(row.count_count).toBe(1);
    expect(row.userId).toContain('DROP TABLE');
  });
});

describe('of many observations', () => {
  const GROUPS = 5;
  const COUNT = 3_000;
  let receiver: Receiver;
  /** What the test has sent: by name the latencies in milliseconds. */
  const sent = new Map<string, number[]>();

  beforeAll(async () => {
    receiver = await startReceiver({ port: 0 });
    let seed = 7;
    const next = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const events = Array.from({ length: COUNT }, (_, index) => {
      const name = `step ${Math.floor(next() * GROUPS)}`;
      const latency = Math.floor(next() ** 3 * 10_000);
      sent.set(name, [...(sent.get(name) ?? []), latency]);
      const startMs = index * 100;
      const times = { startTime: iso(startMs), endTime: iso(startMs + latency) };
      return ingestionEvent('span-create', { id: `o${index}`, traceId: `t${index % 40}`, name, ...times });
    });
    for (let start = 0; start < COUNT; start += 1_000) {
      await postJson(`${receiver.url}/api/public/ingestion`, { batch: events.slice(start, start + 1_000) });
    }
  });
  afterAll(() => receiver.close());

  /** By linear interpolation between the two nearest ranks. */
  function quantile(values: readonly number[], p: number): number {
    const sorted = [...values].sort((a, b) => a - b);
    const place = p * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
    return low + (high - low) * (place - Math.floor(place));
  }

  it.each(['metrics', 'v2/metrics'])('%s: sums, means and percentiles are right', async (path) => {
    const percentiles = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99 };
    const aggregations = ['count', 'sum', 'avg', 'min', 'max', 'uniq', ...Object.keys(percentiles)];
    const answer = await rows(
      receiver,
      {
        view: 'observations',
        dimensions: [{ field: 'name' }],
        metrics: aggregations.map((aggregation) => ({ measure: 'latency', aggregation })),
      },
      path,
    );
    expect(answer).toHaveLength(GROUPS);
    for (const row of answer) {
      const values = sent.get(row.name) as number[];
      const sum = values.reduce((total, value) => total + value, 0);
      expect(row).toMatchObject({
        count_latency: values.length,
        sum_latency: sum,
        min_latency: Math.min(...values),
        max_latency: Math.max(...values),
        uniq_latency: new Set(values).size,
      });
      expect(row.avg_latency).toBeCloseTo(sum / values.length, 6);
      for (const [name, p] of Object.entries(percentiles)) {
        expect(row[`${name}_latency`], name).toBeCloseTo(quantile(values, p), 6);
      }
    }
  });

  it('percentiles by time are those of each bucket', async () => {
    const answer = await rows(receiver, {
      view: 'observations',
      timeDimension: { granularity: 'minute' },
      metrics: [
        count,
        { measure: 'latency', aggregation: 'p95' },
        { measure: 'latency', aggregation: 'max' },
      ],
      fromTimestamp: iso(0),
      toTimestamp: iso(COUNT * 100),
    });
    expect(answer.map((row) => row.count_count)).toEqual(Array(5).fill(600));
    for (const row of answer) expect(row.p95_latency).toBeLessThan(row.max_latency);
  });

  it.each([undefined, 1, 7, 100])('histograms have all values, in %s bins', async (bins) => {
    const [row] = await rows(receiver, {
      view: 'observations',
      metrics: [{ measure: 'latency', aggregation: 'histogram' }],
      config: { ...(bins !== undefined && { bins }) },
    });
    const all = [...sent.values()].flat();
    const histogram: [number, number, number][] = row.histogram_latency;
    expect(histogram).toHaveLength(bins ?? 10);
    expect(histogram[0]?.[0]).toBe(Math.min(...all));
    expect(histogram.at(-1)?.[1]).toBe(Math.max(...all));
    expect(histogram.reduce((sum, [, , height]) => sum + height, 0)).toBe(COUNT);
    for (const [index, [lower, upper, height]] of histogram.entries()) {
      const isLast = index === histogram.length - 1;
      expect(height).toBe(all.filter((one) => one >= lower && (isLast || one < upper)).length);
    }
  });

  it('histograms of one value are one bin without width', async () => {
    const [row] = await rows(receiver, {
      view: 'observations',
      metrics: [{ measure: 'count', aggregation: 'histogram' }],
    });
    expect(row.histogram_count).toEqual([[1, 1, COUNT]]);
  });

  it('are limited where the query says so, and in the second version always', async () => {
    const byId = { view: 'observations', dimensions: [{ field: 'id' }], metrics: [count] };
    expect(await rows(receiver, byId)).toHaveLength(COUNT);
    expect(await rows(receiver, { ...byId, config: { row_limit: 3 } })).toHaveLength(3);
    const byTime = { view: 'observations', metrics: [count], timeDimension: { granularity: 'minute' } };
    const day = { fromTimestamp: iso(0), toTimestamp: iso(86_400_000) };
    expect(await rows(receiver, { ...byTime, ...day })).toHaveLength(1_440);
    expect(await rows(receiver, { ...byTime, ...day }, 'v2/metrics')).toHaveLength(100);
  });

  it('of more values than an answer may have are refused: histograms have many', async () => {
    const measures = [
      'latency',
      'inputTokens',
      'outputTokens',
      'totalTokens',
      'inputCost',
      'outputCost',
      'totalCost',
    ];
    const query = {
      view: 'observations',
      dimensions: [{ field: 'id' }],
      metrics: measures.map((measure) => ({ measure, aggregation: 'histogram' })),
    };
    expect(await rows(receiver, query)).toHaveLength(COUNT);
    const { status, json } = await ask(receiver, 'metrics', { ...query, config: { bins: 100 } });
    expect(status).toBe(400);
    expect(json.message).toContain('config.row_limit');
  });

  it('of more rows than an answer may have are refused', async () => {
    const { status, json } = await ask(receiver, 'metrics', {
      view: 'observations',
      metrics: [count],
      timeDimension: { granularity: 'minute' },
      fromTimestamp: '2025-01-01T00:00:00Z',
    });
    expect(status).toBe(400);
    expect(json.message).toContain('config.row_limit');
  });
});
