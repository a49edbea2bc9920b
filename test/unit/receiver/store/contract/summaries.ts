/** Sums for the page's summaries, comparisons and groups of errors. They may come in any number of parts. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  CallPart,
  FailedObservation,
  MeasurePart,
  ScorePart,
  ScoreSum,
  TraceSum,
} from '../../../../../src/receiver/store/contract/summaries.js';
import type { Store } from '../../../../../src/receiver/store/contract.js';
import { fill, pageFilter, type StoreHarness, us } from './harness.js';

const BUCKETS = { firstUs: us(0), bucketUs: 10_000_000 };
const COMPLETE = { isComplete: true, searchedFromUs: null };
const sumOf = <T>(rows: readonly T[], value: (row: T) => number | null) =>
  rows.reduce((sum, row) => sum + (value(row) ?? 0), 0);

export function describeSummaries(harness: StoreHarness): void {
  describe('summaries', () => {
    let store: Store;
    beforeAll(async () => {
      store = await harness.open();
      await fill(store);
    });
    afterAll(() => store.close());
    const asked = (filter = {}) => ({ filter: pageFilter(filter), maxMs: 60_000, buckets: BUCKETS });

    it('sum traces by session, with their scores', async () => {
      const [sums, scores]: [TraceSum[], ScoreSum[]] = [[], []];
      const coverage = await store.summaries.sessions(asked(), (part) => {
        sums.push(...part.sums);
        scores.push(...part.scores);
      });
      expect(coverage).toEqual({ ...COMPLETE, traces: 4, oldestUs: null });
      const s1 = sums.filter(({ sessionId }) => sessionId === 's1');
      expect(new Set(sums.map(({ sessionId }) => sessionId))).toEqual(new Set(['s1', 's2']));
      expect(sumOf(s1, ({ traces }) => traces)).toBe(2);
      expect([sumOf(s1, ({ errors }) => errors), sumOf(s1, ({ tokens }) => tokens)]).toEqual([1, 135]);
      expect(Math.max(...s1.map(({ endUs }) => endUs))).toBe(us(14_000));
      expect(new Set(s1.map(({ environment }) => environment))).toEqual(new Set(['prod', 'default']));
      const reward = scores.filter(({ sessionId, name }) => sessionId === 's1' && name === 'reward');
      expect([sumOf(reward, ({ numbers }) => numbers), sumOf(reward, ({ sum }) => sum)]).toEqual([2, 2]);
      expect(scores.find(({ name }) => name === 'tone')?.last).toBe('kind');
    });

    it('sum traces by user, of those that pass', async () => {
      const sums: TraceSum[] = [];
      await store.summaries.users(asked(), (part) => sums.push(...part));
      expect(
        sumOf(
          sums.filter(({ userId }) => userId === 'ada'),
          ({ traces }) => traces,
        ),
      ).toBe(2);
      expect(sums.some(({ userId }) => userId === null)).toBe(false);
      const some: TraceSum[] = [];
      const coverage = await store.summaries.users(asked({ search: 'needle' }), (part) => some.push(...part));
      expect(coverage.traces).toBe(1);
      expect(some.map(({ userId }) => userId)).toEqual(['bob']);
    });

    it('sum calls of models by name and time', async () => {
      const parts: CallPart[] = [];
      await store.summaries.calls('model', asked(), (part) => parts.push(part));
      const sums = parts.flatMap((part) => part.sums);
      const x = sums.filter(({ name }) => name === 'model-x');
      expect(x).toHaveLength(1);
      expect(x[0]).toMatchObject({
        ...{ bucket: 0, calls: 1, errors: 0, cost: 0.75, lastUs: us(100), hasEstimatedCost: false },
        ...{ latenciesUs: [1_000_000], firstTokensUs: [100_000] },
      });
      expect(x[0]?.tokensPerSecond[0]).toBeCloseTo(5 / 0.9, 6);
      expect(sums.find(({ name }) => name === 'model-y')).toMatchObject({ bucket: 1, calls: 1, cost: 2 });
      const tokens = parts.flatMap((part) => part.tokens);
      expect(tokens).toContainEqual({ name: 'model-y', kind: 'input', count: 100 });
      expect(parts.flatMap((part) => part.tracesByName)).toContainEqual({ name: 'model-x', traces: 1 });
    });

    it('sum calls of tools', async () => {
      const parts: CallPart[] = [];
      await store.summaries.calls('tool', asked(), (part) => parts.push(part));
      expect(parts.flatMap((part) => part.sums)).toMatchObject([
        { name: 'search', bucket: 0, calls: 1, errors: 1, cost: null, latenciesUs: [500_000] },
      ]);
      expect(parts.flatMap((part) => part.tokens)).toEqual([]);
    });

    it('have the values of scores by name and time', async () => {
      const parts: ScorePart[] = [];
      await store.summaries.scores(asked(), (part) => parts.push(part));
      const values = parts.flatMap((part) => part.values);
      const reward = values.filter(({ name }) => name === 'reward');
      expect(reward.flatMap(({ numbers }) => numbers).sort()).toEqual([0.5, 1.5]);
      expect(values).toContainEqual({
        ...{ name: 'tone', dataType: 'CATEGORICAL', text: 'kind', bucket: 0, count: 1, numbers: [] },
      });
      expect(values.find(({ name }) => name === 'good')).toMatchObject({ text: 'True', numbers: [1] });
      expect(values.find(({ name }) => name === 'better')?.text).toBeNull();
      const ofReward = parts.flatMap((part) => part.tracesByName).filter(({ name }) => name === 'reward');
      expect(sumOf(ofReward, ({ traces }) => traces)).toBe(2);
    });

    it('have the values of each trace for a comparison', async () => {
      const parts: MeasurePart[] = [];
      await store.summaries.measures(asked({ values: { session: ['s1'] } }), (part) => parts.push(part));
      expect(sumOf(parts, ({ failed }) => failed)).toBe(1);
      expect(parts.flatMap(({ durationUs }) => durationUs).sort((a, b) => a - b)).toEqual([
        2_000_000, 4_000_000,
      ]);
      expect(parts.flatMap(({ tokens }) => tokens).sort((a, b) => a - b)).toEqual([15, 120]);
      expect(parts.flatMap(({ observations }) => observations).sort()).toEqual([1, 3]);
      const scores = parts.flatMap((part) => part.scores);
      const means = scores.filter(({ name }) => name === 'reward').flatMap((score) => score.means);
      expect(means.sort()).toEqual([0.5, 1.5]);
      expect(scores.find(({ name }) => name === 'tone')?.texts).toEqual([{ text: 'kind', count: 1 }]);
    });

    it('list failures, and warnings if they are asked for', async () => {
      const read = async (withWarnings: boolean, filter = {}) => {
        const found: FailedObservation[] = [];
        const query = { ...asked(filter), withWarnings, maxFailures: 1000 };
        const end = await store.summaries.failures(query, (part) => found.push(...part));
        expect(end).toEqual(COMPLETE);
        return found;
      };
      expect(await read(false)).toEqual([
        {
          ...{ id: 'lookup', traceId: 't1', type: 'TOOL', name: 'search', model: null, message: 'boom 17' },
          startUs: us(1200),
        },
      ]);
      expect((await read(true)).map(({ id }) => id)).toEqual(['ask2', 'lookup']);
      expect(await read(true, { values: { session: ['s2'] } })).toEqual([]);
    });

    it('reject with what their reader throws', async () => {
      const refuse = () => {
        throw new Error('enough');
      };
      await expect(store.summaries.users(asked(), refuse)).rejects.toThrow('enough');
    });
  });
}
