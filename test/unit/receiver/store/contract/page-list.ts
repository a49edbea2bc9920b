/** The page's list: filters, order, cursors, search, facets and chart. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isEverything, type PageFilter } from '../../../../../src/receiver/store/contract/page.js';
import { InvalidCursor, type Store } from '../../../../../src/receiver/store/contract.js';
import { SORTABLE } from '../../../../../src/viewer/data/filters.js';
import { fill, idsOf, listQuery, pageFilter, type StoreHarness, us, write } from './harness.js';

const FILTERS: [string, Partial<PageFilter>, string[]][] = [
  ['nothing', {}, ['t4', 't3', 't2', 't1']],
  ['times', { fromUs: us(10_000), toUs: us(30_000) }, ['t3', 't2']],
  ['names', { values: { name: ['chat'] } }, ['t2', 't1']],
  ['several values', { values: { name: ['chat', 'batch'], user: ['ada'] } }, ['t3', 't1']],
  ['tags', { values: { tag: ['b'] } }, ['t2', 't1']],
  ['sessions', { values: { session: ['s2'] } }, ['t3']],
  ['environments', { values: { environment: ['default'] } }, ['t4', 't3', 't2']],
  ['releases', { values: { release: ['r1'] } }, ['t1']],
  ['versions', { values: { version: ['v1'] } }, ['t1']],
  ['failures', { values: { level: ['ERROR'] } }, ['t1']],
  ['levels', { values: { level: ['ERROR', 'WARNING'] } }, ['t2', 't1']],
  ['types', { values: { type: ['GENERATION'] } }, ['t2', 't1']],
  ['models', { values: { model: ['model-y'] } }, ['t2']],
  ['tools', { values: { tool: ['search'] } }, ['t1']],
  ['failed tools', { values: { failedTool: ['search'] } }, ['t1']],
  ['durations', { ranges: { duration: { min: 2, max: null } } }, ['t2', 't1']],
  ['tokens', { ranges: { tokens: { min: null, max: 15 } } }, ['t1']],
  ['cost', { ranges: { cost: { min: 0.75, max: 2 } } }, ['t2', 't1']],
  ['scores', { scores: [{ name: 'reward', operator: null }] }, ['t2', 't1']],
  ['a number of scores', { scores: [{ name: 'reward', operator: '>', value: 1 }] }, ['t2']],
  ['a text of scores', { scores: [{ name: 'tone', operator: '=', value: 'KIND' }] }, ['t2']],
  ['a boolean score', { scores: [{ name: 'good', operator: '=', value: '1' }] }, ['t1']],
  ['a boolean score by its word', { scores: [{ name: 'good', operator: '=', value: 'true' }] }, ['t1']],
  ['unscored ones', { unscored: ['reward'] }, ['t4', 't3']],
  ['scored ones', { isScored: true }, ['t2', 't1']],
  ['not scored ones', { isScored: false }, ['t4', 't3']],
  ['feedback', { hasFeedback: true }, ['t3']],
  ['no feedback', { hasFeedback: false }, ['t4', 't2', 't1']],
  ['status', { status: 'BOOM 1' }, ['t1']],
  ['a sign of patterns', { status: '%' }, []],
  ['metadata', { metadata: [{ key: 'k', value: 'x' }] }, ['t1']],
  ['numbers of metadata', { metadata: [{ key: 'n', value: '5' }] }, ['t1']],
  ['metadata as JSON', { metadata: [{ key: 'o', value: '{"a":[1]}' }] }, ['t1']],
  ['metadata of observations', { metadata: [{ key: 'step', value: 'one' }] }, ['t1']],
  ['ids', { ids: ['t2', 't4', 'never'] }, ['t4', 't2']],
  ['a part of an input', { search: 'water go' }, ['t1']],
  ['a part of a word, in any case', { search: 'EEDL' }, ['t2']],
  ['signs', { search: '100% of_it' }, ['t2']],
  ['an id of an observation', { search: 'lookup' }, ['t1']],
  ['an id of a trace', { search: 't3' }, ['t3']],
  ['a name', { search: 'batch' }, ['t3']],
  ['what is nowhere', { search: 'nowhere at all' }, []],
  ['all of them', { search: 'input', values: { user: ['ada'] }, isScored: false }, ['t3']],
];

export function describePageList(harness: StoreHarness): void {
  describe('the list of the page', () => {
    let store: Store;
    beforeAll(async () => {
      store = await harness.open();
      await fill(store);
      await store.comments.insert({
        ...{ id: 'c', objectType: 'TRACE', objectId: 't3', traceId: 't3', content: 'good' },
        ...{ authorUserId: null, createdUs: us(1), updatedUs: us(1) },
      });
    });
    afterAll(() => store.close());

    it.each(FILTERS)('filters by %s', async (_name, asked, expected) => {
      const page = await store.list.page(listQuery(asked));
      expect(idsOf(page.traces)).toEqual(expected);
      expect(page).toMatchObject({ total: expected.length, stored: 4, next: null, searchedFromUs: null });
      expect(await store.list.passing(pageFilter(asked), ['t1', 't2', 't3', 't4', 'never'])).toEqual(
        new Set(expected),
      );
      expect(isEverything(pageFilter(asked))).toBe(Object.keys(asked).length === 0);
    });

    it('shows what a row needs', async () => {
      const { traces } = await store.list.page(listQuery({ ids: ['t1', 't3', 't4'] }));
      const [t4, t3, t1] = traces;
      expect(t1).toMatchObject({
        ...{ id: 't1', name: 'chat', userId: 'ada', sessionId: 's1', environment: 'prod', tags: ['a', 'b'] },
        ...{ timestampUs: us(0), latencyUs: 2_000_000, totalTokens: 15, totalCost: 0.75, errorCount: 1 },
        input: { head: 'What is a tailrace?', tail: 'What is a tailrace?', bytes: 19 },
      });
      expect(t3?.output).toEqual({ head: 'its output', tail: 'its output', bytes: 10 });
      expect(t4).toMatchObject({ name: null, latencyUs: null, input: null, output: null, scores: [] });
    });

    it.each([...SORTABLE, { score: 'reward' }])(
      'goes on from a cursor, by %o in both directions',
      async (by) => {
        for (const isDescending of [true, false]) {
          const order = { by, isDescending };
          const whole = idsOf((await store.list.page({ ...listQuery({}), order })).traces);
          expect([...whole].sort()).toEqual(['t1', 't2', 't3', 't4']);
          const paged: string[] = [];
          let cursor: string | null = null;
          do {
            const page = await store.list.page({ ...listQuery({}, 1), order, cursor });
            paged.push(...idsOf(page.traces));
            if (cursor !== null) expect(page.total).toBeNull();
            cursor = page.next;
          } while (cursor !== null);
          expect(paged).toEqual(whole);
        }
      },
    );

    it('has unknown values last in both directions', async () => {
      const sorted = async (isDescending: boolean) => {
        const order = { by: 'tokens', isDescending } as const;
        return idsOf((await store.list.page({ ...listQuery({}), order })).traces);
      };
      expect((await sorted(true)).slice(0, 2)).toEqual(['t2', 't1']);
      expect((await sorted(false)).slice(0, 2)).toEqual(['t1', 't2']);
    });

    it('refuses a cursor that it has not made', async () => {
      for (const cursor of ['x', Buffer.from('{}').toString('base64url')]) {
        await expect(store.list.page({ ...listQuery({}), cursor })).rejects.toBeInstanceOf(
          harness.errors?.InvalidCursor ?? InvalidCursor,
        );
      }
    });

    it('counts the values of each filter among what the others leave', async () => {
      const facets = await store.list.facets(pageFilter({ values: { user: ['ada'] } }));
      expect(facets.values.name).toEqual([
        { value: 'batch', count: 1 },
        { value: 'chat', count: 1 },
      ]);
      // Its own values do not count against it.
      expect(facets.values.user).toEqual([
        { value: 'ada', count: 2 },
        { value: 'bob', count: 1 },
      ]);
      expect(facets.values.tag).toContainEqual({ value: 'b', count: 1 });
      expect(facets.values.model).toEqual([{ value: 'model-x', count: 1 }]);
      expect(facets.values.failedTool).toEqual([{ value: 'search', count: 1 }]);
      expect(facets.values.environment).toContainEqual({ value: 'prod', count: 1 });
    });

    it('counts scores by name, with bounds of numbers and the commonest values', async () => {
      const { scores } = await store.list.facets(pageFilter({}));
      expect(scores.find(({ name }) => name === 'reward')).toMatchObject({ count: 2, min: 0.5, max: 1.5 });
      expect(scores.find(({ name }) => name === 'tone')?.values).toEqual([{ value: 'kind', count: 1 }]);
      const searched = await store.list.facets(pageFilter({ search: 'needle' }));
      expect(searched.scores.map(({ name }) => name).sort()).toEqual(['reward', 'tone']);
    });

    it('draws the chart of what passes', async () => {
      const lengthFor = (rangeUs: number) => (rangeUs === 30_000_000 ? 10_000_000 : 1_000_000);
      const series = await store.list.series(pageFilter({}), lengthFor);
      expect(series.bucketUs).toBe(10_000_000);
      expect(series.buckets[0]).toEqual({
        ...{ startUs: us(0), count: 1, errors: 1, p50Us: 2_000_000, p95Us: 2_000_000, cost: 0.75 },
      });
      expect(series.buckets.map(({ count }) => count)).toEqual([1, 1, 1, 1]);
      expect(await store.list.times()).toEqual({ firstUs: us(0), lastUs: us(30_000) });
    });

    it('finds what has arrived a moment before', async () => {
      await write(store, ['trace-create', { id: 'fresh', name: 'just arrived', input: 'quite unheard of' }]);
      expect(idsOf((await store.list.page(listQuery({ search: 'unheard' }))).traces)).toEqual(['fresh']);
      await store.remove({ traceIds: ['fresh'] });
      expect(idsOf((await store.list.page(listQuery({ search: 'just arriv' }))).traces)).toEqual([]);
    });
  });
}
