/** The page's filters (contract/page.ts) as SQL on the trace `t` and its totals `u`. */

import type { RangeFilter, ValueFilter } from '../../../../viewer/data/filters.js';
import type { PageFilter, ScoreFilter } from '../../contract/page.js';
import { integer, NOTHING, number, raw, type Sql, sql, text, texts, whereAll } from '../connection/sql.js';
import { entryText } from '../metadata-text.js';
import { type Figure, LATENCY_FIGURES, LATENCY_US, rollups } from '../read/rollups.js';
import type { Tables } from '../tables.js';

/** Columns of the trace. */
export const OF_TRACE: Partial<Record<ValueFilter, string>> = {
  name: 't.name',
  user: 't.user_id',
  session: 't.session_id',
  environment: 't.environment',
  release: 't.release',
  version: 't.version',
};

/** Of an observation `o`; null: it has none. */
export const OF_OBSERVATION: Partial<Record<ValueFilter, string>> = {
  level: 'o.level',
  type: 'o.type',
  model: 'o.model',
  tool: `if(o.type = 'TOOL', nullIf(o.name, ''), NULL)`,
  failedTool: `if(o.type = 'TOOL' AND o.level = 'ERROR', nullIf(o.name, ''), NULL)`,
};

const RANGES: Record<RangeFilter, { value: string; figures: readonly Figure[] }> = {
  duration: { value: `(${LATENCY_US}) / 1e6`, figures: LATENCY_FIGURES },
  tokens: { value: 'u.total_tokens', figures: ['total_tokens'] },
  cost: { value: 'u.total_cost', figures: ['total_cost'] },
};

/** What a filter asks of the traces. `figures`: the totals that it needs. */
export interface Selection {
  readonly conditions: readonly Sql[];
  readonly figures: readonly Figure[];
  /** Observations of traces that pass begin from here on: partitions before need not be read. Null: any. */
  readonly fromUs: number | null;
}

const DAY_US = 86_400_000_000;
export const timeSql = (us: number) => sql`fromUnixTimestamp64Micro(${integer(Math.max(0, us))}, 'UTC')`;

/** An observation may begin a little before its trace: clocks differ. */
function sinceStart(fromUs: number | null): Sql[] {
  return fromUs === null ? [] : [sql`o.start_time >= ${timeSql(fromUs - DAY_US)}`];
}

/** `found`: the ids that a search has found; undefined: there is none. */
export function selectionOf(tables: Tables, filter: PageFilter, found?: readonly string[]): Selection {
  const { fromUs, toUs, values, ranges, scores, unscored, isScored, hasFeedback, status, metadata, ids } =
    filter;
  const conditions: Sql[] = [];
  const figures = new Set<Figure>();
  if (fromUs !== null) conditions.push(sql`t.timestamp >= ${timeSql(fromUs)}`);
  if (toUs !== null) conditions.push(sql`t.timestamp < ${timeSql(toUs)}`);
  const observed = (condition: Sql) =>
    sql`t.id IN (SELECT o.trace_id FROM ${tables.observations} AS o FINAL${whereAll([condition, ...sinceStart(fromUs)])})`;
  for (const [name, wanted = []] of Object.entries(values) as [ValueFilter, readonly string[]][]) {
    if (wanted.length === 0) continue;
    const list = texts(wanted);
    const [ofTrace, ofObservation] = [OF_TRACE[name], OF_OBSERVATION[name]];
    if (ofTrace !== undefined) conditions.push(sql`${raw(ofTrace)} IN ${list}`);
    else if (ofObservation !== undefined) conditions.push(observed(sql`${raw(ofObservation)} IN ${list}`));
    else conditions.push(sql`hasAny(t.tags, ${list})`);
  }
  for (const [name, { min, max }] of Object.entries(ranges) as [
    RangeFilter,
    { min: number | null; max: number | null },
  ][]) {
    const { value, figures: needed } = RANGES[name];
    if (min !== null) conditions.push(sql`${raw(value)} >= ${number(min)}`);
    if (max !== null) conditions.push(sql`${raw(value)} <= ${number(max)}`);
    if (min !== null || max !== null) for (const one of needed) figures.add(one);
  }
  const scored = (condition: Sql) =>
    sql`t.id IN (SELECT assumeNotNull(s.trace_id) FROM ${tables.scores} AS s FINAL WHERE s.trace_id IS NOT NULL AND ${condition})`;
  for (const score of scores) conditions.push(scored(scoreSql(score)));
  for (const name of unscored) conditions.push(sql`NOT (${scored(sql`s.name = ${text(name)}`)})`);
  if (isScored !== null) conditions.push(isScored ? scored(raw('1')) : sql`NOT (${scored(raw('1'))})`);
  if (hasFeedback !== null) {
    const commented = sql`t.id IN (SELECT assumeNotNull(c.trace_id) FROM ${tables.comments} AS c FINAL WHERE c.trace_id IS NOT NULL)`;
    const feedback = sql`(${scored(raw(`s.source = 'ANNOTATION'`))} OR ${commented})`;
    conditions.push(hasFeedback ? feedback : sql`NOT ${feedback}`);
  }
  if (status !== null)
    conditions.push(observed(sql`positionCaseInsensitive(o.status_message, ${text(status)}) > 0`));
  for (const { key, value } of metadata) {
    const has = (map: string) => entryIs(map, key, value);
    conditions.push(sql`(${has('t.metadata')} OR ${observed(has('o.metadata'))})`);
  }
  if (ids.length > 0) conditions.push(sql`t.id IN ${texts(ids)}`);
  if (found !== undefined) conditions.push(found.length === 0 ? raw('0') : sql`t.id IN ${texts(found)}`);
  return { conditions, figures: [...figures], fromUs };
}

/** True and False are 1 and 0 as well, so that both spellings work. */
function scoreSql(score: ScoreFilter): Sql {
  const name = sql`s.name = ${text(score.name)}`;
  if (score.operator === null) return name;
  if (score.operator !== '=') return sql`${name} AND s.value ${raw(score.operator)} ${number(score.value)}`;
  const { value } = score;
  const isNumber = value.trim() !== '' && !Number.isNaN(Number(value));
  const asNumber = isNumber ? sql`s.value = ${number(Number(value))} OR ` : raw('');
  return sql`${name} AND (${asNumber}lowerUTF8(ifNull(s.string_value, '')) = lowerUTF8(${text(value)}))`;
}

/** The value as a text, or as JSON. A text that looks like JSON is in quotes in the map. */
function entryIs(map: string, key: string, value: string): Sql {
  const spellings = texts([...new Set([value, entryText(value)])]);
  return sql`(mapContains(${raw(map)}, ${text(key)}) AND ${raw(map)}[${text(key)}] IN ${spellings})`;
}

/** For FROM: the traces that pass, as `t`, with the totals (`u`) that the filter, or `also`, needs. `join`: of another table. */
export function selectedTraces(
  tables: Tables,
  selection: Selection,
  also: readonly Figure[] = [],
  join: Sql = NOTHING,
): Sql {
  const figures = [...new Set([...selection.figures, ...also])];
  const where = whereAll(selection.conditions);
  if (figures.length === 0 && join === NOTHING) return sql`${tables.traces} AS t FINAL${where}`;
  const totals =
    figures.length === 0
      ? NOTHING
      : sql` LEFT JOIN ${rollups(tables, figures, sinceStart(selection.fromUs))} AS u ON u.trace_id = t.id`;
  // Joined tables are merged in a subquery of their own.
  return sql`(SELECT * FROM ${tables.traces} FINAL) AS t${totals}${join}${where}`;
}

/** The observations, as `o`, of the traces that pass: conditions for WHERE. */
export function ofSelected(tables: Tables, selection: Selection): Sql[] {
  if (selection.conditions.length === 0) return [];
  return [
    sql`o.trace_id IN (SELECT t.id FROM ${selectedTraces(tables, selection)})`,
    ...sinceStart(selection.fromUs),
  ];
}
