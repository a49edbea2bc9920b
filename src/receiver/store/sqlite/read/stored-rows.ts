/** Rows of SQLite → rows of the store's contract. */

import type {
  ObservationWithTrace,
  ScoreWithTrace,
  StoredObservation,
  StoredScore,
  StoredSession,
  StoredTrace,
  TraceSummaryRow,
} from '../../contract/rows.js';
import type { SqlRow, SqlValue } from '../sqlite.js';

/** Columns of texts and numbers come as such: what a column cannot hold is not checked again. */
export function textOf(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

export function numberOf(value: SqlValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** A JSON list of texts. */
export function textsOf(json: SqlValue | undefined): string[] | null {
  return typeof json === 'string' ? (JSON.parse(json) as string[]) : null;
}

export function traceSummary(row: SqlRow): TraceSummaryRow {
  return {
    id: String(row.id),
    timestampUs: Number(row.timestamp_us),
    latencyUs: numberOf(row.latency_us),
    observationCount: Number(row.observation_count),
    errorCount: Number(row.error_count),
    totalTokens: numberOf(row.total_tokens),
    totalCost: numberOf(row.total_cost),
    hasEstimatedTokens: row.has_estimated_tokens === 1,
    hasEstimatedCost: row.has_estimated_cost === 1,
    name: textOf(row.name),
    userId: textOf(row.user_id),
    sessionId: textOf(row.session_id),
    release: textOf(row.release),
    version: textOf(row.version),
    environment: textOf(row.environment),
    tags: textsOf(row.tags),
  };
}

export function storedTrace(row: SqlRow): StoredTrace {
  return {
    ...traceSummary(row),
    isPublic: row.public === 1,
    metadata: textOf(row.metadata),
    input: textOf(row.input),
    output: textOf(row.output),
    createdUs: Number(row.created_us),
    updatedUs: Number(row.updated_us),
  };
}

export function storedObservation(row: SqlRow): StoredObservation {
  return {
    id: String(row.id),
    traceId: String(row.trace_id),
    parentId: textOf(row.parent_id),
    type: row.type as StoredObservation['type'],
    level: row.level as StoredObservation['level'],
    startUs: numberOf(row.start_us),
    endUs: numberOf(row.end_us),
    totalTokens: numberOf(row.total_tokens),
    totalCost: numberOf(row.total_cost),
    name: textOf(row.name),
    completionStartUs: numberOf(row.completion_start_us),
    statusMessage: textOf(row.status_message),
    version: textOf(row.version),
    environment: textOf(row.environment),
    model: textOf(row.model),
    modelParameters: textOf(row.model_parameters),
    usageDetails: textOf(row.usage_details),
    costDetails: textOf(row.cost_details),
    estimate: textOf(row.estimate),
    promptName: textOf(row.prompt_name),
    promptVersion: numberOf(row.prompt_version),
    metadata: textOf(row.metadata),
    input: textOf(row.input),
    output: textOf(row.output),
    createdUs: Number(row.created_us),
    updatedUs: Number(row.updated_us),
  };
}

export function observationWithTrace(row: SqlRow): ObservationWithTrace {
  return {
    ...storedObservation(row),
    isRoot: row.is_root === 1,
    traceName: textOf(row.trace_name),
    traceUserId: textOf(row.trace_user_id),
    traceSessionId: textOf(row.trace_session_id),
    traceRelease: textOf(row.trace_release),
    traceTags: textsOf(row.trace_tags),
    traceIsPublic: row.trace_public === 1,
  };
}

export function storedScore(row: SqlRow): StoredScore {
  return {
    id: String(row.id),
    traceId: textOf(row.trace_id),
    observationId: textOf(row.observation_id),
    sessionId: textOf(row.session_id),
    datasetRunId: textOf(row.dataset_run_id),
    name: String(row.name),
    dataType: row.data_type as StoredScore['dataType'],
    value: numberOf(row.value),
    stringValue: textOf(row.string_value),
    comment: textOf(row.comment),
    metadata: textOf(row.metadata),
    configId: textOf(row.config_id),
    environment: textOf(row.environment),
    source: row.source as StoredScore['source'],
    timestampUs: Number(row.timestamp_us),
    createdUs: Number(row.created_us),
    updatedUs: Number(row.updated_us),
  };
}

export function scoreWithTrace(row: SqlRow): ScoreWithTrace {
  return {
    ...storedScore(row),
    traceUserId: textOf(row.trace_user_id),
    traceSessionId: textOf(row.trace_session_id),
    traceTags: textsOf(row.trace_tags),
    traceEnvironment: textOf(row.trace_environment),
  };
}

export function storedSession(row: SqlRow): StoredSession {
  return { id: String(row.id), createdUs: Number(row.created_us), environment: String(row.environment) };
}
