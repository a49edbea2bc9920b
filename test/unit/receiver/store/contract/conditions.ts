/** Each type of condition, and each column, of the lists of traces, observations and scores. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Condition,
  OBSERVATION_COLUMNS_V2,
  type ObservationColumn,
  SCORE_COLUMNS,
  SCORE_TRACE_COLUMNS,
  type ScoreColumn,
  TRACE_COLUMNS,
  type TraceColumn,
  TYPES_OF_COLUMNS,
} from '../../../../../src/receiver/store/contract/conditions.js';
import type { Store } from '../../../../../src/receiver/store/contract.js';
import { OBSERVATIONS, SCORES, TRACES } from './condition-cases.js';
import { fill, idsOf, type StoreHarness, us } from './harness.js';

const PAGE = { page: 1, limit: 100 };
const ORDER = { column: 'timestamp', isDescending: false } as const;

/** A condition of each type that the column takes: that it is true is not the point, but that it can be asked. */
function probes<Column extends string>(
  column: Column,
  kind: keyof typeof TYPES_OF_COLUMNS,
): Condition<Column>[] {
  const of: Record<string, object> = {
    datetime: { operator: '>', value: us(0) },
    string: { operator: 'contains', value: 'a' },
    number: { operator: '>=', value: 0 },
    numberOptions: { operator: 'any of', value: [1] },
    stringOptions: { operator: 'none of', value: ['a'] },
    categoryOptions: { key: 'k', operator: 'any of', value: ['a'] },
    arrayOptions: { operator: 'any of', value: ['a'] },
    stringObject: { key: 'k', operator: 'starts with', value: 'a' },
    numberObject: { key: 'k', operator: '<', value: 1 },
    booleanObject: { key: 'k', operator: '=', value: true },
    boolean: { operator: '=', value: true },
    null: { operator: 'is not null' },
  };
  return TYPES_OF_COLUMNS[kind].map((type) => ({ column, type, ...of[type] }) as Condition<Column>);
}

export function describeConditions(harness: StoreHarness): void {
  describe('conditions', () => {
    let store: Store;
    beforeAll(async () => {
      store = await harness.open();
      await fill(store);
    });
    afterAll(() => store.close());

    it.each(TRACES)('on traces: %s', async (_name, condition, expected) => {
      const page = await store.traces.page([condition], ORDER, PAGE);
      expect(idsOf(page.rows)).toEqual(expected);
      expect(page.totalItems).toBe(expected.length);
    });

    it.each(OBSERVATIONS)('on observations: %s', async (_name, condition, expected) => {
      expect(idsOf((await store.observations.page([condition], PAGE)).rows)).toEqual(expected);
      expect(idsOf(await store.observations.next([condition], null, 100))).toEqual(expected);
    });

    it.each(SCORES)('on scores: %s', async (_name, condition, expected) => {
      expect(idsOf((await store.scores.page([condition], PAGE)).rows)).toEqual(expected);
      expect(idsOf(await store.scores.next([condition], null, 100))).toEqual(expected);
    });

    it('must all be true', async () => {
      const both: Condition<TraceColumn>[] = [
        { type: 'string', column: 'name', operator: '=', value: 'chat' },
        { type: 'string', column: 'userId', operator: '=', value: 'bob' },
      ];
      expect(idsOf((await store.traces.page(both, ORDER, PAGE)).rows)).toEqual(['t2']);
    });

    it('can be asked of each column', async () => {
      for (const [column, kind] of Object.entries(TRACE_COLUMNS)) {
        for (const condition of probes(column as TraceColumn, kind)) {
          expect((await store.traces.page([condition], ORDER, PAGE)).totalItems).toBeLessThanOrEqual(4);
        }
      }
      for (const [column, kind] of Object.entries(OBSERVATION_COLUMNS_V2)) {
        for (const condition of probes(column as ObservationColumn, kind)) {
          expect((await store.observations.page([condition], PAGE)).totalItems).toBeLessThanOrEqual(5);
        }
      }
      for (const [column, kind] of Object.entries({ ...SCORE_COLUMNS, ...SCORE_TRACE_COLUMNS })) {
        for (const condition of probes(column as ScoreColumn, kind)) {
          expect((await store.scores.page([condition], PAGE)).totalItems).toBeLessThanOrEqual(6);
        }
      }
    });
  });
}
