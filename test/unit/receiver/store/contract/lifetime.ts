/** From the opening to the close: counts, bounds, many writers, a close in the middle, and what is there after it. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Changes } from '../../../../../src/receiver/store/changes.js';
import { NO_FILTER } from '../../../../../src/receiver/store/contract/page.js';
import { AnswerTooLarge, MAX_ANSWER_BYTES, type Store } from '../../../../../src/receiver/store/contract.js';
import { ingestionEvent } from '../../helpers.js';
import { all, changesOf, fill, type StoreHarness, write } from './harness.js';

const PAGE = { page: 1, limit: 100 };
const MEBIBYTE = 1024 * 1024;

export function describeLifetime(harness: StoreHarness): void {
  describe('a store', () => {
    let store: Store;
    let committed: Changes[];
    let warnings: string[];
    beforeEach(async () => {
      committed = [];
      warnings = [];
      store = await harness.open({
        onCommit: (changes) => committed.push(...changes),
        onWarning: (message) => warnings.push(message),
      });
    });
    afterEach(() => store.close());

    it('answers, is empty at first, and counts what it has', async () => {
      await store.ping();
      expect(await store.counts()).toEqual({
        ...{ traces: 0, observations: 0, observationsByType: {}, scores: 0, scoreMeans: {} },
      });
      expect(await store.list.times()).toBeNull();
      expect(await store.traces.last(false)).toBeUndefined();
      await fill(store);
      expect(await store.counts()).toEqual({
        ...{ traces: 4, observations: 5, observationsByType: { span: 2, generation: 2, tool: 1 } },
        ...{ scores: 6, scoreMeans: { reward: 1, good: 1, overall: 0.25 } },
      });
      expect(await store.usage()).toMatchObject({
        ...{ generations: 2, tokens: { sum: 135, estimated: 0, unknown: 0 }, cost: { sum: 2.75 } },
      });
      const { usedBytes, maxBytes, evictedTraces } = await store.size();
      expect(usedBytes).toBeGreaterThan(0);
      expect([maxBytes, evictedTraces]).toEqual([undefined, 0]);
      await store.evicted();
    });

    it('tells what it has stored, and knows errors of others from its own', async () => {
      const changes = changesOf(ingestionEvent('trace-create', { id: 't' }));
      await store.write(changes);
      expect(committed).toEqual([changes]);
      expect(store.problemOf(new Error('of another'))).toBeUndefined();
    });

    it('estimates what clients did not give, and says so', async () => {
      const generation = { id: 'g', traceId: 't', model: 'gpt-4o', input: 'How much?', output: 'A little.' };
      await write(store, ['generation-create', generation]);
      await store.estimated();
      expect((await store.observations.find('g'))?.totalTokens).toBeNull();
      expect(await store.traces.find('t')).toMatchObject({
        hasEstimatedTokens: true,
        hasEstimatedCost: true,
      });
      const { tokens, tokenizers } = await store.usage();
      expect(tokens).toMatchObject({ estimated: 1, unknown: 0 });
      expect(tokenizers).toHaveLength(1);
    });

    it('takes many writes at a time, and reads beside them', async () => {
      const ids = Array.from({ length: 200 }, (_, index) => `t${index}`);
      const writes = ids.map((id, index) =>
        write(
          store,
          ['span-create', { id: `o${index}`, traceId: id }],
          ['trace-create', { id, name: `n${index % 7}` }],
        ),
      );
      const reads = ids.slice(0, 20).map((id) => store.traces.find(id));
      await Promise.all([...writes, ...reads]);
      expect(await store.counts()).toMatchObject({ traces: 200, observations: 200 });
      const names = (await store.list.facets(NO_FILTER)).values.name;
      expect(names.reduce((sum, { count }) => sum + count, 0)).toBe(200);
    });

    it('merges writes of one trace that come at a time', async () => {
      const generations = Array.from({ length: 50 }, (_, index) =>
        write(store, [
          'span-create',
          { id: `o${index}`, traceId: 't', level: index % 5 === 0 ? 'ERROR' : 'DEFAULT' },
        ]),
      );
      await Promise.all(generations);
      expect(await store.traces.find('t')).toMatchObject({ observationCount: 50, errorCount: 10 });
    });

    it('refuses an answer that is too large before it reads it', async () => {
      const payload = 'x'.repeat(8 * MEBIBYTE);
      const count = MAX_ANSWER_BYTES / payload.length + 1;
      for (let index = 0; index < count; index += 1) {
        await write(store, ['span-create', { id: `o${index}`, traceId: 't', output: `${index} ${payload}` }]);
      }
      const tooLarge = harness.errors?.AnswerTooLarge ?? AnswerTooLarge;
      await expect(store.observations.page([], PAGE)).rejects.toBeInstanceOf(tooLarge);
      await expect(store.observations.next([], null, 100)).rejects.toBeInstanceOf(tooLarge);
      await expect(all(store.observations.ofTrace('t'))).rejects.toBeInstanceOf(tooLarge);
      expect((await store.observations.page([], { page: 1, limit: 2 })).totalItems).toBe(count);
      // An export hands them over some at a time.
      expect(await all(store.export.observations('t'))).toHaveLength(count);
    });

    it('stores what was handed in before its close, and nothing after it', async () => {
      const writes = Array.from({ length: 20 }, (_, index) =>
        write(store, ['trace-create', { id: `t${index}` }]),
      );
      const closed = store.close();
      await expect(Promise.all(writes)).resolves.toBeDefined();
      await closed;
      await expect(write(store, ['trace-create', { id: 'late' }])).rejects.toThrow('closed');
      await store.close();
      if (harness.reopen === undefined) return;
      store = await harness.reopen();
      expect(await store.counts()).toMatchObject({ traces: 20 });
      expect(await store.traces.find('t19')).toMatchObject({ id: 't19' });
    });

    it('finds what it had after a new start', async () => {
      if (harness.reopen === undefined) return;
      await fill(store);
      await store.close();
      store = await harness.reopen();
      await store.searchable();
      expect((await store.traces.find('t1'))?.input).toBe('What is a tailrace?');
      expect((await store.tracePage.row('t1'))?.scores).toHaveLength(3);
    });
  });

  describe.runIf(harness.evicts)('a bound of the size', () => {
    it('is kept: the oldest traces go, and are counted', async () => {
      const warnings: string[] = [];
      const maxBytes = 8 * MEBIBYTE;
      const store = await harness.open({ maxBytes, onWarning: (message) => warnings.push(message) });
      try {
        for (let index = 0; index < 60; index += 1) {
          const noise = Buffer.from(Array.from({ length: 200_000 }, () => Math.random() * 256)).toString(
            'base64',
          );
          await write(store, ['trace-create', { id: `t${index}`, input: noise }]);
        }
        await store.evicted();
        const { usedBytes, evictedTraces } = await store.size();
        expect(usedBytes).toBeLessThanOrEqual(maxBytes);
        expect(evictedTraces).toBeGreaterThan(0);
        expect((await store.counts()).traces).toBe(60 - evictedTraces);
        expect(await store.traces.known(['t0', 't59'])).toEqual(new Set(['t59']));
        expect(warnings).toHaveLength(1);
      } finally {
        await store.close();
      }
    });
  });
}
