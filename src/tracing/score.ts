/** A score as one record. */
import { SCORE, type ScoreDataType, type ScoreRecord } from '../shared/records.js';
import type { ScoreByIdBody } from './bodies.js';
import { now, toTime } from './clock.js';
import { freeze, type TracingCore, toText } from './core.js';
import { newScoreId, toSpanId, toTraceId } from './ids.js';

/** What is wrong with a score is for the server to say: it is then counted as failed, and named. */
export function writeScore(core: TracingCore, body: ScoreByIdBody): void {
  if (core.engine === undefined) return;
  const isBoolean = typeof body.value === 'boolean';
  const record: ScoreRecord = [
    SCORE,
    toText(body.id) ?? newScoreId(),
    toTime(body.timestamp ?? undefined) ?? now(),
    body.traceId === undefined ? null : toTraceId(body.traceId),
    body.observationId === undefined ? null : toSpanId(body.observationId),
    toText(body.sessionId),
    toText(body.datasetRunId),
    toText(body.name) ?? '',
    isBoolean ? Number(body.value) : (body.value as number | string),
    body.dataType ?? defaultDataType(body.value),
    toText(body.comment),
    toText(body.configId),
    toText(body.environment) ?? core.config.environment,
    freeze(core, body.metadata),
  ];
  core.engine.push(record);
}

function defaultDataType(value: unknown): ScoreDataType {
  if (typeof value === 'boolean') return 'BOOLEAN';
  return typeof value === 'string' ? 'CATEGORICAL' : 'NUMERIC';
}
