/** Complaints that were found when requests came, and disagreements, which the rows of traces and observations have. */

import { complaintOfRow } from '../../complaint-rows.js';
import type { ComplaintReader, SomeComplaints } from '../../contract/transfer.js';
import { MAX_COMPLAINTS } from '../../contract.js';
import { integer, raw, type Sql, sql, text, texts, whereAll } from '../connection/sql.js';
import { countOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { microsSql } from '../tables.js';

export function complaintReader({ connection, tables }: Reading): ComplaintReader {
  /** `is_derived` rows come last in the order of arrival. */
  const allOf = (ofTrace: Sql = raw('1'), ofId: Sql = raw('1')) => sql`(
    SELECT id, ${raw(microsSql('at'))} AS at_us, code, severity, trace_id, observation_id, field, message, event_ts AS arrived, 0 AS is_derived
    FROM ${tables.complaints} FINAL WHERE ${ofTrace}
    UNION ALL
    SELECT concat('trace-views-differ/', id, '//', name), ${raw(microsSql('updated_at'))}, 'trace-views-differ', 'disagreement', id, NULL, name,
      concat(name, ' is another one on Langfuse 4, which merges by arrival, than on Langfuse 3, which merges by time'), event_ts, 1
    FROM (SELECT id, updated_at, event_ts, arrayJoin(differs) AS name FROM ${tables.traces} FINAL WHERE notEmpty(differs) AND ${ofId})
    UNION ALL
    SELECT concat('observation-rewritten/', trace_id, '/', id, '/', name), ${raw(microsSql('updated_at'))}, 'observation-rewritten', 'disagreement',
      trace_id, id, name, concat(name, ' of an earlier version of the span stays on Langfuse 3, and is replaced on Langfuse 4'), event_ts, 1
    FROM (SELECT trace_id, id, updated_at, event_ts, arrayJoin(lost) AS name FROM ${tables.observations} FINAL WHERE notEmpty(lost) AND ${ofTrace})
  )`;

  async function some(from: Sql, limit: number): Promise<SomeComplaints> {
    const [rows, [count]] = await Promise.all([
      connection.rows(
        sql`SELECT * FROM ${from} ORDER BY severity = 'dropped' DESC, at_us, arrived LIMIT ${integer(limit)}`,
      ),
      connection.rows(sql`SELECT count() AS count FROM ${from}`),
    ]);
    return { complaints: rows.map(complaintOfRow), total: countOf(count?.count) };
  }

  return {
    async page({ traceId, code, severity }, { page, limit }) {
      const given = Object.entries({ trace_id: traceId, code, severity });
      const conditions = given.flatMap(([column, value]) =>
        value === null ? [] : [sql`${raw(column)} = ${text(value)}`],
      );
      const from = sql`${allOf()}${whereAll(conditions)}`;
      const [rows, [count]] = await Promise.all([
        connection.rows(
          sql`SELECT * FROM ${from} ORDER BY at_us DESC, id LIMIT ${integer(limit)} OFFSET ${integer((page - 1) * limit)}`,
        ),
        connection.rows(sql`SELECT count() AS count FROM ${from}`),
      ]);
      return { rows: rows.map(complaintOfRow), totalItems: countOf(count?.count) };
    },
    async all() {
      const rows = await connection.rows(
        sql`SELECT * FROM ${allOf()} ORDER BY is_derived, arrived, id LIMIT ${integer(MAX_COMPLAINTS)}`,
      );
      return rows.map(complaintOfRow);
    },
    // Beyond the bound complaints are not counted here: many servers write into one table.
    beyond: async () => 0,
    ofTrace: (traceId, limit) =>
      some(allOf(sql`trace_id = ${text(traceId)}`, sql`id = ${text(traceId)}`), limit),
    withoutTrace: (limit) =>
      some(
        sql`${allOf()} WHERE trace_id IS NULL OR trace_id NOT IN (SELECT id FROM ${tables.traces} FINAL)`,
        limit,
      ),
    async countByTrace(traceIds) {
      if (traceIds.length === 0) return new Map();
      const ids = texts(traceIds);
      const rows = await connection.rows(
        sql`SELECT trace_id, count() AS count FROM ${allOf(sql`trace_id IN ${ids}`, sql`id IN ${ids}`)} GROUP BY trace_id`,
      );
      return new Map(rows.map(({ trace_id, count }) => [String(trace_id), countOf(count)]));
    },
  };
}
