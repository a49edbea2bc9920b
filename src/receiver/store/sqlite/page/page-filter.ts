/** The page's filters → conditions on traces (`t`: the trace). */

import type { Micros } from '../../../../ingest/rows.js';
import {
  RANGE_FILTERS,
  type RangeFilter,
  VALUE_FILTERS,
  type ValueFilter,
} from '../../../../viewer/data/filters.js';
import type { PageFilter, ScoreFilter } from '../../contract/page.js';
import { addCondition, bindList, emptyWhere, IN_LIST, type Where } from '../read/conditions.js';
import { searchMetadata } from '../search/metadata-search.js';
import { type Found, likePattern, search } from '../search/search.js';
import type { Database, SqlValue } from '../sqlite.js';
import { hasTrait, TRAITS, type Trait } from '../traits.js';
import { payloadAsJson } from './payload-cuts.js';

export interface PageFilterSql {
  where: Where;
  /** Traces that started before may pass too: there was no time to read them. Null: all were read. */
  searchedFromUs: Micros | null;
}

export const TRACE_NAME = 't.shown_name';

/** Columns of the trace. A trace without an environment is in `default`. */
export const VALUES_OF_TRACE: Partial<Record<ValueFilter, string>> = {
  name: TRACE_NAME,
  user: 't.user_id',
  session: 't.session_id',
  environment: `coalesce(t.environment, 'default')`,
  release: 't.release',
  version: 't.version',
};

const RANGES: Record<RangeFilter, string> = {
  duration: 't.latency_us / 1e6',
  tokens: 't.total_tokens',
  cost: 't.total_cost',
};

const SCORE_OF_NAME = 'EXISTS (SELECT 1 FROM scores AS s WHERE s.trace_id = t.id AND s.name = ?)';
const ANY_SCORE = 'EXISTS (SELECT 1 FROM scores AS s WHERE s.trace_id = t.id)';
/** Of a person on a page: a score or a comment. */
const FEEDBACK = `(EXISTS (SELECT 1 FROM scores AS s WHERE s.trace_id = t.id AND s.source = 'ANNOTATION')
  OR EXISTS (SELECT 1 FROM comments AS c WHERE c.trace_id = t.id))`;

export async function pageFilterSql(database: Database, filter: PageFilter): Promise<PageFilterSql> {
  const where = emptyWhere();
  if (filter.fromUs !== null) addCondition(where, 't.timestamp_us >= ?', filter.fromUs);
  if (filter.toUs !== null) addCondition(where, 't.timestamp_us < ?', filter.toUs);
  for (const name of VALUE_FILTERS) addValues(where, name, filter.values[name] ?? []);
  for (const name of RANGE_FILTERS) {
    const { min, max } = filter.ranges[name] ?? { min: null, max: null };
    if (min !== null) addCondition(where, `${RANGES[name]} >= ?`, min);
    if (max !== null) addCondition(where, `${RANGES[name]} <= ?`, max);
  }
  for (const score of filter.scores) addScore(where, score);
  for (const name of filter.unscored) addCondition(where, `NOT ${SCORE_OF_NAME}`, name);
  addPresence(where, filter.isScored, ANY_SCORE);
  addPresence(where, filter.hasFeedback, FEEDBACK);
  if (filter.status !== null) {
    const having = `SELECT trace_id FROM observations WHERE status_message IS NOT NULL AND status_message LIKE ? ESCAPE '\\'`;
    addCondition(where, `t.id IN (${having})`, likePattern(filter.status));
  }
  if (filter.ids.length > 0) addCondition(where, `t.id IN ${IN_LIST}`, bindList(filter.ids));
  const scope = { fromUs: filter.fromUs, toUs: filter.toUs, further: filter.further ?? 0 };
  const unread: Micros[] = [];
  const addFound = ({ traceRows, unreadUs }: Found) => {
    addCondition(where, `t.rowid IN ${IN_LIST}`, bindList(traceRows));
    if (unreadUs !== null) unread.push(unreadUs);
  };
  for (const { key, value } of filter.metadata) {
    addFound(await searchMetadata(database, key, value, scope));
    addEntry(where, key, value);
  }
  if (filter.search !== null) addFound(await search(database, filter.search, scope));
  return { where, searchedFromUs: unread.length === 0 ? null : Math.max(...unread) };
}

/** The same for a reader that needs all traces which pass, however long a search takes. */
export async function wholeFilterSql(database: Database, filter: PageFilter): Promise<Where> {
  const { where } = await pageFilterSql(database, { ...filter, further: Number.POSITIVE_INFINITY });
  return where;
}

function observationExists(condition: string): string {
  return `EXISTS (SELECT 1 FROM observations AS o WHERE o.trace_id = t.id AND ${condition})`;
}

function addValues(where: Where, name: ValueFilter, values: readonly string[]): void {
  if (values.length === 0) return;
  // The roll-up knows the commonest question.
  if (name === 'level' && values.length === 1 && values[0] === 'ERROR') {
    addCondition(where, 't.error_count > 0');
    return;
  }
  const list = bindList(values);
  const ofTrace = VALUES_OF_TRACE[name];
  if (ofTrace !== undefined) addCondition(where, `${ofTrace} IN ${IN_LIST}`, list);
  else if (isTrait(name)) addCondition(where, hasTrait(name), list, list);
  else {
    const tagged = `EXISTS (SELECT 1 FROM json_each(t.tags) AS tag WHERE tag.value IN ${IN_LIST})`;
    addCondition(where, tagged, list);
  }
}

export function isTrait(name: ValueFilter): name is Trait {
  return (TRAITS as readonly string[]).includes(name);
}

function addScore(where: Where, score: ScoreFilter): void {
  const having = (condition: string) =>
    `t.id IN (SELECT s.trace_id FROM scores AS s WHERE s.name = ?${condition})`;
  const { name } = score;
  if (score.operator === null) addCondition(where, having(''), name);
  else if (score.operator !== '=')
    addCondition(where, having(` AND s.value ${score.operator} ?`), name, score.value);
  else {
    const { value } = score;
    const asNumber: SqlValue = value.trim() === '' || Number.isNaN(Number(value)) ? null : Number(value);
    const isEqual = having(' AND (s.value = ? OR lower(s.string_value) = lower(?))');
    addCondition(where, isEqual, name, asNumber, value);
  }
}

function addPresence(where: Where, isWanted: boolean | null, exists: string): void {
  if (isWanted !== null) addCondition(where, isWanted ? exists : `NOT ${exists}`);
}

/** Metadata of the trace and of its observations. */
function addEntry(where: Where, key: string, value: string): void {
  const entry = (column: string) =>
    `EXISTS (SELECT 1 FROM json_each(${payloadAsJson(column)}) AS m WHERE m.key = ? AND
      CASE m.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(m.value AS TEXT) END = ?)`;
  const condition = `(${entry('t.metadata')} OR ${observationExists(entry('o.metadata'))})`;
  addCondition(where, condition, key, value, key, value);
}
