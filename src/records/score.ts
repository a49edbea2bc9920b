/**
 * The record of a score: an array with a fixed order of fields, which this file alone knows. Scores are few, so they cross
 * the ring, and are read, as JavaScript values.
 */
import { SCORE } from './kinds.js';
import type { ScoreDataType } from './vocabulary.js';

export type ScoreRecord = readonly [
  kind: typeof SCORE,
  id: string,
  timestamp: number,
  traceId: string | null,
  observationId: string | null,
  sessionId: string | null,
  datasetRunId: string | null,
  name: string,
  value: number | string,
  dataType: ScoreDataType | null,
  comment: string | null,
  configId: string | null,
  environment: string | null,
  metadata: unknown,
];

/** Where each field stands in a ScoreRecord. */
export const SCORE_FIELD = {
  kind: 0,
  id: 1,
  timestamp: 2,
  traceId: 3,
  observationId: 4,
  sessionId: 5,
  datasetRunId: 6,
  name: 7,
  value: 8,
  dataType: 9,
  comment: 10,
  configId: 11,
  environment: 12,
  metadata: 13,
} as const;

export interface Score {
  readonly id: string;
  readonly timestamp: number;
  readonly traceId: string | null;
  readonly observationId: string | null;
  readonly sessionId: string | null;
  readonly datasetRunId: string | null;
  readonly name: string;
  readonly value: number | string;
  readonly dataType: ScoreDataType | null;
  readonly comment: string | null;
  readonly configId: string | null;
  readonly environment: string | null;
  readonly metadata: unknown;
}

export function toScoreRecord(score: Score): ScoreRecord {
  return [
    SCORE,
    score.id,
    score.timestamp,
    score.traceId,
    score.observationId,
    score.sessionId,
    score.datasetRunId,
    score.name,
    score.value,
    score.dataType,
    score.comment,
    score.configId,
    score.environment,
    score.metadata,
  ];
}

export function readScore(record: ScoreRecord): Score {
  const [, id, timestamp, traceId, observationId, sessionId, datasetRunId, name, ...rest] = record;
  const [value, dataType, comment, configId, environment, metadata] = rest;
  return {
    id,
    timestamp,
    traceId,
    observationId,
    sessionId,
    datasetRunId,
    name,
    value,
    dataType,
    comment,
    configId,
    environment,
    metadata,
  };
}
