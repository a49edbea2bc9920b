/** Exports, arrivals, complaints and media. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../../../../src/ingest/findings.js';
import { NO_FILTER } from '../../../../../src/receiver/store/contract/page.js';
import type { Store } from '../../../../../src/receiver/store/contract.js';
import { traceA } from '../../helpers.js';
import { all, at, fill, idsOf, pageFilter, type StoreHarness, spans, us, write } from './harness.js';

const PAGE = { page: 1, limit: 100 };

const finding = (more: Partial<Finding> = {}): Finding => ({
  ...{ code: 'level-unknown', traceId: 't1', observationId: 'ask', field: 'level' },
  message: 'level must be another one',
  ...more,
});

export function describeTransfer(harness: StoreHarness): void {
  describe('transfer', () => {
    let store: Store;
    beforeAll(async () => {
      store = await harness.open();
      await fill(store);
    });
    afterAll(() => store.close());

    it('exports traces in the order of their arrival, with how they were merged', async () => {
      const traces = await all(store.export.traces(NO_FILTER));
      expect(idsOf(traces)).toEqual(['t1', 't2', 't3', 't4']);
      expect(traces[0]).toMatchObject({
        name: 'chat',
        input: 'What is a tailrace?',
        tags: ['a', 'b'],
        isPublic: true,
      });
      expect(traces[0]?.state.times).toHaveProperty('name');
      expect(traces[2]).toMatchObject({ input: 'the input of the root', rootId: 'step' });
      expect(idsOf(await all(store.export.traces(pageFilter({ values: { user: ['ada'] } }))))).toEqual([
        't1',
        't3',
      ]);
      expect(idsOf(await all(store.export.traces(pageFilter({ search: 'needle' }))))).toEqual(['t2']);
    });

    it('exports what belongs to a trace, and scores of none', async () => {
      const observations = await all(store.export.observations('t1'));
      expect(idsOf(observations)).toEqual(['root', 'ask', 'lookup']);
      expect(JSON.parse(String(observations[1]?.orders))).toHaveProperty('columns');
      expect(observations[1]?.lost).toBeNull();
      expect(idsOf(await store.export.scores('t1'))).toEqual(['sc1', 'sc2', 'sc6']);
      expect(idsOf(await all(store.export.strayScores()))).toEqual(['sc5']);
      await store.comments.insert({
        ...{ id: 'c', objectType: 'SESSION', objectId: 's1', traceId: null, content: 'good' },
        ...{ authorUserId: null, createdUs: us(1), updatedUs: us(1) },
      });
      expect(await all(store.export.comments('t1'))).toEqual([]);
      expect(idsOf(await all(store.export.sessionComments('s1')))).toEqual(['c']);
    });

    it('exports many traces in parts, of which a reader may take some', async () => {
      const names = Array.from({ length: 250 }, (_, index) => `many-${index}`);
      await write(store, ...names.map((id) => ['trace-create', { id, name: 'many' }] as const));
      const filter = pageFilter({ values: { name: ['many'] } });
      expect((await all(store.export.traces(filter))).length).toBe(250);
      const taken: string[] = [];
      for await (const part of store.export.traces(filter)) {
        taken.push(...idsOf(part));
        if (taken.length > 0) break;
      }
      expect(taken[0]).toBe('many-0');
      await store.remove({ traceIds: names });
    });

    it('tells what has arrived after a position', async () => {
      const before = await store.arrivals.position();
      expect(await store.arrivals.after(before)).toMatchObject({
        traces: [],
        observations: [],
        isMore: false,
      });
      await write(
        store,
        ['trace-create', { id: 'n1', name: 'new', userId: 'eve' }],
        ['generation-create', { id: 'no', traceId: 'n1', name: 'g', startTime: at(5), output: 'out' }],
      );
      const arrived = await store.arrivals.after(before);
      expect(arrived.traces).toMatchObject([{ id: 'n1', name: 'new', userId: 'eve', errorCount: 0 }]);
      expect(arrived.observations).toMatchObject([
        {
          id: 'no',
          traceId: 'n1',
          type: 'GENERATION',
          level: 'DEFAULT',
          endUs: null,
          output: { head: 'out' },
        },
      ]);
      expect(await store.arrivals.after(arrived.next)).toMatchObject({ traces: [], observations: [] });
      const looked = await store.arrivals.observations([
        ['n1', 'no'],
        ['n1', 'never'],
        ['t1', 'lookup'],
      ]);
      expect(idsOf(looked)).toEqual(['no', 'lookup']);
      await store.remove({ traceIds: ['n1'] });
    });

    it('keeps each complaint once, and finds them', async () => {
      const stray = finding({ code: 'request-refused', traceId: null, observationId: null, field: '/path' });
      const findings = [finding(), finding(), finding({ field: 'other' }), stray];
      await store.write({ traces: [], observations: [], scores: [], findings });
      const any = { traceId: null, code: null, severity: null };
      expect((await store.complaints.page(any, PAGE)).totalItems).toBe(3);
      const ofCode = await store.complaints.page({ ...any, code: 'request-refused' }, PAGE);
      expect(ofCode.rows).toMatchObject([{ field: '/path', traceId: null }]);
      const ofTrace = await store.complaints.page({ ...any, traceId: 't1' }, { page: 2, limit: 1 });
      expect([ofTrace.rows.length, ofTrace.totalItems]).toEqual([1, 2]);
      expect(await store.complaints.ofTrace('t1', 1)).toMatchObject({
        complaints: [{ code: 'level-unknown' }],
        total: 2,
      });
      expect((await store.complaints.withoutTrace(10)).complaints).toMatchObject([
        { code: 'request-refused' },
      ]);
      expect(await store.complaints.countByTrace(['t1', 't2'])).toEqual(new Map([['t1', 2]]));
      expect(await store.complaints.all()).toHaveLength(3);
      expect(await store.complaints.beyond()).toBe(0);
      expect(await store.export.complaints('t1')).toContainEqual({
        ...{
          code: 'level-unknown',
          observationId: 'ask',
          field: 'other',
          message: 'level must be another one',
        },
      });
    });

    it('derives the fields in which two servers differ', async () => {
      const named = (name: string) => ({ 'langfuse.trace.name': name });
      // The later one by its time arrives first: Langfuse 3 shows its name, Langfuse 4 that of the other.
      await store.write(spans({ spanId: '00000000000000d1', startMs: 500, attributes: named('late') }));
      await store.write(spans({ spanId: '00000000000000d2', startMs: 0, attributes: named('early') }));
      expect((await store.traces.find(traceA))?.name).toBe('late');
      const asked = { traceId: traceA, code: null, severity: 'disagreement' };
      expect((await store.complaints.page(asked, PAGE)).rows).toMatchObject([
        { code: 'trace-views-differ', field: 'name' },
      ]);
      await store.remove({ traceIds: [traceA] });
      expect((await store.complaints.page(asked, PAGE)).rows).toEqual([]);
    });

    it('keeps media, and hands over what was uploaded', async () => {
      const medium = { id: 'm', contentType: 'image/png', contentLength: 3, sha256: 'hash' };
      expect(await store.media.announce(medium, 't1')).toEqual({
        ...medium,
        uploadedUs: null,
        hasContent: false,
      });
      const renamed = { ...medium, contentType: 'image/gif' };
      expect(await store.media.announce(renamed, 't2')).toMatchObject({ contentType: 'image/gif' });
      expect(await store.media.content('m')).toBeUndefined();
      expect(await store.export.media('t1')).toEqual([]);
      await store.media.storeContent('m', Buffer.from([1, 0, 255]));
      await store.media.markUploaded('m', us(7));
      expect(await store.media.announce(medium, 't1')).toMatchObject({
        contentType: 'image/gif',
        hasContent: true,
      });
      expect(Buffer.from((await store.media.content('m')) ?? [])).toEqual(Buffer.from([1, 0, 255]));
      expect(await store.export.media('t1')).toEqual([{ ...renamed, uploadedUs: us(7), hasContent: true }]);
      await store.remove({ traceIds: ['t1'] });
      expect(await store.media.find('m')).toMatchObject({ hasContent: true });
      await store.remove({ traceIds: ['t2'] });
      expect(await store.media.find('m')).toBeUndefined();
    });
  });
}
