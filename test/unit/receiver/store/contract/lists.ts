/** Lists of the public API: pages, positions, single rows, sessions, scores and comments. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommentRow } from '../../../../../src/receiver/store/comment-rows.js';
import { TRACE_ORDER_COLUMNS } from '../../../../../src/receiver/store/contract/conditions.js';
import type { Store } from '../../../../../src/receiver/store/contract.js';
import { all, fill, idsOf, type StoreHarness, us, write } from './harness.js';

const ALL = { page: 1, limit: 100 };

export function describeLists(harness: StoreHarness): void {
  describe('lists', () => {
    let store: Store;
    beforeAll(async () => {
      store = await harness.open();
      await fill(store);
    });
    afterAll(() => store.close());

    it('answer with traces, with input and output of the root where a trace has none', async () => {
      expect(await store.traces.find('t1')).toMatchObject({
        ...{ id: 't1', timestampUs: us(0), name: 'chat', userId: 'ada', sessionId: 's1', isPublic: true },
        ...{ tags: ['a', 'b'], release: 'r1', version: 'v1', environment: 'prod' },
        ...{ input: 'What is a tailrace?', output: 'A channel behind a mill.' },
      });
      expect(await store.traces.find('t3')).toMatchObject({
        ...{ input: 'the input of the root', output: 'its output', isPublic: false, environment: 'default' },
      });
      expect(await store.traces.find('t4')).toMatchObject({
        name: null,
        tags: null,
        metadata: null,
        input: null,
      });
      expect(await store.traces.find('never')).toBeUndefined();
    });

    it.each(TRACE_ORDER_COLUMNS)('sort traces by %s in both directions, page by page', async (column) => {
      for (const isDescending of [false, true]) {
        const order = { column, isDescending };
        const whole = await store.traces.page([], order, ALL);
        expect(whole.totalItems).toBe(4);
        const second = await store.traces.page([], order, { page: 2, limit: 3 });
        expect(idsOf(second.rows)).toEqual(idsOf(whole.rows).slice(3));
        expect(second.totalItems).toBe(4);
      }
    });

    it('have the latest traces first, or the first', async () => {
      const inOrder = async (isDescending: boolean) =>
        idsOf((await store.traces.page([], { column: 'timestamp', isDescending }, ALL)).rows);
      expect(await inOrder(true)).toEqual(['t4', 't3', 't2', 't1']);
      expect(await inOrder(false)).toEqual(['t1', 't2', 't3', 't4']);
    });

    it('find traces by session, beginning of the id, time and failure', async () => {
      expect(idsOf(await store.traces.ofSession('s1'))).toEqual(['t1', 't2']);
      expect(await store.traces.withPrefix('t', 3)).toEqual(['t1', 't2', 't3']);
      expect(await store.traces.withPrefix('t3', 3)).toEqual(['t3']);
      expect([await store.traces.last(false), await store.traces.last(true)]).toEqual(['t4', 't1']);
      expect(await store.traces.isAnyBetween(us(9_000), us(10_000))).toBe(true);
      expect(await store.traces.isAnyBetween(us(10_001), us(19_999))).toBe(false);
      expect(await store.traces.environmentOf('t1')).toBe('prod');
      expect(await store.traces.environmentOf('t2')).toBe('default');
      expect(await store.traces.environmentOf('never')).toBeUndefined();
    });

    it('answer with observations as they were given', async () => {
      const found = await store.observations.find('ask');
      expect(found).toMatchObject({
        ...{ id: 'ask', traceId: 't1', parentId: 'root', type: 'GENERATION', level: null, name: 'answer' },
        ...{ startUs: us(100), completionStartUs: us(200), endUs: us(1100), model: 'model-x', version: 'v9' },
        ...{ totalTokens: 15, totalCost: 0.75, promptName: 'greeting', promptVersion: 3 },
        output: 'Into the river.',
      });
      expect(JSON.parse(String(found?.usageDetails))).toMatchObject({ input: 10, output: 5 });
      expect(JSON.parse(String(found?.input))).toEqual([
        { role: 'user', content: 'Where does the water go?' },
      ]);
      expect(await store.observations.has('t1', 'ask')).toBe(true);
      expect(await store.observations.has('t2', 'ask')).toBe(false);
      expect(await store.observations.findOfTrace('t2', 'ask')).toBeUndefined();
    });

    it('page observations from the latest on, and go on from a position', async () => {
      const page = await store.observations.page([], ALL);
      expect(idsOf(page.rows)).toEqual(['step', 'ask2', 'lookup', 'ask', 'root']);
      expect(page.totalItems).toBe(5);
      const first = await store.observations.next([], null, 2);
      expect(idsOf(first)).toEqual(['step', 'ask2']);
      const { startUs, traceId, id } = first[1] as (typeof first)[number];
      const rest = await store.observations.next([], { us: startUs ?? 0, traceId, id }, 10);
      expect(idsOf(rest)).toEqual(['lookup', 'ask', 'root']);
      expect(rest.at(-1)).toMatchObject({
        ...{ isRoot: true, traceName: 'chat', traceUserId: 'ada', traceSessionId: 's1', traceRelease: 'r1' },
        ...{ traceTags: ['a', 'b'], traceIsPublic: true },
      });
      expect(rest[0]?.isRoot).toBe(false);
    });

    it('stream the observations of a trace by their start', async () => {
      expect(idsOf(await all(store.observations.ofTrace('t1')))).toEqual(['root', 'ask', 'lookup']);
      expect(await all(store.observations.ofTrace('never'))).toEqual([]);
      const ids = await store.observations.idsOfTraces(['t1', 't2', 't4']);
      expect([...(ids.get('t1') ?? [])].sort()).toEqual(['ask', 'lookup', 'root']);
      expect(ids.get('t4') ?? []).toEqual([]);
    });

    it('make sessions of the ids of traces', async () => {
      const any = { fromUs: null, toUs: null, environments: [] };
      const page = await store.sessions.page(any, ALL);
      expect(idsOf(page.rows).sort()).toEqual(['s1', 's2']);
      expect(page.totalItems).toBe(2);
      expect(await store.sessions.find('s1')).toMatchObject({ id: 's1', environment: 'prod' });
      expect(await store.sessions.find('s3')).toBeUndefined();
      const prod = await store.sessions.page({ ...any, environments: ['prod'] }, ALL);
      expect(idsOf(prod.rows)).toEqual(['s1']);
      expect((await store.sessions.page({ ...any, fromUs: Date.now() * 2000 }, ALL)).rows).toEqual([]);
    });

    it('page scores with their traces, and go on from a position', async () => {
      const page = await store.scores.page([], { page: 1, limit: 4 });
      expect(idsOf(page.rows)).toEqual(['sc6', 'sc5', 'sc4', 'sc3']);
      expect(page.totalItems).toBe(6);
      expect(page.rows[2]).toMatchObject({ traceUserId: 'bob', traceSessionId: 's1', traceTags: ['b'] });
      expect(page.rows[1]).toMatchObject({ traceId: null, sessionId: 's1', traceUserId: null });
      const rest = await store.scores.next([], { us: us(3000), id: 'sc4' }, 10);
      expect(idsOf(rest)).toEqual(['sc3', 'sc2', 'sc1']);
      expect(rest[0]).toMatchObject({ stringValue: 'kind', dataType: 'CATEGORICAL', comment: 'by hand' });
      expect(idsOf(await store.scores.ofSession('s1', 5))).toEqual(['sc5']);
      expect(idsOf((await store.scores.ofTraces(['t1', 't2'])).get('t1') ?? [])).toEqual([
        'sc1',
        'sc2',
        'sc6',
      ]);
    });

    it('know the names of scores in use, and which ones people gave', async () => {
      const names = await store.scores.names();
      expect(names[0]).toEqual({ name: 'reward', dataType: 'NUMERIC', values: [] });
      expect(names).toContainEqual({ name: 'tone', dataType: 'CATEGORICAL', values: ['kind'] });
      expect(names.map(({ name }) => name)).not.toContain('better');
      expect(await store.scores.isAnnotation('t1', 'sc1')).toBe(false);
      const key = { traceId: 't4', observationId: null, name: 'thumb', dataType: 'NUMERIC' } as const;
      expect(await store.scores.findAnnotation(key)).toBeUndefined();
      const sc1 = await store.scores.find('sc1');
      const given = { ...sc1, id: 'mine', traceId: 't4', name: 'thumb', source: 'ANNOTATION' } as const;
      await store.write({ traces: [], observations: [], findings: [], scores: [given as never] });
      expect(await store.scores.isAnnotation('t4', 'mine')).toBe(true);
      expect(await store.scores.findAnnotation(key)).toBe('mine');
      await store.remove({ scoreIds: ['mine'] });
    });
  });

  describe('comments', () => {
    let store: Store;
    beforeAll(async () => {
      store = await harness.open();
      await fill(store);
    });
    afterAll(() => store.close());

    const comment = (id: string, more: Partial<CommentRow> = {}): CommentRow => ({
      ...{ id, objectType: 'TRACE', objectId: 't1', traceId: 't1', content: `about ${id}` },
      ...{ authorUserId: null, createdUs: us(1), updatedUs: us(1), ...more },
    });

    it('are listed, changed, removed, and go with their trace', async () => {
      const onSession = { objectType: 'SESSION', objectId: 's2', traceId: null } as const;
      await store.comments.insert(comment('c1', { authorUserId: 'ada' }));
      await store.comments.insert(
        comment('c2', { objectType: 'OBSERVATION', objectId: 'ask', createdUs: us(2) }),
      );
      await store.comments.insert(comment('c3', { ...onSession, createdUs: us(3) }));
      const any = { objectType: null, objectId: null, authorUserId: null };
      expect(idsOf((await store.comments.page(any, ALL)).rows)).toEqual(['c1', 'c2', 'c3']);
      expect(await store.comments.page({ ...any, authorUserId: 'ada' }, ALL)).toEqual({
        ...{ rows: [comment('c1', { authorUserId: 'ada' })], totalItems: 1 },
      });
      const ofAsk = { ...any, objectType: 'OBSERVATION', objectId: 'ask' } as const;
      expect(idsOf((await store.comments.page(ofAsk, ALL)).rows)).toEqual(['c2']);
      expect(idsOf(await store.comments.ofTrace('t1', 10))).toEqual(['c1', 'c2']);
      expect(await store.comments.update('t1', 'c1', 'changed', us(9))).toBe(true);
      expect(await store.comments.update('t2', 'c1', 'not mine', us(9))).toBe(false);
      expect(await store.comments.find('c1')).toMatchObject({ content: 'changed', updatedUs: us(9) });
      expect(await store.comments.remove('t2', 'c2')).toBe(false);
      expect(await store.comments.remove('t1', 'c2')).toBe(true);
      expect(await store.comments.find('c2')).toBeUndefined();
      await store.remove({ traceIds: ['t3', 't1'] });
      expect((await store.comments.page(any, ALL)).totalItems).toBe(0);
    });

    it('know what they are on', async () => {
      expect(await store.comments.traceOf('TRACE', 't2')).toEqual({ traceId: 't2' });
      expect(await store.comments.traceOf('OBSERVATION', 'ask2')).toEqual({ traceId: 't2' });
      expect(await store.comments.traceOf('SESSION', 's1')).toEqual({ traceId: null });
      expect(await store.comments.traceOf('TRACE', 'never')).toBeUndefined();
    });

    it('of an import replace those of the same id, and need what they are on', async () => {
      const imported = comment('c9', { objectId: 't2', traceId: 't2' });
      expect(await store.comments.restore(imported)).toBe(true);
      expect(await store.comments.restore({ ...imported, content: 'newer' })).toBe(true);
      expect(await store.comments.ofTrace('t2', 10)).toEqual([{ ...imported, content: 'newer' }]);
      expect(await store.comments.restore(comment('c8', { objectId: 'never', traceId: 'never' }))).toBe(
        false,
      );
      await write(store, ['trace-create', { id: 't9' }]);
    });
  });
}
