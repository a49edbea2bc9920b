/** Writes complaints of requests: each once, up to a bound. */

import { COMPLAINT_CODES } from '../../../../ingest/complaint-codes.js';
import type { Finding } from '../../../../ingest/findings.js';
import type { Micros } from '../../../../ingest/rows.js';
import { MAX_COMPLAINTS } from '../../contract.js';
import { sql } from '../connection/sql.js';
import { countOf } from '../read/row-values.js';
import { timeText } from '../times.js';
import type { BatchParts } from './batch-parts.js';
import { insertRows } from './insert.js';
import { loadTimes } from './load.js';

/** Two complaints with one id are the same complaint. */
export async function writeComplaints(
  { connection, tables, versions }: BatchParts,
  findings: readonly Finding[],
  at: Micros,
): Promise<void> {
  const byId = new Map(findings.map((finding) => [idOf(finding), finding]));
  if (byId.size === 0) return;
  const known = await loadTimes(connection, tables.complaints, 'at', [...byId.keys()]);
  const [stored] = await connection.rows(sql`SELECT count() AS count FROM ${tables.complaints} FINAL`);
  const room = MAX_COMPLAINTS - countOf(stored?.count);
  const rows = [...byId].filter(([id]) => !known.has(id)).slice(0, Math.max(0, room));
  await insertRows(
    connection,
    tables,
    'complaints',
    rows.map(([id, { code, traceId, observationId, field, message }]) => ({
      id,
      at: timeText(at),
      code,
      severity: COMPLAINT_CODES[code],
      trace_id: traceId,
      observation_id: observationId,
      field,
      message,
      event_ts: timeText(versions.next()),
    })),
  );
}

function idOf({ code, traceId, observationId, field }: Finding): string {
  return [code, traceId ?? '', observationId ?? '', field].join('/');
}
