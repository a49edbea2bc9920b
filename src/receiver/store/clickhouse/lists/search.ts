/**
 * The search for a part of a text, ignoring case: in names, users, sessions, tags, models, status messages, inputs and outputs. The server
 * reads the texts, the newest traces first, for a bounded time.
 */

import type { PageFilter } from '../../contract/page.js';
import { integer, raw, type Sql, sql, text } from '../connection/sql.js';
import type { Reading } from '../read/trace-rows.js';
import { timeSql } from './page-filter.js';
import type { TimesOfTraces } from './times.js';
import { readWindows, windowsOf } from './windows.js';

export interface Found {
  ids: string[];
  /** There was no time to read traces that started before. Null: all were read. */
  searchedFromUs: number | null;
}

/** Each time that a reader asks to go on, a search gets as much again. */
const MAX_MS = 5_000;
/** The list of ids goes into further queries: a parameter has a bounded length. */
const MAX_FOUND = 2_000;
/** The beginning of an id: shorter ones are words of many texts. */
const MIN_ID_CHARS = 6;
/** List, facets and chart ask for the same search one after the other. */
const KEPT_MS = 3_000;

const TEXTS_OF_TRACE = [
  't.name',
  't.user_id',
  't.session_id',
  `arrayStringConcat(t.tags, '\\n')`,
  't.input',
  't.output',
];
const TEXTS_OF_OBSERVATION = ['o.name', 'o.status_message', 'o.model', 'o.input', 'o.output'];

export type Search = (filter: PageFilter) => Promise<Found | undefined>;

/** Undefined: the filter has no search. */
export function createSearch({ connection, tables }: Reading, times: TimesOfTraces): Search {
  let kept: { key: string; untilMs: number; found: Promise<Found> } | undefined;

  async function find(wanted: string, { fromUs, toUs, further }: PageFilter): Promise<Found> {
    const range = await times();
    const ids = new Set<string>();
    if (range === null) return { ids: [], searchedFromUs: null };
    const lastUs = Math.min(range.lastUs, toUs === null ? range.lastUs : toUs - 1);
    const windows = windowsOf(Math.max(range.firstUs, fromUs ?? range.firstUs), lastUs);
    const maxMs = MAX_MS * (1 + (further ?? 0));
    const bound = text(wanted);
    const { isComplete, oldestUs } = await readWindows(windows, maxMs, async (window, restMs) => {
      const rows = await connection.rows(
        sql`SELECT DISTINCT id FROM (${tracesWith(bound, window)} UNION ALL ${observationsWith(bound, window)}) LIMIT ${integer(MAX_FOUND + 1)}`,
        { maxMs: restMs },
      );
      for (const { id } of rows) if (ids.size < MAX_FOUND) ids.add(String(id));
      return rows.length <= MAX_FOUND && ids.size < MAX_FOUND;
    });
    return { ids: [...ids], searchedFromUs: isComplete ? null : (oldestUs ?? lastUs + 1) };
  }

  const within = (column: string, { fromUs, toUs }: { fromUs: number; toUs: number }) =>
    sql`${raw(column)} >= ${timeSql(fromUs)} AND ${raw(column)} < ${timeSql(toUs)}`;
  const hasText = (columns: readonly string[], wanted: ReturnType<typeof text>): Sql =>
    columns
      .map((column) => sql`positionCaseInsensitiveUTF8(ifNull(${raw(column)}, ''), ${wanted}) > 0`)
      .reduce((all, one) => sql`${all} OR ${one}`);

  function tracesWith(wanted: ReturnType<typeof text>, window: { fromUs: number; toUs: number }): Sql {
    const isId =
      String(wanted.value).length >= MIN_ID_CHARS
        ? sql`startsWith(t.id, lower(${wanted})) OR startsWith(t.id, ${wanted}) OR `
        : sql`t.id = ${wanted} OR `;
    return sql`SELECT t.id AS id FROM ${tables.traces} AS t FINAL
      WHERE ${within('t.timestamp', window)} AND (${isId}${hasText(TEXTS_OF_TRACE, wanted)})`;
  }

  /** Of the traces of the window: an observation may be of another day than its trace. */
  function observationsWith(wanted: ReturnType<typeof text>, window: { fromUs: number; toUs: number }): Sql {
    const DAY_US = 86_400_000_000;
    return sql`SELECT o.trace_id AS id FROM ${tables.observations} AS o FINAL
      WHERE o.start_time >= ${timeSql(window.fromUs - DAY_US)}
        AND o.trace_id IN (SELECT t.id FROM ${tables.traces} AS t FINAL WHERE ${within('t.timestamp', window)})
        AND (o.id = ${wanted} OR ${hasText(TEXTS_OF_OBSERVATION, wanted)})`;
  }

  return async (filter) => {
    const { search, fromUs, toUs, further } = filter;
    if (search === null) return undefined;
    const key = JSON.stringify([search, fromUs, toUs, further]);
    if (kept?.key === key && performance.now() < kept.untilMs) return kept.found;
    const entry = { key, untilMs: Number.POSITIVE_INFINITY, found: find(search, filter) };
    kept = entry;
    const release = () => {
      entry.untilMs = performance.now() + KEPT_MS;
    };
    entry.found.then(release, release);
    return entry.found;
  };
}
