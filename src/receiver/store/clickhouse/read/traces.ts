/** Traces of the public API. */

import type { Condition, TraceColumn, TraceOrder } from '../../contract/conditions.js';
import type { TraceReader } from '../../contract/lists.js';
import type { Page, Paging, StoredTrace } from '../../contract/rows.js';
import type { Row } from '../connection/connection.js';
import { integer, raw, type Sql, sql, text, texts, whereAll } from '../connection/sql.js';
import { metadataJson } from '../metadata-text.js';
import { microsSql } from '../tables.js';
import { chunks } from '../write/load.js';
import { requireAnswerable } from './answer-size.js';
import { traceConditions } from './columns.js';
import { rollups } from './rollups.js';
import { countOf, flagOf, mapOf, textOf } from './row-values.js';
import { inOrder, type Reading, summaryOf, traceRows } from './trace-rows.js';

export const STORED_COLUMNS =
  raw(`, t.public AS public, t.metadata AS metadata, t.input AS input, t.output AS output,
  ${microsSql('t.created_at')} AS created_us, ${microsSql('t.updated_at')} AS updated_us`);

export function storedTrace(row: Row): StoredTrace {
  return {
    ...summaryOf(row),
    isPublic: flagOf(row.public),
    metadata: metadataJson(mapOf<string>(row.metadata)),
    input: textOf(row.input),
    output: textOf(row.output),
    createdUs: countOf(row.created_us),
    updatedUs: countOf(row.updated_us),
  };
}

const ORDERS: Record<TraceOrder['column'], string> = {
  id: 't.id',
  timestamp: 't.timestamp',
  name: 't.name',
  userId: 't.user_id',
  sessionId: 't.session_id',
  release: 't.release',
  version: 't.version',
  public: 't.public',
  // A constant; a number would be that of a column.
  bookmarked: 'toUInt8(0)',
};

const LONG_TEXTS = `length(ifNull(t.input, '')) + length(ifNull(t.output, '')) + length(toString(t.metadata))`;
const MAX_TRACES_OF_SESSION = 10_000;

export function traceReader(reading: Reading): TraceReader {
  const { connection, tables } = reading;

  async function stored(ids: readonly string[]): Promise<StoredTrace[]> {
    await requireAnswerable(
      connection,
      sql`SELECT ${raw(LONG_TEXTS)} AS bytes FROM ${tables.traces} AS t FINAL WHERE t.id IN ${texts(ids)}`,
    );
    return inOrder(ids, (await traceRows(reading, ids, STORED_COLUMNS)).map(storedTrace));
  }

  async function page(
    asked: readonly Condition<TraceColumn>[],
    order: TraceOrder,
    { page: number, limit }: Paging,
  ): Promise<Page<StoredTrace>> {
    const { conditions, figures } = traceConditions(tables, asked);
    const totals =
      figures.length === 0
        ? raw('')
        : sql` LEFT JOIN ${rollups(tables, ['observation_count', ...figures], [])} AS u ON u.trace_id = t.id`;
    const from = sql`FROM ${source(figures.length === 0)}${totals}${whereAll(conditions)}`;
    const direction = raw(order.isDescending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST');
    const [ids, [count]] = await Promise.all([
      connection.rows(
        sql`SELECT t.id AS id ${from} ORDER BY ${raw(ORDERS[order.column])} ${direction}, t.id
          LIMIT ${integer(limit)} OFFSET ${integer((number - 1) * limit)}`,
      ),
      connection.rows(sql`SELECT count() AS count ${from}`),
    ]);
    return {
      rows: await stored(ids.map(({ id }) => String(id))),
      totalItems: countOf(count?.count),
    };
  }

  /** Joined tables are merged in a subquery of their own. */
  const source = (isAlone: boolean): Sql =>
    isAlone ? sql`${tables.traces} AS t FINAL` : sql`(SELECT * FROM ${tables.traces} FINAL) AS t`;

  return {
    page,
    async find(id) {
      const [found] = await stored([id]);
      return found;
    },
    async ofSession(sessionId) {
      const ids = await connection.rows(
        sql`SELECT t.id AS id FROM ${tables.traces} AS t FINAL WHERE t.session_id = ${text(sessionId)}
          ORDER BY t.timestamp, t.id LIMIT ${integer(MAX_TRACES_OF_SESSION)}`,
      );
      const all: StoredTrace[] = [];
      for (const some of chunks(ids.map(({ id }) => String(id)))) all.push(...(await stored(some)));
      return all;
    },
    async known(ids) {
      const found = new Set<string>();
      for (const some of chunks(ids)) {
        const rows = await connection.rows(
          sql`SELECT t.id AS id FROM ${tables.traces} AS t FINAL WHERE t.id IN ${texts(some)}`,
        );
        for (const { id } of rows) found.add(String(id));
      }
      return found;
    },
    async withPrefix(prefix, limit) {
      const rows = await connection.rows(
        sql`SELECT t.id AS id FROM ${tables.traces} AS t FINAL WHERE startsWith(t.id, ${text(prefix)})
          ORDER BY t.id LIMIT ${integer(limit)}`,
      );
      return rows.map(({ id }) => String(id));
    },
    async last(hasFailed) {
      const failed = hasFailed
        ? sql` WHERE t.id IN (SELECT o.trace_id FROM ${tables.observations} AS o FINAL WHERE o.level = 'ERROR')`
        : raw('');
      const [row] = await connection.rows(
        sql`SELECT t.id AS id FROM ${tables.traces} AS t FINAL${failed} ORDER BY t.timestamp DESC, t.created_at DESC LIMIT 1`,
      );
      return row && String(row.id);
    },
    async isAnyBetween(fromUs, toUs) {
      const at = (us: number) => sql`fromUnixTimestamp64Micro(${integer(us)}, 'UTC')`;
      const rows = await connection.rows(
        sql`SELECT 1 AS one FROM ${tables.traces} AS t FINAL WHERE t.timestamp BETWEEN ${at(fromUs)} AND ${at(toUs)} LIMIT 1`,
      );
      return rows.length > 0;
    },
    async environmentOf(id) {
      const [row] = await connection.rows(
        sql`SELECT t.environment AS environment FROM ${tables.traces} AS t FINAL WHERE t.id = ${text(id)}`,
      );
      return row && (String(row.environment) || 'default');
    },
  };
}
