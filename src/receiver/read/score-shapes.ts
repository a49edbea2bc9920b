/**
 * Stored rows → scores, in the three shapes of Langfuse's public API.
 *
 * They are those of its packages/shared/src/features/scores/interfaces/api/{v1,v2,v3}/schemas.ts: in the first two a
 * score without a number has the value 0 (a TEXT score: none), in the third `value` has the score's type.
 */

import type { SqlRow } from '../store/sqlite.js';
import { isoTime, metadataOf, PROJECT_ID, tagsOf } from './row-values.js';

export const SCORE_FIELD_GROUPS = ['score', 'trace'] as const;
export const SCORE_FIELD_GROUPS_V3 = ['core', 'details', 'subject', 'annotation'] as const;
type ScoreFieldGroupV3 = (typeof SCORE_FIELD_GROUPS_V3)[number];

/** The first version has only scores of traces, and no corrections. */
export const SCORES_OF_FIRST_VERSION = `s.trace_id IS NOT NULL AND s.data_type <> 'CORRECTION'`;

export function scoreObjectV1(row: SqlRow) {
  return {
    ...coreFields(row),
    ...(row.data_type === 'TEXT' ? {} : { value: row.value ?? 0 }),
    stringValue: row.string_value,
    traceId: row.trace_id,
    observationId: row.observation_id,
    comment: row.comment,
    metadata: metadataOf(row.metadata),
    configId: row.config_id,
    authorUserId: null,
    queueId: null,
    executionTraceId: null,
  };
}

export function scoreObjectV2(row: SqlRow) {
  return { ...scoreObjectV1(row), sessionId: row.session_id, datasetRunId: row.dataset_run_id };
}

/** Trace fields of each score in a list. */
export function traceOfScore(row: SqlRow) {
  return {
    userId: row.trace_user_id,
    tags: tagsOf(row.trace_tags),
    environment: row.trace_environment ?? 'default',
  };
}

export function scoreObjectV3(row: SqlRow, groups: readonly ScoreFieldGroupV3[]) {
  return {
    ...coreFields(row),
    value: typedValue(row),
    ...(groups.includes('details') && {
      comment: row.comment,
      configId: row.config_id,
      metadata: metadataOf(row.metadata),
    }),
    ...(groups.includes('annotation') && { authorUserId: null, queueId: null }),
    ...(groups.includes('subject') && { subject: subjectOf(row) }),
  };
}

function coreFields(row: SqlRow) {
  return {
    id: row.id,
    projectId: PROJECT_ID,
    name: row.name,
    dataType: row.data_type,
    source: row.source,
    timestamp: isoTime(row.timestamp_us),
    environment: row.environment ?? 'default',
    createdAt: isoTime(row.created_us),
    updatedAt: isoTime(row.updated_us),
  };
}

function typedValue(row: SqlRow) {
  if (row.data_type === 'NUMERIC') return row.value;
  return row.data_type === 'BOOLEAN' ? row.value === 1 : row.string_value;
}

function subjectOf(row: SqlRow) {
  if (row.dataset_run_id !== null) return { kind: 'experiment', id: row.dataset_run_id };
  if (row.observation_id !== null) {
    return { kind: 'observation', id: row.observation_id, traceId: row.trace_id };
  }
  if (row.session_id !== null) return { kind: 'session', id: row.session_id };
  return { kind: 'trace', id: row.trace_id };
}
