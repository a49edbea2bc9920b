/** The columns of observations and scores, and the SQL that writes them. The SQL contains names of these tables only. */

import type { ObservationRow, ScoreRow } from '../../../../ingest/rows.js';
import type { SqlValue } from '../sqlite.js';

/** Column → field of the row, in the order in which they are bound. */
export const OBSERVATION_COLUMNS: Record<string, keyof ObservationRow> = {
  id: 'id',
  trace_id: 'traceId',
  parent_id: 'parentId',
  type: 'type',
  level: 'level',
  start_us: 'startUs',
  end_us: 'endUs',
  total_tokens: 'totalTokens',
  total_cost: 'totalCost',
  name: 'name',
  completion_start_us: 'completionStartUs',
  status_message: 'statusMessage',
  version: 'version',
  environment: 'environment',
  model: 'model',
  model_parameters: 'modelParameters',
  usage_details: 'usageDetails',
  cost_details: 'costDetails',
  prompt_name: 'promptName',
  prompt_version: 'promptVersion',
  metadata: 'metadata',
  input_payload: 'input',
  output_payload: 'output',
};

export const SCORE_COLUMNS: Record<string, keyof ScoreRow> = {
  id: 'id',
  trace_id: 'traceId',
  observation_id: 'observationId',
  session_id: 'sessionId',
  dataset_run_id: 'datasetRunId',
  name: 'name',
  data_type: 'dataType',
  value: 'value',
  string_value: 'stringValue',
  timestamp_us: 'timestampUs',
  config_id: 'configId',
  environment: 'environment',
  source: 'source',
  comment: 'comment',
  metadata: 'metadata',
};

/** Set by the first event only (Langfuse's worker/src/services/IngestionService/index.ts, immutableEntityKeys). */
export const IMMUTABLE = new Set(['start_us', 'environment']);

/** Clears the estimates of a row that changes. */
const NO_FIGURES = `estimated_tokens = NULL, estimated_cost = NULL, has_estimated_tokens = NULL,
  has_estimated_cost = NULL`;
export const NO_ESTIMATE = `estimate = NULL, ${NO_FIGURES}`;

export const COLUMNS = Object.keys(OBSERVATION_COLUMNS);
export const FIELDS = Object.values(OBSERVATION_COLUMNS);
export const MERGED_COLUMNS = COLUMNS.filter((column) => column !== 'id' && column !== 'trace_id');

/** Langfuse 3 keeps values of an earlier version of the span for these (its IngestionService/utils.ts, overwriteObject). */
const KEPT_FIELDS: Record<string, string> = {
  parent_id: 'parentObservationId',
  status_message: 'statusMessage',
  version: 'version',
  model: 'model',
  completion_start_us: 'completionStartTime',
  usage_details: 'usageDetails',
  cost_details: 'costDetails',
  prompt_name: 'prompt',
  input_payload: 'input',
  output_payload: 'output',
};

/** Bound: the columns, `estimate`, and the time twice. A span replaces the stored row. The column `lost` records which fields were lost by that. */
export function wholeSql(): string {
  const all = [...COLUMNS, 'estimate', 'created_us', 'updated_us'];
  const replaced = MERGED_COLUMNS.map((column) => `${column} = excluded.${column}`);
  const isLost = (field: string, condition: string) =>
    `CASE WHEN ${condition} THEN '"${field}",' ELSE '' END`;
  const wasLost = (field: string) => `coalesce(instr(lost, '"${field}"'), 0) > 0`;
  const lost = [
    ...Object.entries(KEPT_FIELDS).map(([column, field]) =>
      isLost(field, `excluded.${column} IS NULL AND (${column} IS NOT NULL OR ${wasLost(field)})`),
    ),
    isLost('startTime', `start_us / 1000 <> excluded.start_us / 1000 OR ${wasLost('startTime')}`),
    isLost('metadata', `loses_keys(metadata, excluded.metadata) OR ${wasLost('metadata')}`),
  ].join(' || ');
  return `INSERT INTO observations (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})
    ON CONFLICT (trace_id, id) DO UPDATE SET ${replaced.join(', ')}, orders = NULL, updated_us = excluded.updated_us,
    lost = iif(length(${lost}) = 0, NULL, '[' || rtrim(${lost}, ',') || ']'), estimate = excluded.estimate, ${NO_FIGURES}`;
}

/** SQL function: 1 if `after` lacks a key of `before`. */
export function losesKeys(before: SqlValue, after: SqlValue): SqlValue {
  if (before === null || before === after) return 0;
  const kept = (after === null ? {} : JSON.parse(String(after))) as object;
  return Object.keys(JSON.parse(String(before)) as object).every((key) => Object.hasOwn(kept, key)) ? 0 : 1;
}

/** Every value is bound. */
export function scoreSql(): string {
  const all = [...Object.keys(SCORE_COLUMNS), 'created_us', 'updated_us'];
  const updated = Object.keys(SCORE_COLUMNS).filter((column) => column !== 'id');
  return `INSERT INTO scores (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})
    ON CONFLICT (id) DO UPDATE SET ${updated.map((column) => `${column} = excluded.${column}`).join(', ')},
    updated_us = excluded.updated_us`;
}
