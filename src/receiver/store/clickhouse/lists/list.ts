/** A page of the page's list: the ids of its traces in their order, by a cursor, and then what is shown of them. */

import type { SORTABLE } from '../../../../viewer/data/filters.js';
import {
  isEverything,
  type ListOrder,
  type ListQuery,
  type ListReader,
  type TraceListPage,
} from '../../contract/page.js';
import { InvalidCursor } from '../../contract.js';
import type { Row } from '../connection/connection.js';
import { integer, NOTHING, raw, type Sql, sql, text, texts } from '../connection/sql.js';
import { type Figure, LATENCY_FIGURES, LATENCY_US } from '../read/rollups.js';
import { countOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { microsSql } from '../tables.js';
import { facetsOf } from './facets.js';
import { listedTraces } from './listed.js';
import { type Selection, selectedTraces, selectionOf } from './page-filter.js';
import type { Search } from './search.js';
import { seriesOf } from './series.js';
import type { TimesOfTraces } from './times.js';

interface Sort {
  /** The key as a number, or as a text. */
  kind: 'number' | 'text';
  key: Sql;
  figures: readonly Figure[];
  /** What else the key needs. */
  join?: Sql;
}

type SortName = (typeof SORTABLE)[number];

const SORTS: Record<SortName, Sort> = {
  start: { kind: 'number', key: raw(`toFloat64(${microsSql('t.timestamp')})`), figures: [] },
  name: { kind: 'text', key: raw('t.name'), figures: [] },
  duration: { kind: 'number', key: raw(`toFloat64(${LATENCY_US})`), figures: LATENCY_FIGURES },
  tokens: { kind: 'number', key: raw('u.total_tokens'), figures: ['total_tokens'] },
  cost: { kind: 'number', key: raw('u.total_cost'), figures: ['total_cost'] },
  observations: {
    kind: 'number',
    key: raw('toFloat64(ifNull(u.observation_count, 0))'),
    figures: ['observation_count'],
  },
  errors: { kind: 'number', key: raw('toFloat64(ifNull(u.error_count, 0))'), figures: ['error_count'] },
};

/** The count of all traces is shown beside each list; it need not be of this second. */
const STORED_KEPT_MS = 5_000;

export function listReader(reading: Reading, search: Search, times: TimesOfTraces): ListReader {
  const { connection, tables } = reading;
  let stored: { untilMs: number; count: Promise<number> } | undefined;

  const countAll = async () => {
    const [row] = await connection.rows(sql`SELECT count() AS count FROM ${tables.traces} FINAL`);
    return countOf(row?.count);
  };

  function countStored(): Promise<number> {
    if (stored === undefined || performance.now() > stored.untilMs) {
      stored = { untilMs: performance.now() + STORED_KEPT_MS, count: countAll() };
      stored.count.catch(() => {
        stored = undefined;
      });
    }
    return stored.count;
  }

  async function page({ filter, order, cursor, limit }: ListQuery): Promise<TraceListPage> {
    const last = cursor === null ? undefined : readCursor(cursor);
    const found = await search(filter);
    const selection = selectionOf(tables, filter, found?.ids);
    const [keys, total, all] = await Promise.all([
      connection.rows(keysSql(selection, order, last, limit + 1)),
      last === undefined ? count(selection) : null,
      isEverything(filter) && last === undefined ? null : countStored(),
    ]);
    const shown = keys.slice(0, limit);
    const lastShown = keys.length > limit ? shown.at(-1) : undefined;
    return {
      traces: await listedTraces(
        reading,
        shown.map(({ id }) => String(id)),
      ),
      next: lastShown === undefined ? null : cursorAfter(lastShown),
      total,
      stored: all ?? total ?? 0,
      searchedFromUs: found?.searchedFromUs ?? null,
    };
  }

  async function count(selection: Selection): Promise<number> {
    const [row] = await connection.rows(
      sql`SELECT count() AS count FROM ${selectedTraces(tables, selection)}`,
    );
    return countOf(row?.count);
  }

  function keysSql(selection: Selection, order: ListOrder, last: Cursor | undefined, limit: number): Sql {
    const { kind, key, figures, join } = sortOf(order);
    const arrived = raw(microsSql('t.created_at'));
    // A number goes through the cursor by its bits: no digit of it may be lost.
    const bits = kind === 'number' ? raw('toString(reinterpretAsInt64(assumeNotNull(key)))') : raw('key');
    const from = sql`SELECT t.id AS id, ${key} AS key, ${arrived} AS arrived FROM ${selectedTraces(tables, selection, figures, join)}`;
    const direction = raw(order.isDescending ? 'DESC' : 'ASC');
    const beyond = last === undefined ? NOTHING : sql` WHERE ${afterSql(kind, order.isDescending, last)}`;
    return sql`SELECT id, arrived, if(key IS NULL, NULL, ${bits}) AS cursor_key FROM (${from})${beyond}
      ORDER BY key IS NULL, key ${direction}, arrived ${direction}, id ${direction} LIMIT ${integer(limit)}`;
  }

  function sortOf({ by }: ListOrder): Sort {
    if (typeof by === 'string') return SORTS[by];
    const means = sql`(SELECT assumeNotNull(s.trace_id) AS trace_id, avg(s.value) AS mean FROM ${tables.scores} AS s FINAL
      WHERE s.name = ${text(by.score)} AND s.trace_id IS NOT NULL AND s.value IS NOT NULL GROUP BY trace_id)`;
    const join = sql` LEFT JOIN ${means} AS m ON m.trace_id = t.id`;
    return { kind: 'number', key: raw('m.mean'), figures: [], join };
  }

  return {
    page,
    async passing(filter, ids) {
      if (ids.length === 0) return new Set();
      const found = await search(filter);
      const selection = selectionOf(tables, filter, found?.ids);
      const conditions = [...selection.conditions, sql`t.id IN ${texts(ids)}`];
      const rows = await connection.rows(
        sql`SELECT t.id AS id FROM ${selectedTraces(tables, { ...selection, conditions })}`,
      );
      return new Set(rows.map(({ id }) => String(id)));
    },
    facets: async (filter) => facetsOf(reading, filter, (await search(filter))?.ids),
    series: async (filter, bucketUs) => seriesOf(reading, filter, (await search(filter))?.ids, bucketUs),
    times,
  };
}

/** The key of the last row (null: unknown), when it was created, and its id. */
type Cursor = readonly [key: string | null, arrived: number, id: string];

function cursorAfter(row: Row): string {
  return Buffer.from(JSON.stringify([row.cursor_key, row.arrived, row.id])).toString('base64url');
}

function readCursor(cursor: string): Cursor {
  try {
    const [key, arrived, id, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const isKey = key === null || typeof key === 'string';
    if (isKey && Number.isSafeInteger(arrived) && typeof id === 'string' && rest.length === 0) {
      return [key, arrived as number, id];
    }
  } catch {
    // Below.
  }
  throw new InvalidCursor('cursor must be the next of another answer');
}

function afterSql(kind: Sort['kind'], isDescending: boolean, [key, arrived, id]: Cursor): Sql {
  const beyond = raw(isDescending ? '<' : '>');
  const place = sql`(arrived, id) ${beyond} (${integer(arrived)}, ${text(id)})`;
  if (key === null) return sql`key IS NULL AND ${place}`;
  const value =
    kind === 'number' ? sql`reinterpretAsFloat64(toInt64OrZero(${text(key)}))` : sql`${text(key)}`;
  return sql`(key ${beyond} ${value} OR (key = ${value} AND ${place}) OR key IS NULL)`;
}
