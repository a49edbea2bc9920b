/** Metrics: each view with its dimensions, measures and aggregations, in both versions. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AGGREGATIONS,
  type Aggregation,
  GRANULARITIES,
  type MetricsQuery,
  TIME_DIMENSION,
} from '../../../../../src/receiver/store/contract/metrics.js';
import {
  METRICS_VIEWS,
  type MetricsVersion,
  type MetricsView,
} from '../../../../../src/receiver/store/contract/metrics-views.js';
import type { Store } from '../../../../../src/receiver/store/contract.js';
import { fill, type StoreHarness, us } from './harness.js';

interface Asked extends Partial<Omit<MetricsQuery, 'groups' | 'metrics'>> {
  by?: string[];
  of?: [measure: string, aggregation: Aggregation][];
}

/** A query over the whole time, by the names of its dimensions and measures. */
function query(version: MetricsVersion, view: string, { by = [], of = [], ...rest }: Asked): MetricsQuery {
  const { dimensions, measures } = METRICS_VIEWS[version][view] as MetricsView;
  const groups = by.map((name) => ({ name, dimension: dimensions[name] as never }));
  const metrics = of.map(([measureName, aggregation]) => ({
    name: `${aggregation}_${measureName}`,
    ...{ measureName, measure: measures[measureName] as never, aggregation },
  }));
  return {
    ...{
      version,
      view,
      groups,
      metrics,
      granularity: undefined,
      fromUs: us(-3_600_000),
      toUs: us(3_600_000),
    },
    ...{ conditions: [], relations: new Set<string>(), order: [], bins: 2, limit: 1000, ...rest },
  };
}

const VIEWS = (['v1', 'v2'] as const).flatMap((version) =>
  Object.keys(METRICS_VIEWS[version]).map((view) => [version, view] as const),
);

export function describeMetrics(harness: StoreHarness): void {
  describe('metrics', () => {
    let store: Store;
    beforeAll(async () => {
      store = await harness.open();
      await fill(store);
    });
    afterAll(() => store.close());
    const read = (version: MetricsVersion, view: string, asked: Asked) =>
      store.metrics.read(query(version, view, asked));

    it('group by dimensions, in the order that is asked for', async () => {
      const order = [{ name: 'count_count', isDescending: true }];
      const rows = await read('v1', 'traces', { by: ['name'], of: [['count', 'count']], order });
      expect(rows).toEqual([
        { dimensions: ['chat'], bucket: null, figures: [2] },
        { dimensions: [''], bucket: null, figures: [1] },
        { dimensions: ['batch'], bucket: null, figures: [1] },
      ]);
      const limited = await read('v1', 'traces', { by: ['name'], of: [['count', 'count']], order, limit: 1 });
      expect(limited).toHaveLength(1);
    });

    it('have unknown values last in both directions', async () => {
      for (const isDescending of [true, false]) {
        const order = [{ name: 'userId', isDescending }];
        const rows = await read('v1', 'traces', { by: ['userId'], of: [['count', 'count']], order });
        expect(rows.at(-1)).toEqual({ dimensions: [null], bucket: null, figures: [1] });
      }
    });

    it('sum, average, and find percentiles between two values', async () => {
      const of = (['sum', 'avg', 'min', 'max', 'count', 'uniq', 'p50', 'p95'] as const).map(
        (aggregation): [string, Aggregation] => ['latency', aggregation],
      );
      const [row] = await read('v2', 'observations', { of });
      // 500, 1000, 2000 and 4000 ms; one observation is open.
      const [sum, avg, min, max, count, uniq, p50, p95] = row?.figures ?? [];
      expect([sum, avg, min, max, count, uniq, p50]).toEqual([7500, 1875, 500, 4000, 4, 4, 1500]);
      expect(p95).toBeCloseTo(3700, 6);
    });

    it('make histograms with bins of one width', async () => {
      const [row] = await read('v2', 'observations', { of: [['latency', 'histogram']] });
      expect(row?.figures).toEqual([{ min: 500, max: 4000, counts: [3, 1] }]);
    });

    it.each([
      ['minute', '2026-01-15T12:00:00Z'],
      ['hour', '2026-01-15T12:00:00Z'],
      ['day', '2026-01-15'],
      ['week', '2026-01-12'],
      ['month', '2026-01-01'],
    ] as const)('divide time by %s', async (granularity, bucket) => {
      const order = [{ name: TIME_DIMENSION, isDescending: false }];
      const rows = await read('v2', 'observations', { of: [['totalTokens', 'sum']], granularity, order });
      expect(rows).toEqual([{ dimensions: [], bucket, figures: [135] }]);
      expect(GRANULARITIES).toContain(granularity);
    });

    it('count a row once for each kind of its details', async () => {
      const order = [{ name: 'usageType', isDescending: false }];
      const rows = await read('v2', 'observations', {
        by: ['usageType'],
        of: [['usageByType', 'sum']],
        order,
      });
      expect(rows.map(({ dimensions, figures }) => [dimensions[0], figures[0]])).toEqual([
        ['input', 110],
        ['output', 25],
        ['total', 135],
      ]);
    });

    it('leave out what lacks a relation that is asked for', async () => {
      const asked = { by: ['traceName'], of: [['value', 'avg']] as [string, Aggregation][] };
      const relations = new Set(['traces']);
      const rows = await read('v1', 'scores-numeric', { ...asked, relations });
      expect(rows.map(({ dimensions }) => dimensions[0])).toEqual(['chat']);
      expect(rows[0]?.figures).toEqual([1]);
      const [all] = await read('v1', 'scores-numeric', { of: [['count', 'count']] });
      expect(all?.figures).toEqual([4]);
    });

    it('take conditions on dimensions, the time and metadata', async () => {
      const ofName = { type: 'string', column: 'name', operator: '=', value: 'answer' } as const;
      const late = { type: 'datetime', column: 'start_time', operator: '>', value: us(5_000) } as const;
      const step = {
        type: 'stringObject',
        column: 'metadata',
        key: 'step',
        operator: '=',
        value: 'one',
      } as const;
      const count = async (conditions: MetricsQuery['conditions']) =>
        (await read('v2', 'observations', { of: [['count', 'count']], conditions }))[0]?.figures;
      expect(await count([ofName])).toEqual([2]);
      expect(await count([ofName, late])).toEqual([1]);
      expect(await count([step])).toEqual([1]);
    });

    it('keep to their time', async () => {
      const [row] = await read('v1', 'traces', {
        of: [['count', 'count']],
        fromUs: us(10_000),
        toUs: us(20_000),
      });
      expect(row?.figures).toEqual([2]);
    });

    it.each(VIEWS)('answer for each dimension and measure of %s %s', async (version, view) => {
      const { dimensions, measures } = METRICS_VIEWS[version][view] as MetricsView;
      for (const name of Object.keys(dimensions)) {
        expect((await read(version, view, { by: [name], of: [['count', 'count']] })).length).toBeGreaterThan(
          0,
        );
      }
      for (const [name, { type, dimension, relation }] of Object.entries(measures)) {
        const allowed = type === 'number' ? AGGREGATIONS : (['count', 'uniq'] as const);
        const of = allowed.map((aggregation): [string, Aggregation] => [name, aggregation]);
        const by = dimension === undefined ? [] : [dimension];
        const relations = new Set(relation === undefined ? [] : [relation]);
        const [row] = await read(version, view, { by, of, relations });
        if (row !== undefined) expect(row.figures).toHaveLength(of.length);
      }
    });
  });
}
