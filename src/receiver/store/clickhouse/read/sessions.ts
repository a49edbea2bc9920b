/** Sessions of the public API: the session ids of traces. */

import type { SessionReader } from '../../contract/lists.js';
import type { StoredSession } from '../../contract/rows.js';
import type { Row } from '../connection/connection.js';
import { integer, raw, type Sql, sql, text, texts, whereAll } from '../connection/sql.js';
import { microsSql } from '../tables.js';
import { countOf } from './row-values.js';
import type { Reading } from './trace-rows.js';

export function sessionReader({ connection, tables }: Reading): SessionReader {
  const sessions = (condition: Sql) => sql`(
    SELECT t.session_id AS id, min(${raw(microsSql('t.created_at'))}) AS created_us, argMin(t.environment, t.created_at) AS environment
    FROM ${tables.traces} AS t FINAL WHERE t.session_id IS NOT NULL AND ${condition} GROUP BY t.session_id) AS n`;

  return {
    async page({ fromUs, toUs, environments }, { page, limit }) {
      const conditions = [
        ...(fromUs === null ? [] : [sql`n.created_us >= ${integer(fromUs)}`]),
        ...(toUs === null ? [] : [sql`n.created_us < ${integer(toUs)}`]),
        ...(environments.length === 0 ? [] : [sql`n.environment IN ${texts(environments)}`]),
      ];
      const from = sql`FROM ${sessions(raw('1'))}${whereAll(conditions)}`;
      const [rows, [count]] = await Promise.all([
        connection.rows(
          sql`SELECT n.id AS id, n.created_us AS created_us, n.environment AS environment ${from}
            ORDER BY n.created_us DESC, n.id LIMIT ${integer(limit)} OFFSET ${integer((page - 1) * limit)}`,
        ),
        connection.rows(sql`SELECT count() AS count ${from}`),
      ]);
      return { rows: rows.map(session), totalItems: countOf(count?.count) };
    },
    async find(id) {
      const [row] = await connection.rows(
        sql`SELECT n.id AS id, n.created_us AS created_us, n.environment AS environment
          FROM ${sessions(sql`t.session_id = ${text(id)}`)}`,
      );
      return row && session(row);
    },
  };
}

function session(row: Row): StoredSession {
  return {
    id: String(row.id),
    createdUs: countOf(row.created_us),
    environment: String(row.environment) || 'default',
  };
}
