/** `GET /api/public/tailrace/complaints`: a path that only tailrace has. */

import type { ComplaintList } from '../../viewer/page-data.js';
import { type RouteContext, sendJson } from '../http/requests.js';
import { addOneOf, addText, emptyFilter, whereClause } from '../read/conditions.js';
import { paging } from '../read/parameters.js';
import { bindable, type Database } from '../store/sqlite.js';
import { COMPLAINT_CODES, SEVERITIES } from './complaint-codes.js';
import { complaintOfRow, complaintsBeyond } from './complaint-store.js';

/** Newest first. `meta.beyond` counts the complaints that the receiver did not keep. */
export function getComplaints({
  store: { database },
  url: { searchParams: query },
  response,
}: RouteContext): void {
  const { page, limit } = paging(query);
  const filter = emptyFilter();
  addText(filter, query, 'traceId', 'trace_id = ?');
  addOneOf(filter, query, 'code', Object.keys(COMPLAINT_CODES), 'code = ?');
  addOneOf(filter, query, 'severity', SEVERITIES, 'severity = ?');
  const from = `FROM all_complaints ${whereClause(filter)}`;
  const values = filter.values.map(bindable);
  const totalItems = Number(database.prepare(`SELECT count(*) AS count ${from}`).get(...values)?.count);
  const rows = database
    .prepare(`SELECT * ${from} ORDER BY at_us DESC, id LIMIT ? OFFSET ?`)
    .all(...values, limit, (page - 1) * limit);
  const totalPages = Math.ceil(totalItems / limit);
  const meta = { page, limit, totalItems, totalPages, beyond: complaintsBeyond(database) };
  sendJson(response, 200, { data: rows.map(complaintOfRow), meta });
}

/** Nobody reads more rows than this on one page. */
const MAX_SHOWN = 200;

export function complaintsOfTrace(database: Database, traceId: string): ComplaintList {
  return shown(database, 'trace_id = ?', bindable(traceId) as string);
}

/** Complaints about refused requests, and about traces that are not stored. */
export function complaintsWithoutTrace(database: Database): ComplaintList {
  return shown(database, 'trace_id IS NULL OR NOT EXISTS (SELECT 1 FROM traces WHERE traces.id = trace_id)');
}

function shown(database: Database, where: string, ...values: string[]): ComplaintList {
  const from = `FROM all_complaints WHERE ${where}`;
  const rows = database
    .prepare(`SELECT * ${from} ORDER BY severity = 'dropped' DESC, at_us LIMIT ${MAX_SHOWN}`)
    .all(...values);
  // Usually there are few, and no second query is needed.
  const total =
    rows.length < MAX_SHOWN
      ? rows.length
      : Number(database.prepare(`SELECT count(*) AS count ${from}`).get(...values)?.count);
  return { complaints: rows.map(complaintOfRow), total };
}

export function countComplaints(database: Database, traceIds: readonly string[]): Map<string, number> {
  const rows = database
    .prepare(
      `SELECT trace_id, count(*) AS count FROM all_complaints
       WHERE trace_id IN (SELECT value FROM json_each(?)) GROUP BY trace_id`,
    )
    .all(JSON.stringify(traceIds));
  return new Map(rows.map(({ trace_id, count }) => [String(trace_id), Number(count)]));
}
