/** A complaint of the columns that each store selects for it. */

import type { ComplaintCode } from '../../ingest/complaint-codes.js';
import type { Complaint } from '../../ingest/findings.js';

/** `at_us`: microseconds since 1970. */
export function complaintOfRow(row: Readonly<Record<string, unknown>>): Complaint {
  return {
    id: String(row.id),
    timestamp: new Date(Math.floor(Number(row.at_us) / 1000)).toISOString(),
    code: String(row.code) as ComplaintCode,
    severity: String(row.severity),
    traceId: textOf(row.trace_id),
    observationId: textOf(row.observation_id),
    field: String(row.field),
    message: String(row.message),
  };
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
