/**
 * Stored rows → scores, in the three shapes of Langfuse's public API.
 *
 * They are those of its packages/shared/src/features/scores/interfaces/api/{v1,v2,v3}/schemas.ts: in the first two a
 * score without a number has the value 0 (a TEXT score: none), in the third `value` has the score's type.
 */

import type { ScoreWithTrace, StoredScore } from '../store/contract/rows.js';
import { isoTime, metadataOf, PROJECT_ID } from './row-values.js';

export const SCORE_FIELD_GROUPS = ['score', 'trace'] as const;
export const SCORE_FIELD_GROUPS_V3 = ['core', 'details', 'subject', 'annotation'] as const;
type ScoreFieldGroupV3 = (typeof SCORE_FIELD_GROUPS_V3)[number];

export function scoreObjectV1(row: StoredScore) {
  return {
    ...coreFields(row),
    ...(row.dataType === 'TEXT' ? {} : { value: row.value ?? 0 }),
    stringValue: row.stringValue,
    traceId: row.traceId,
    observationId: row.observationId,
    comment: row.comment,
    metadata: metadataOf(row.metadata),
    configId: row.configId,
    authorUserId: null,
    queueId: null,
    executionTraceId: null,
  };
}

export function scoreObjectV2(row: StoredScore) {
  return { ...scoreObjectV1(row), sessionId: row.sessionId, datasetRunId: row.datasetRunId };
}

/** Trace fields of each score in a list. */
export function traceOfScore(row: ScoreWithTrace) {
  return {
    userId: row.traceUserId,
    tags: row.traceTags ?? [],
    environment: row.traceEnvironment ?? 'default',
  };
}

export function scoreObjectV3(row: StoredScore, groups: readonly ScoreFieldGroupV3[]) {
  return {
    ...coreFields(row),
    value: typedValue(row),
    ...(groups.includes('details') && {
      comment: row.comment,
      configId: row.configId,
      metadata: metadataOf(row.metadata),
    }),
    ...(groups.includes('annotation') && { authorUserId: null, queueId: null }),
    ...(groups.includes('subject') && { subject: subjectOf(row) }),
  };
}

function coreFields(row: StoredScore) {
  return {
    id: row.id,
    projectId: PROJECT_ID,
    name: row.name,
    dataType: row.dataType,
    source: row.source,
    timestamp: isoTime(row.timestampUs),
    environment: row.environment ?? 'default',
    createdAt: isoTime(row.createdUs),
    updatedAt: isoTime(row.updatedUs),
  };
}

function typedValue(row: StoredScore) {
  if (row.dataType === 'NUMERIC') return row.value;
  return row.dataType === 'BOOLEAN' ? row.value === 1 : row.stringValue;
}

function subjectOf(row: StoredScore) {
  if (row.datasetRunId !== null) return { kind: 'experiment', id: row.datasetRunId };
  if (row.observationId !== null) {
    return { kind: 'observation', id: row.observationId, traceId: row.traceId };
  }
  if (row.sessionId !== null) return { kind: 'session', id: row.sessionId };
  return { kind: 'trace', id: row.traceId };
}
