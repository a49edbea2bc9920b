/** Failed observations of the traces that pass, from the newest on. */

import type { Micros } from '../../../../ingest/rows.js';
import type { FailedObservation, FailureQuery } from '../../contract/summaries.js';
import { integer, raw, sql, whereAll } from '../connection/sql.js';
import { ofSelected, selectionOf, timeSql } from '../lists/page-filter.js';
import type { Search } from '../lists/search.js';
import type { TimesOfTraces } from '../lists/times.js';
import { readWindows, windowsOf } from '../lists/windows.js';
import { countOf, nameOf, textOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { microsSql } from '../tables.js';

const MAX_MESSAGE_CHARS = 2_000;

export async function readFailures(
  { connection, tables }: Reading,
  search: Search,
  times: TimesOfTraces,
  { filter, maxMs, withWarnings, maxFailures }: FailureQuery,
  take: (part: FailedObservation[]) => void,
): Promise<{ isComplete: boolean; searchedFromUs: Micros | null }> {
  const found = await search(filter);
  const searchedFromUs = found?.searchedFromUs ?? null;
  const range = await times();
  if (range === null) return { isComplete: true, searchedFromUs };
  const conditions = ofSelected(tables, selectionOf(tables, filter, found?.ids));
  const levels = raw(withWarnings ? `o.level IN ('ERROR', 'WARNING')` : `o.level = 'ERROR'`);
  let count = 0;
  // By the time of the observations, which may be later than that of any trace.
  const start = raw(microsSql('o.start_time'));
  const [bounds] = await connection.rows(
    sql`SELECT min(${start}) AS first, max(${start}) AS last FROM ${tables.observations} AS o`,
  );
  const windows = windowsOf(countOf(bounds?.first), countOf(bounds?.last));
  const { isComplete } = await readWindows(windows, maxMs, async ({ fromUs, toUs }, restMs) => {
    const within = sql`o.start_time >= ${timeSql(fromUs)} AND o.start_time < ${timeSql(toUs)}`;
    const rest = maxFailures - count;
    const rows = await connection.rows(
      sql`SELECT o.id AS id, o.trace_id AS trace_id, o.type AS type, o.name AS name, o.model AS model,
          substringUTF8(o.status_message, 1, ${integer(MAX_MESSAGE_CHARS)}) AS message, ${raw(microsSql('o.start_time'))} AS start_us
        FROM ${tables.observations} AS o FINAL${whereAll([levels, within, ...conditions])}
        ORDER BY o.start_time DESC, o.created_at DESC LIMIT ${integer(rest + 1)}`,
      { maxMs: restMs },
    );
    const part = rows.slice(0, rest).map(
      (row): FailedObservation => ({
        id: String(row.id),
        traceId: String(row.trace_id),
        type: String(row.type),
        name: nameOf(row.name),
        model: textOf(row.model),
        message: textOf(row.message),
        startUs: countOf(row.start_us),
      }),
    );
    count += part.length;
    take(part);
    return rows.length <= rest;
  });
  return { isComplete, searchedFromUs };
}
