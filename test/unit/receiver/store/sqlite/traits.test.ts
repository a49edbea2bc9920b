/** Values of observations on the rows of traces: counted and filtered exactly, however many traces and values there are. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readIngestion } from '../../../../../src/ingest/classic/ingestion.js';
import { atOnce } from '../../../../../src/receiver/slices.js';
import { openSqliteStore, type SqliteStore } from '../../../../../src/receiver/store/sqlite/store.js';
import { countTraits, hasTrait, type Trait } from '../../../../../src/receiver/store/sqlite/traits.js';
import { ingestionEvent } from '../../helpers.js';

let store: SqliteStore;
beforeEach(async () => {
  store = await openSqliteStore();
});
afterEach(() => store.close());

async function write(...batch: unknown[]): Promise<void> {
  const { changes, answer } = atOnce(readIngestion({ batch }));
  expect(answer.errors).toEqual([]);
  await store.write(changes);
}

const generation = (traceId: string, at: number, fields: object) =>
  ingestionEvent('generation-create', { id: `${traceId}-${at}`, traceId, ...fields });

function having(trait: Trait, ...values: string[]): unknown[] {
  const list = JSON.stringify(values);
  const sql = `SELECT t.id FROM traces AS t WHERE ${hasTrait(trait)} ORDER BY t.id`;
  return store.database
    .prepare(sql)
    .all(list, list)
    .map(({ id }) => id);
}

const counts = () => countTraits(store.database, 'traces AS t', '', []);

describe('traits', () => {
  it('are those of all observations, each once for a trace', async () => {
    await write(
      generation('a', 1, { model: 'm1', level: 'ERROR' }),
      generation('a', 2, { model: 'm2' }),
      generation('b', 1, { model: 'm1' }),
      ingestionEvent('span-create', { id: 'b-2', traceId: 'b' }),
      ingestionEvent('trace-create', { id: 'empty' }),
    );
    const { level, type, model } = counts();
    expect(Object.fromEntries(level)).toEqual({ DEFAULT: 2, ERROR: 1 });
    expect(Object.fromEntries(type)).toEqual({ GENERATION: 2, SPAN: 1 });
    expect(Object.fromEntries(model)).toEqual({ m1: 2, m2: 1 });
    expect(having('model', 'm2')).toEqual(['a']);
    expect(having('model', 'm1', 'm2')).toEqual(['a', 'b']);
    expect(having('type', 'SPAN')).toEqual(['b']);
    expect(having('level', "' OR 1=1 --")).toEqual([]);
  });

  it('follow an observation that changes, and one whose trace is deleted', async () => {
    await write(generation('a', 1, { model: 'before' }), generation('b', 1, { model: 'before' }));
    await write(ingestionEvent('generation-update', { id: 'a-1', traceId: 'a', model: 'after' }));
    await store.remove({ traceIds: ['b'] });
    expect(Object.fromEntries(counts().model)).toEqual({ after: 1 });
    expect(having('model', 'before')).toEqual([]);
  });

  it('that are too many for a row are looked up in the observations', async () => {
    const models = Array.from({ length: 300 }, (_, at) => `a-model-with-a-long-name-${at}`);
    await write(...models.map((model, at) => generation('many', at, { model })));
    await write(generation('one', 0, { model: models[7] }));
    expect(store.database.prepare(`SELECT traits FROM traces WHERE id = 'many'`).get()?.traits).toBeNull();
    expect(having('model', models[7] as string)).toEqual(['many', 'one']);
    expect(having('model', models[8] as string)).toEqual(['many']);
    expect(counts().model.get(models[7] as string)).toBe(2);
    expect(counts().type.get('GENERATION')).toBe(2);
  });

  it('are counted in all traces: there is no bound', async () => {
    const events = Array.from({ length: 2_500 }, (_, at) => generation(`t${at}`, 0, { model: `m${at % 2}` }));
    await write(...events);
    expect(Object.fromEntries(counts().model)).toEqual({ m0: 1_250, m1: 1_250 });
  });
});

describe('the queries of the list', () => {
  it.each([
    ['a count', 'SELECT count(*) FROM traces AS t WHERE t.total_cost > 1 AND t.environment = 2'],
    ['a sort', 'SELECT t.rowid FROM traces AS t ORDER BY t.total_tokens DESC LIMIT 100'],
    ['a facet', 'SELECT t.release, count(*) FROM traces AS t GROUP BY 1'],
    [
      'a chart',
      'SELECT timestamp_us / 1000, sum(error_count), sum(total_cost), max(latency_us) FROM traces GROUP BY 1',
    ],
  ])('read indices, not rows: %s', (_name, sql) => {
    const plan = store.database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all();
    expect(String(plan[0]?.detail)).toMatch(/USING COVERING INDEX traces_for_list/);
  });
});
