/** The columns of conditions (contract/conditions.ts) as SQL: `t` is a trace, `u` its totals, `o` an observation, `s` a score. */

import type { Condition, ObservationColumn, ScoreColumn, TraceColumn } from '../../contract/conditions.js';
import { raw, type Sql, sql, text } from '../connection/sql.js';
import { sideSql, type Tables, totalSql } from '../tables.js';
import { type ColumnSql, conditionSql } from './conditions.js';
import { type Figure, LATENCY_FIGURES, LATENCY_US } from './rollups.js';

const column = (kind: 'text' | 'number' | 'time' | 'flag' | 'texts' | 'metadata', of: string): ColumnSql => ({
  kind,
  sql: of,
});

/** `figures`: the totals that the column needs. */
type TraceColumnSql = ColumnSql & { figures?: readonly Figure[] };

const total = (figure: Figure): TraceColumnSql => ({ ...column('number', `u.${figure}`), figures: [figure] });
/** Unknown sums are 0, as on the server. */
const known = (figure: Figure): TraceColumnSql => ({
  ...column('number', `ifNull(u.${figure}, 0)`),
  figures: [figure],
});

const LEVEL: TraceColumnSql = {
  ...column(
    'text',
    `multiIf(u.error_count > 0, 'ERROR', u.warning_count > 0, 'WARNING', u.default_count > 0, 'DEFAULT', 'DEBUG')`,
  ),
  figures: ['error_count', 'warning_count', 'default_count'],
};

const TRACE_COLUMNS: Omit<
  Record<TraceColumn, TraceColumnSql>,
  'scores_avg' | 'scores' | 'score_categories' | 'score_booleans'
> = {
  id: column('text', 't.id'),
  name: column('text', 't.name'),
  timestamp: column('time', 't.timestamp'),
  userId: column('text', 't.user_id'),
  sessionId: column('text', 't.session_id'),
  environment: column('text', 't.environment'),
  version: column('text', 't.version'),
  release: column('text', 't.release'),
  tags: column('texts', 't.tags'),
  bookmarked: column('flag', '0'),
  metadata: column('metadata', 't.metadata'),
  latency: { ...column('number', `(${LATENCY_US}) / 1e6`), figures: LATENCY_FIGURES },
  inputTokens: known('input_tokens'),
  outputTokens: known('output_tokens'),
  totalTokens: known('total_tokens'),
  tokens: known('total_tokens'),
  inputCost: total('input_cost'),
  outputCost: total('output_cost'),
  totalCost: total('total_cost'),
  level: LEVEL,
  errorCount: known('error_count'),
  warningCount: known('warning_count'),
  defaultCount: known('default_count'),
  debugCount: known('debug_count'),
};

export interface TraceConditions {
  conditions: Sql[];
  figures: Figure[];
}

export function traceConditions(
  tables: Tables,
  conditions: readonly Condition<TraceColumn>[],
): TraceConditions {
  const scores = (select: string, dataTypes: string, group = ''): ColumnSql => ({
    kind: 'entries',
    has: (key, condition) =>
      sql`t.id IN (SELECT trace_id FROM (SELECT trace_id, ${raw(select)} AS v FROM ${tables.scores} FINAL
        WHERE name = ${text(key)} AND data_type IN (${raw(dataTypes)}) AND trace_id IS NOT NULL${raw(group)}) WHERE ${condition})`,
  });
  const means = scores('avg(value)', `'NUMERIC', 'BOOLEAN'`, ' GROUP BY trace_id');
  const columns: Record<TraceColumn, TraceColumnSql> = {
    ...TRACE_COLUMNS,
    scores_avg: means,
    scores: means,
    score_categories: scores('string_value', `'CATEGORICAL'`),
    score_booleans: scores('value', `'BOOLEAN'`),
  };
  return {
    conditions: conditions.map((one) => conditionSql(one, columns[one.column])),
    figures: [...new Set(conditions.flatMap((one) => columns[one.column].figures ?? []))],
  };
}

const SECONDS = `if(o.end_time IS NULL, NULL, toFloat64(toUnixTimestamp64Micro(assumeNotNull(o.end_time)) - toUnixTimestamp64Micro(o.start_time)) / 1e6)`;
const FIRST_TOKEN = `if(o.completion_start_time IS NULL, NULL, toFloat64(toUnixTimestamp64Micro(assumeNotNull(o.completion_start_time)) - toUnixTimestamp64Micro(o.start_time)) / 1e6)`;
const OUTPUT_TOKENS = `ifNull(${sideSql('usage', 'output')}, 0)`;
const TOKENS = `ifNull(${totalSql('usage')}, 0)`;

/** Of an observation that is the root: without a parent, or marked as the root of the application. */
export const isRootSql = (tables: Tables): Sql =>
  sql`(o.parent_id IS NULL OR (o.trace_id, o.id) IN (SELECT id, assumeNotNull(root_id) FROM ${tables.traces} FINAL WHERE root_id IS NOT NULL))`;

const OBSERVATION_COLUMNS: Partial<Record<ObservationColumn, ColumnSql>> = {
  id: column('text', 'o.id'),
  type: column('text', 'o.type'),
  name: column('text', `nullIf(o.name, '')`),
  traceId: column('text', 'o.trace_id'),
  parentObservationId: column('text', 'o.parent_id'),
  startTime: column('time', 'o.start_time'),
  endTime: column('time', 'o.end_time'),
  environment: column('text', 'o.environment'),
  level: column('text', 'o.level'),
  statusMessage: column('text', 'o.status_message'),
  version: column('text', 'o.version'),
  latency: column('number', SECONDS),
  timeToFirstToken: column('number', FIRST_TOKEN),
  tokensPerSecond: column('number', `${OUTPUT_TOKENS} / nullIf(${SECONDS}, 0)`),
  inputTokens: column('number', `ifNull(${sideSql('usage', 'input')}, 0)`),
  outputTokens: column('number', OUTPUT_TOKENS),
  totalTokens: column('number', TOKENS),
  tokens: column('number', TOKENS),
  inputCost: column('number', sideSql('cost', 'input')),
  outputCost: column('number', sideSql('cost', 'output')),
  totalCost: column('number', totalSql('cost')),
  model: column('text', 'o.model'),
  promptName: column('text', 'o.prompt_name'),
  promptVersion: column('number', 'o.prompt_version'),
  metadata: column('metadata', 'o.metadata'),
  providedModelName: column('text', 'o.model'),
  input: column('text', 'o.input'),
  output: column('text', 'o.output'),
};

/** Those that are the trace's. */
const OF_TRACE: Partial<Record<ObservationColumn, keyof typeof TRACE_COLUMNS>> = {
  userId: 'userId',
  traceName: 'name',
  traceEnvironment: 'environment',
  traceTags: 'tags',
  sessionId: 'sessionId',
  tags: 'tags',
  release: 'release',
};

export function observationConditions(
  tables: Tables,
  conditions: readonly Condition<ObservationColumn>[],
): Sql[] {
  const within = (condition: Sql) =>
    sql`o.trace_id IN (SELECT t.id FROM ${tables.traces} AS t FINAL WHERE ${condition})`;
  return conditions.map((one) => {
    if (one.column === 'isRootObservation') {
      const wanted = one as Extract<typeof one, { type: 'boolean' }>;
      return (wanted.operator === '=') === wanted.value ? isRootSql(tables) : sql`NOT ${isRootSql(tables)}`;
    }
    const ofTrace = OF_TRACE[one.column];
    const found: ColumnSql | undefined =
      ofTrace === undefined
        ? OBSERVATION_COLUMNS[one.column]
        : { kind: 'elsewhere', of: TRACE_COLUMNS[ofTrace], within };
    return conditionSql(one, found as ColumnSql);
  });
}

const SCORE_COLUMNS: Partial<Record<ScoreColumn, ColumnSql>> = {
  id: column('text', 's.id'),
  timestamp: column('time', 's.timestamp'),
  environment: column('text', 's.environment'),
  traceId: column('text', 's.trace_id'),
  observationId: column('text', 's.observation_id'),
  sessionId: column('text', 's.session_id'),
  datasetRunId: column('text', 's.dataset_run_id'),
  name: column('text', 's.name'),
  source: column('text', 's.source'),
  dataType: column('text', 's.data_type'),
  value: column('number', 's.value'),
  stringValue: column('text', 's.string_value'),
  comment: column('text', 's.comment'),
  configId: column('text', 's.config_id'),
  metadata: column('metadata', 's.metadata'),
};

export function scoreConditions(tables: Tables, conditions: readonly Condition<ScoreColumn>[]): Sql[] {
  const within = (condition: Sql) =>
    sql`s.trace_id IN (SELECT t.id FROM ${tables.traces} AS t FINAL WHERE ${condition})`;
  const ofTrace: Partial<Record<ScoreColumn, ColumnSql>> = {
    traceUserId: { kind: 'elsewhere', of: TRACE_COLUMNS.userId, within },
    traceTags: { kind: 'elsewhere', of: TRACE_COLUMNS.tags, within },
  };
  return conditions.map((one) =>
    conditionSql(one, (SCORE_COLUMNS[one.column] ?? ofTrace[one.column]) as ColumnSql),
  );
}
