/** The SQL of the columns that conditions name, for traces, observations and scores. */

import type { ObservationColumn, ScoreColumn, TraceColumn } from '../../contract/conditions.js';
import { IS_ROOT_OBSERVATION, SCORE_SOURCE, sideSql, totalSql } from '../derived-sql.js';
import type { ColumnSql } from './conditions.js';

export const text = (sql: string): ColumnSql => ({ string: sql, stringOptions: sql, null: sql });
export const number = (sql: string): ColumnSql => ({ number: sql, numberOptions: sql, null: sql });
export const time = (sql: string): ColumnSql => ({ datetime: sql, null: sql });
export const flag = (sql: string): ColumnSql => ({ boolean: sql });
export const texts = (sql: string): ColumnSql => ({ arrayOptions: sql });

/** Metadata that is too deep for SQLite's parser has no keys: an error would fail the query for all other rows as well. */
export function metadata(sql: string): ColumnSql {
  const entry = `FROM json_each(iif(json_valid(${sql}), ${sql}, NULL)) WHERE key = ?`;
  const asText = `SELECT CASE type WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(value AS TEXT) END AS v ${entry}`;
  return {
    stringObject: asText,
    categoryOptions: asText,
    numberObject: `SELECT value AS v ${entry} AND type IN ('integer', 'real')`,
    booleanObject: `SELECT type = 'true' AS v ${entry} AND type IN ('true', 'false')`,
  };
}

const ofTrace = (select: string) => `(SELECT ${select} FROM observations AS x WHERE x.trace_id = t.id)`;
const countOf = (level: string) => ofTrace(`coalesce(sum(coalesce(x.level, 'DEFAULT') = '${level}'), 0)`);
const sumOf = (kind: 'usage' | 'cost', side: 'input' | 'output') =>
  ofTrace(`sum(${sideSql('x', kind, side)})`);
const known = (sql: string) => `coalesce(${sql}, 0)`;

const scoresOf = (select: string, dataTypes: string) =>
  `SELECT ${select} AS v FROM scores WHERE trace_id = t.id AND name = ? AND data_type IN (${dataTypes})`;

const TRACE_TOKENS = number(known('t.total_tokens'));
const SCORE_MEANS: ColumnSql = {
  numberObject: `${scoresOf('avg(value)', `'NUMERIC', 'BOOLEAN'`)} GROUP BY name`,
};

/** `t`: the trace, `r`: its root observation. */
export const TRACE_COLUMN_SQL: Record<TraceColumn, ColumnSql> = {
  id: text('t.id'),
  name: text('coalesce(t.name, r.name)'),
  timestamp: time('t.timestamp_us'),
  userId: text('t.user_id'),
  sessionId: text('t.session_id'),
  environment: text(`coalesce(t.environment, 'default')`),
  version: text('t.version'),
  release: text('t.release'),
  tags: texts('t.tags'),
  bookmarked: flag('0'),
  metadata: metadata('t.metadata'),
  latency: number('t.latency_us / 1e6'),
  inputTokens: number(known(sumOf('usage', 'input'))),
  outputTokens: number(known(sumOf('usage', 'output'))),
  totalTokens: TRACE_TOKENS,
  tokens: TRACE_TOKENS,
  inputCost: number(sumOf('cost', 'input')),
  outputCost: number(sumOf('cost', 'output')),
  totalCost: number('t.total_cost'),
  level: text(
    `(CASE WHEN t.error_count > 0 THEN 'ERROR' WHEN ${countOf('WARNING')} > 0 THEN 'WARNING' WHEN ${countOf('DEFAULT')} > 0 THEN 'DEFAULT' ELSE 'DEBUG' END)`,
  ),
  errorCount: number('t.error_count'),
  warningCount: number(countOf('WARNING')),
  defaultCount: number(countOf('DEFAULT')),
  debugCount: number(countOf('DEBUG')),
  scores_avg: SCORE_MEANS,
  scores: SCORE_MEANS,
  score_categories: { categoryOptions: scoresOf('string_value', `'CATEGORICAL'`) },
  score_booleans: { booleanObject: scoresOf('value', `'BOOLEAN'`) },
};

const SECONDS = '(o.end_us - o.start_us) / 1e6';
const OUTPUT_TOKENS = known(sideSql('o', 'usage', 'output'));
const OBSERVATION_TOKENS = number(known(totalSql('o', 'usage')));

/** `o`: the observation, `t`: its trace, `r`: the root observation of its trace. */
export const OBSERVATION_COLUMN_SQL: Record<ObservationColumn, ColumnSql> = {
  id: text('o.id'),
  type: text('o.type'),
  name: text('o.name'),
  traceId: text('o.trace_id'),
  parentObservationId: text('o.parent_id'),
  startTime: time('o.start_us'),
  endTime: time('o.end_us'),
  environment: text(`coalesce(o.environment, 'default')`),
  level: text(`coalesce(o.level, 'DEFAULT')`),
  statusMessage: text('o.status_message'),
  version: text('o.version'),
  latency: number(SECONDS),
  timeToFirstToken: number('(o.completion_start_us - o.start_us) / 1e6'),
  tokensPerSecond: number(`${OUTPUT_TOKENS} / nullif(${SECONDS}, 0)`),
  inputTokens: number(known(sideSql('o', 'usage', 'input'))),
  outputTokens: number(OUTPUT_TOKENS),
  totalTokens: OBSERVATION_TOKENS,
  tokens: OBSERVATION_TOKENS,
  inputCost: number(sideSql('o', 'cost', 'input')),
  outputCost: number(sideSql('o', 'cost', 'output')),
  totalCost: number(totalSql('o', 'cost')),
  model: text('o.model'),
  promptName: text('o.prompt_name'),
  promptVersion: number('o.prompt_version'),
  metadata: metadata('o.metadata'),
  userId: text('t.user_id'),
  traceName: text('coalesce(t.name, r.name)'),
  traceEnvironment: text(`coalesce(t.environment, 'default')`),
  traceTags: texts('t.tags'),
  providedModelName: text('o.model'),
  sessionId: text('t.session_id'),
  tags: texts('t.tags'),
  release: text('t.release'),
  isRootObservation: flag(IS_ROOT_OBSERVATION),
  input: { string: 'o.input' },
  output: { string: 'o.output' },
};

/** `s`: the score, `t`: its trace, if it has one. */
export const SCORE_COLUMN_SQL: Record<ScoreColumn, ColumnSql> = {
  id: text('s.id'),
  timestamp: time('s.timestamp_us'),
  environment: text(`coalesce(s.environment, 'default')`),
  traceId: text('s.trace_id'),
  observationId: text('s.observation_id'),
  sessionId: text('s.session_id'),
  datasetRunId: text('s.dataset_run_id'),
  name: text('s.name'),
  source: text(SCORE_SOURCE),
  dataType: text('s.data_type'),
  value: number('s.value'),
  stringValue: text('s.string_value'),
  comment: text('s.comment'),
  configId: text('s.config_id'),
  metadata: metadata('s.metadata'),
  traceUserId: text('t.user_id'),
  traceTags: texts('t.tags'),
};
