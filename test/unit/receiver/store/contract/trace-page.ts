/** The page of a trace: its tree, payloads that are cut, parts of spans, search and digests. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../../../../src/receiver/store/contract.js';
import { fill, type StoreHarness, us, write } from './harness.js';

export function describeTracePage(harness: StoreHarness): void {
  describe('the page of a trace', () => {
    let store: Store;
    beforeAll(async () => {
      store = await harness.open();
      await fill(store);
    });
    afterAll(() => store.close());
    const limits = () => ({ maxMs: 60_000, signal: new AbortController().signal });

    it('has a row as in the list', async () => {
      expect(await store.tracePage.row('t1')).toMatchObject({ id: 't1', name: 'chat', observationCount: 3 });
      expect(await store.tracePage.row('never')).toBeUndefined();
    });

    it('has light rows of the observations, by their start', async () => {
      const rows = await store.tracePage.outline('t1', 100);
      const start = us(0);
      expect(rows.map(([id, parentId, type, level]) => [id, parentId, type, level])).toEqual([
        ['root', null, 'SPAN', null],
        ['ask', 'root', 'GENERATION', null],
        ['lookup', 'root', 'TOOL', 'ERROR'],
      ]);
      const [, ask, look] = rows;
      expect(ask?.slice(4, 6)).toEqual([start + 100_000, start + 1_100_000]);
      expect(ask?.slice(7)).toEqual([15, 0.75, 0, 'answer', 'model-x', null]);
      expect(look?.slice(7)).toEqual([null, null, 0, 'search', null, 'boom 17']);
      expect(await store.tracePage.outline('t1', 2)).toHaveLength(2);
    });

    it('cuts payloads by characters, and says how long they are', async () => {
      expect(await store.tracePage.payloads('t1', 6)).toMatchObject({
        ...{ input: { text: 'What i', length: 19 }, output: { text: 'A chan', length: 24 } },
      });
      expect((await store.tracePage.payloads('t3', 100))?.output).toEqual({ text: 'its output', length: 10 });
      expect(await store.tracePage.payloads('t4', 100)).toEqual({
        input: null,
        output: null,
        metadata: null,
      });
      expect(await store.tracePage.payloads('never', 100)).toBeUndefined();
      await write(store, ['span-create', { id: 'signs', traceId: 't4', output: '🚀🚀🚀ü' }]);
      const { output } = (await store.tracePage.observation('t4', 'signs', 2)) ?? {};
      expect(output).toEqual({ text: '🚀🚀', length: 4 });
      await store.remove({ traceIds: ['t4'] });
      await write(store, ['trace-create', { id: 't4' }]);
    });

    it('has the details of an observation', async () => {
      const details = await store.tracePage.observation('t1', 'ask', 1000);
      expect(details).toMatchObject({
        ...{
          startUs: us(100),
          completionStartUs: us(200),
          version: 'v9',
          promptName: 'greeting',
          promptVersion: 3,
        },
        ...{ output: { text: 'Into the river.', length: 15 }, statusMessage: null },
      });
      expect(JSON.parse(String(details?.costDetails))).toMatchObject({ input: 0.25, output: 0.5 });
      expect(await store.tracePage.observation('t2', 'ask', 1000)).toBeUndefined();
    });

    it('has what OpenTelemetry knows of a span', async () => {
      const metadata = { events: [{ name: 'e' }], scope: { name: 'lib' }, resourceAttributes: { a: 1 } };
      await write(store, ['span-create', { id: 'otel', traceId: 't9', metadata }]);
      const parts = await store.tracePage.spanParts('t9', 'otel');
      expect(JSON.parse(String(parts.events))).toEqual([{ name: 'e' }]);
      expect(JSON.parse(String(parts.scope))).toEqual({ name: 'lib' });
      expect(JSON.parse(String(parts.resource))).toEqual({ a: 1 });
      expect(parts.links).toBeNull();
      expect(await store.tracePage.spanParts('t1', 'never')).toEqual({
        ...{ events: null, links: null, scope: null, resource: null },
      });
    });

    it('finds a text in inputs, outputs and metadata', async () => {
      const found = async (text: string) => (await store.tracePage.search('t1', text, limits())).ids;
      expect(await found('THE WATER')).toEqual(['ask']);
      expect(await found('river')).toEqual(['ask']);
      expect(await found('one')).toEqual(['ask']);
      expect(await found('_')).toEqual([]);
      expect(await store.tracePage.search('t2', '100% of_', limits())).toEqual({
        ids: ['ask2'],
        isComplete: true,
      });
    });

    it('ends a search that nobody waits for', async () => {
      const gone = AbortSignal.abort();
      expect(await store.tracePage.search('t1', 'river', { maxMs: 60_000, signal: gone })).toMatchObject({
        isComplete: false,
      });
    });

    it('has equal digests of equal payloads', async () => {
      await write(
        store,
        ['span-create', { id: 'd1', traceId: 't8', input: 'same', output: 'one' }],
        ['span-create', { id: 'd2', traceId: 't8', input: 'same', output: 'other' }],
      );
      const digests = await store.tracePage.digests('t8', 60_000);
      const [first, second] = digests?.observations ?? [];
      expect([first?.id, second?.id]).toEqual(['d1', 'd2']);
      expect(first?.input).toBe(second?.input);
      expect(first?.output).not.toBe(second?.output);
      expect(digests?.isComplete).toBe(true);
      expect((await store.tracePage.digests('t4', 60_000))?.trace).toEqual({ input: null, output: null });
      expect(await store.tracePage.digests('never', 60_000)).toBeUndefined();
    });
  });
}
