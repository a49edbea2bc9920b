/** Reads complaints: those that were found when requests came, and disagreements, which the view `all_complaints` derives from rows. */

import { complaintOfRow } from '../../complaint-rows.js';
import type { ComplaintReader, SomeComplaints } from '../../contract/transfer.js';
import { MAX_COMPLAINTS } from '../../contract.js';
import { bindable, type Database } from '../sqlite.js';
import { addCondition, bindList, emptyWhere, IN_LIST, whereClause } from './conditions.js';

export function complaintReader(database: Database): ComplaintReader {
  return {
    async page({ traceId, code, severity }, { page, limit }) {
      const where = emptyWhere();
      if (traceId !== null) addCondition(where, 'trace_id = ?', traceId);
      if (code !== null) addCondition(where, 'code = ?', code);
      if (severity !== null) addCondition(where, 'severity = ?', severity);
      const from = `FROM all_complaints ${whereClause(where)}`;
      const count = database.prepare(`SELECT count(*) AS count ${from}`).get(...where.values);
      const rows = database
        .prepare(`SELECT * ${from} ORDER BY at_us DESC, id LIMIT ? OFFSET ?`)
        .all(...where.values, limit, (page - 1) * limit);
      return { rows: rows.map(complaintOfRow), totalItems: Number(count?.count) };
    },
    async all() {
      const rows = database.prepare(`SELECT * FROM all_complaints LIMIT ${MAX_COMPLAINTS}`).all();
      return rows.map(complaintOfRow);
    },
    async beyond() {
      return Number(database.prepare('SELECT count FROM complaints_beyond').get()?.count ?? 0);
    },
    async ofTrace(traceId, limit) {
      return firstOf(database, limit, 'trace_id = ?', bindable(traceId) as string);
    },
    async withoutTrace(limit) {
      const isStray = 'trace_id IS NULL OR NOT EXISTS (SELECT 1 FROM traces WHERE traces.id = trace_id)';
      return firstOf(database, limit, isStray);
    },
    async countByTrace(traceIds) {
      const rows = database
        .prepare(
          `SELECT trace_id, count(*) AS count FROM all_complaints WHERE trace_id IN ${IN_LIST} GROUP BY trace_id`,
        )
        .all(bindList(traceIds));
      return new Map(rows.map(({ trace_id, count }) => [String(trace_id), Number(count)]));
    },
  };
}

function firstOf(database: Database, limit: number, where: string, ...values: string[]): SomeComplaints {
  const from = `FROM all_complaints WHERE ${where}`;
  const rows = database
    .prepare(`SELECT * ${from} ORDER BY severity = 'dropped' DESC, at_us LIMIT ?`)
    .all(...values, limit);
  // Usually there are few, and no second query is needed.
  const total =
    rows.length < limit
      ? rows.length
      : Number(database.prepare(`SELECT count(*) AS count ${from}`).get(...values)?.count);
  return { complaints: rows.map(complaintOfRow), total };
}
