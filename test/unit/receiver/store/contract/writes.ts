/** Writes: how changes of one id are merged, what a deletion takes along, and what stays after a clear. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../../../src/receiver/store/contract.js';
import { baseMs, ingestionEvent, traceA } from '../../helpers.js';
import { at, changesOf, fill, idsOf, listQuery, type StoreHarness, spans, us, write } from './harness.js';

export function describeWrites(harness: StoreHarness): void {
  describe('writes', () => {
    let store: Store;
    beforeEach(async () => {
      store = await harness.open();
    });
    afterEach(() => store.close());

    it('merge classic events by their times, in whatever order they come', async () => {
      const create = ingestionEvent(
        'span-create',
        { id: 'o', traceId: 't', name: 'first', input: 'in', startTime: at(0) },
        baseMs,
      );
      const update = ingestionEvent(
        'span-update',
        { id: 'o', traceId: 't', name: 'last', output: 'out', endTime: at(500) },
        baseMs + 10,
      );
      for (const order of [[create, update], [update, create], [update], [create]]) {
        await store.write(changesOf(...order));
        expect(await store.observations.findOfTrace('t', 'o')).toMatchObject({
          ...{ name: 'last', output: 'out' },
          ...(order.includes(create) && { input: 'in' }),
        });
      }
      expect(await store.traces.find('t')).toMatchObject({ observationCount: 1, latencyUs: 500_000 });
    });

    it('merge the fields, the metadata and the tags of a trace', async () => {
      const event = (body: object, ms: number) => ingestionEvent('trace-create', { id: 't', ...body }, ms);
      await store.write(
        changesOf(event({ name: 'old', userId: 'ada', tags: ['a'], metadata: { x: 1, y: 1 } }, baseMs)),
      );
      await store.write(changesOf(event({ name: 'new', tags: ['b', 'a'], metadata: { y: 2 } }, baseMs + 10)));
      const trace = await store.traces.find('t');
      expect(trace).toMatchObject({ name: 'new', userId: 'ada', tags: ['a', 'b'] });
      expect(JSON.parse(String(trace?.metadata))).toEqual({ x: 1, y: 2 });
    });

    it('replace a span that is sent again, and keep the trace that other spans gave', async () => {
      const attributes = { 'langfuse.trace.name': 'named', 'user.id': 'ada' };
      await store.write(spans({ spanId: '00000000000000a1', name: 'root', attributes }));
      await store.write(
        spans(
          { spanId: '00000000000000a2', parentSpanId: '00000000000000a1', name: 'child', error: 'broken' },
          { spanId: '00000000000000a1', name: 'again', attributes, endMs: 3000 },
        ),
      );
      expect(await store.traces.find(traceA)).toMatchObject({
        ...{ name: 'named', userId: 'ada', observationCount: 2, errorCount: 1, latencyUs: 3_000_000 },
      });
      expect(await store.observations.findOfTrace(traceA, '00000000000000a1')).toMatchObject({
        ...{ name: 'again', parentId: null, endUs: us(3000) },
      });
      expect(await store.observations.findOfTrace(traceA, '00000000000000a2')).toMatchObject({
        ...{ level: 'ERROR', statusMessage: 'broken', parentId: '00000000000000a1' },
      });
    });

    it('roll up what the observations and scores of a trace sum up to', async () => {
      await fill(store);
      expect(await store.tracePage.row('t1')).toMatchObject({
        ...{ timestampUs: us(0), latencyUs: 2_000_000, observationCount: 3, errorCount: 1 },
        ...{ totalTokens: 15, totalCost: 0.75, hasEstimatedTokens: false, hasEstimatedCost: false },
      });
      const scores = (await store.tracePage.row('t1'))?.scores ?? [];
      expect(scores.sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
        { name: 'better', count: 1, mean: null, last: 'A ditch.' },
        { name: 'good', count: 1, mean: 1, last: 'True' },
        { name: 'reward', count: 1, mean: 0.5, last: null },
      ]);
      // Corrected figures take the place of earlier ones.
      await write(store, ['generation-update', { id: 'ask', traceId: 't1', usageDetails: { input: 1 } }]);
      expect(await store.traces.find('t4')).toMatchObject({
        latencyUs: null,
        totalTokens: null,
        totalCost: null,
      });
    });

    it('find the trace of an update that does not name it', async () => {
      await write(store, ['span-create', { id: 'o', traceId: 't' }]);
      await write(store, ['span-update', { id: 'o', output: 'done' }]);
      expect(await store.observations.find('o')).toMatchObject({ traceId: 't', output: 'done' });
      expect(await store.counts()).toMatchObject({ traces: 1, observations: 1 });
    });

    it('keep equal ids of observations of two traces apart', async () => {
      await write(
        store,
        ['span-create', { id: 'o', traceId: 't', name: 'one' }],
        ['span-create', { id: 'o', traceId: 'u', name: 'other' }],
      );
      expect((await store.observations.findOfTrace('u', 'o'))?.name).toBe('other');
      expect((await store.observations.findOfTrace('t', 'o'))?.name).toBe('one');
      expect(await store.counts()).toMatchObject({ traces: 2, observations: 2 });
    });

    it('keep each character of names and payloads', async () => {
      const text = `emoji 🚀, quotes ' " \`, \\n and ; DROP TABLE traces; -- \u2028`;
      const long = `${text} ${'ü'.repeat(5000)}`;
      await write(store, ['trace-create', { id: text, name: text, input: long, output: { deep: [text] } }]);
      const trace = await store.traces.find(text);
      expect(trace).toMatchObject({ id: text, name: text, input: long });
      expect(JSON.parse(String(trace?.output))).toEqual({ deep: [text] });
      expect(await store.traces.known([text, 'another'])).toEqual(new Set([text]));
    });

    it('replace a score of the same id, which may move to another trace', async () => {
      await write(store, ['trace-create', { id: 't' }], ['trace-create', { id: 'u' }]);
      await write(store, ['score-create', { id: 's', traceId: 't', name: 'n', value: 1 }]);
      await write(store, ['score-create', { id: 's', traceId: 'u', name: 'n', value: 2 }]);
      expect((await store.tracePage.row('t'))?.scores).toEqual([]);
      expect((await store.tracePage.row('u'))?.scores).toEqual([
        { name: 'n', count: 1, mean: 2, last: null },
      ]);
      expect(await store.scores.find('s')).toMatchObject({ traceId: 'u', value: 2, source: 'API' });
    });

    it('of times that an import restores give the rows those', async () => {
      const changes = changesOf(ingestionEvent('trace-create', { id: 't', name: 'n' }));
      changes.restored = {
        traces: [{ id: 't', createdUs: 1000, updatedUs: 2000 }],
        ...{ observations: [], scores: [] },
      };
      await store.write(changes);
      expect(await store.traces.find('t')).toMatchObject({ createdUs: 1000, updatedUs: 2000 });
    });
  });

  describe('a deletion', () => {
    let store: Store;
    beforeEach(async () => {
      store = await harness.open();
      await fill(store);
    });
    afterEach(() => store.close());

    it('takes a trace with all that belongs to it', async () => {
      await store.remove({ traceIds: ['t1', 'never'] });
      expect(await store.traces.known(['t1', 't2', 't3', 't4'])).toEqual(new Set(['t2', 't3', 't4']));
      expect(await store.observations.find('ask')).toBeUndefined();
      expect(await store.scores.find('sc1')).toBeUndefined();
      expect(await store.scores.find('sc3')).toMatchObject({ id: 'sc3' });
      expect(await store.counts()).toMatchObject({ traces: 3, observations: 2, scores: 3 });
      const list = await store.list.page(listQuery({ search: 'water' }));
      expect(list).toMatchObject({ traces: [], total: 0, stored: 3 });
    });

    it('takes single scores, and the sums follow', async () => {
      await store.remove({ scoreIds: ['sc1', 'sc5'] });
      expect(idsOf((await store.scores.ofTraces(['t1'])).get('t1') ?? [])).toEqual(['sc2', 'sc6']);
      expect((await store.tracePage.row('t1'))?.scores.map(({ name }) => name)).not.toContain('reward');
    });

    it('lets a trace of the same id begin anew', async () => {
      await store.remove({ traceIds: ['t1'] });
      await write(store, ['span-create', { id: 'x', traceId: 't1' }]);
      expect(await store.traces.find('t1')).toMatchObject({ name: null, userId: null, observationCount: 1 });
    });

    it('of all leaves what comes later', async () => {
      const cleared = store.clear();
      await cleared;
      await write(store, ['trace-create', { id: 'new', input: 'fresh water' }]);
      await store.searchable();
      expect(await store.counts()).toMatchObject({ traces: 1, observations: 0, scores: 0 });
      expect(await store.complaints.all()).toEqual([]);
      expect(idsOf((await store.list.page(listQuery({ search: 'water' }))).traces)).toEqual(['new']);
    });
  });
}
