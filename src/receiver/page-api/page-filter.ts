/** The page's filters: query parameters → conditions on traces (`t`: the trace). */

import { RANGE_FILTERS, type RangeFilter, VALUE_FILTERS, type ValueFilter } from '../../viewer/page-data.js';
import { addCondition, bindList, emptyFilter, type Filter, IN_LIST } from '../read/conditions.js';
import { invalid, number, one, oneOf, time } from '../read/parameters.js';
import { isObjectText, wordsOfEntry, wordsOfObject } from '../store/metadata-words.js';
import { candidatesWithOneOf } from '../store/search-index.js';
import type { Database, SqlValue } from '../store/sqlite.js';
import { hasTrait, TRAITS, type Trait } from '../store/traits.js';
import { payloadAsJson } from './payload-sql.js';
import { likePattern, search } from './search.js';

interface PageFilter {
  filter: Filter;
  isSearchComplete: boolean;
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
/** Of a person on a page: a score or a comment. */
const FEEDBACK = `(EXISTS (SELECT 1 FROM scores AS s WHERE s.trace_id = t.id AND s.source = 'ANNOTATION')
  OR EXISTS (SELECT 1 FROM comments AS c WHERE c.trace_id = t.id))`;

/**
 * `except`: a filter that is left out, for the counts beside its values.
 *
 * @throws HttpError 400 with the name of a wrong parameter.
 */
export async function pageFilter(
  database: Database,
  query: URLSearchParams,
  except?: ValueFilter | 'score',
): Promise<PageFilter> {
  const filter = emptyFilter();
  let isSearchComplete = true;
  addTimes(filter, query);
  for (const name of VALUE_FILTERS) if (name !== except) addValues(filter, name, query.getAll(name));
  for (const name of RANGE_FILTERS) addRange(filter, query, name);
  if (except !== 'score') {
    for (const text of query.getAll('score')) addScore(filter, text);
    for (const name of query.getAll('unscored')) addCondition(filter, `NOT ${SCORE_OF_NAME}`, name);
  }
  addPresence(filter, query, 'scored', 'EXISTS (SELECT 1 FROM scores AS s WHERE s.trace_id = t.id)');
  addPresence(filter, query, 'feedback', FEEDBACK);
  const status = one(query, 'status');
  if (status !== null) {
    const pattern = likePattern(status);
    const having = `SELECT trace_id FROM observations WHERE status_message IS NOT NULL AND status_message LIKE ? ESCAPE '\\'`;
    addCondition(filter, `t.id IN (${having})`, pattern);
  }
  for (const text of query.getAll('metadata')) addMetadata(database, filter, text);
  const ids = query.getAll('id');
  if (ids.length > 0) addCondition(filter, `t.id IN ${IN_LIST}`, bindList(ids));
  const text = one(query, 'q');
  if (text !== null) {
    const found = await search(database, text);
    isSearchComplete = found.isComplete;
    addCondition(filter, `t.rowid IN ${IN_LIST}`, JSON.stringify(found.traceRows));
  }
  return { filter, isSearchComplete };
}

function addTimes(filter: Filter, query: URLSearchParams): void {
  const [from, to] = [time(query, 'from'), time(query, 'to')];
  if (from !== null) addCondition(filter, 't.timestamp_us >= ?', from);
  if (to !== null) addCondition(filter, 't.timestamp_us < ?', to);
}

function observationExists(condition: string): string {
  return `EXISTS (SELECT 1 FROM observations AS o WHERE o.trace_id = t.id AND ${condition})`;
}

function addValues(filter: Filter, name: ValueFilter, values: readonly string[]): void {
  if (values.length === 0) return;
  // The roll-up knows the commonest question.
  if (name === 'level' && values.length === 1 && values[0] === 'ERROR') {
    addCondition(filter, 't.error_count > 0');
    return;
  }
  const list = bindList(values);
  const ofTrace = VALUES_OF_TRACE[name];
  if (ofTrace !== undefined) addCondition(filter, `${ofTrace} IN ${IN_LIST}`, list);
  else if (isTrait(name)) addCondition(filter, hasTrait(name), list, list);
  else {
    addCondition(
      filter,
      `EXISTS (SELECT 1 FROM json_each(t.tags) AS tag WHERE tag.value IN ${IN_LIST})`,
      list,
    );
  }
}

export function isTrait(name: ValueFilter): name is Trait {
  return (TRAITS as readonly string[]).includes(name);
}

function addRange(filter: Filter, query: URLSearchParams, name: RangeFilter): void {
  const suffix = name.charAt(0).toUpperCase() + name.slice(1);
  const [min, max] = [number(query, `min${suffix}`), number(query, `max${suffix}`)];
  if (min !== null) addCondition(filter, `${RANGES[name]} >= ?`, min);
  if (max !== null) addCondition(filter, `${RANGES[name]} <= ?`, max);
}

/** `NAME`, `NAME=VALUE`, or NAME with one of `<`, `<=`, `>`, `>=` and a number. */
function addScore(filter: Filter, text: string): void {
  const [, name = '', operator, value = ''] = /^(.*?)(?:\s*(<=|>=|=|<|>)\s*([^<>=]*))?$/s.exec(text) ?? [];
  const exists = (condition: string) =>
    `t.id IN (SELECT s.trace_id FROM scores AS s WHERE s.name = ?${condition})`;
  if (operator === undefined) addCondition(filter, exists(''), name);
  else if (operator === '=') {
    // True and False are 1 and 0 as well, so that both spellings work.
    const asNumber: SqlValue = value.trim() === '' || Number.isNaN(Number(value)) ? null : Number(value);
    addCondition(
      filter,
      exists(' AND (s.value = ? OR lower(s.string_value) = lower(?))'),
      name,
      asNumber,
      value,
    );
  } else {
    if (value.trim() === '' || Number.isNaN(Number(value))) {
      throw invalid('score', `NAME${operator}NUMBER`, text);
    }
    addCondition(filter, exists(` AND s.value ${operator} ?`), name, Number(value));
  }
}

function addPresence(filter: Filter, query: URLSearchParams, name: string, exists: string): void {
  const wanted = oneOf(query, name, ['yes', 'no']);
  if (wanted !== null) addCondition(filter, wanted === 'yes' ? exists : `NOT ${exists}`);
}

/** `KEY=VALUE`: the value as a text, or as JSON. Metadata of the trace and of its observations. */
function addMetadata(database: Database, filter: Filter, text: string): void {
  const at = text.indexOf('=');
  if (at < 1) throw invalid('metadata', 'KEY=VALUE', text);
  const [key, value] = [text.slice(0, at), text.slice(at + 1)];
  const words = isObjectText(value) ? wordsOfObject(key) : wordsOfEntry(key, value);
  addCondition(filter, `t.rowid IN ${IN_LIST}`, candidatesWithOneOf(database, words));
  const entry = (column: string) =>
    `EXISTS (SELECT 1 FROM json_each(${payloadAsJson(column)}) AS m WHERE m.key = ? AND
      CASE m.type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(m.value AS TEXT) END = ?)`;
  const condition = `(${entry('t.metadata')} OR ${observationExists(entry('o.metadata'))})`;
  addCondition(filter, condition, key, value, key, value);
}
