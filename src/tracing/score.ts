/** Writes a score as one record, from what the application passed. */

import { message } from '../messages/message.js';
import { type Score, toScoreRecord } from '../records/score.js';
import { SCORE_DATA_TYPES, type ScoreDataType } from '../records/vocabulary.js';
import { isSuppressed } from '../shared/runtime/suppression.js';
import type { ScoreBody, ScoreTarget } from './bodies.js';
import { emitCall } from './call-events.js';
import { now, toTime } from './clock.js';
import type { TracingCore } from './core.js';
import { read, toEnvironment, toText } from './fields.js';
import { isSampled, newScoreId, toSpanIdText, toTraceId, traceIdText } from './ids.js';
import { freezeMetadata, masked } from './payloads.js';

/** The server checks the score. A score that it refuses is counted as failed, and an error names it. */
export function writeScore(core: TracingCore, body: ScoreBody, target: ScoreTarget): void {
  if (core.engine === undefined || isSuppressed()) return;
  const traceId = toTraceId(toText(read(core, target, 'traceId')));
  // The server does not know a trace that is not sampled.
  if (traceId !== null && !isSampled(traceId, core.config.sampleRate)) return;
  const given = read(core, body, 'value');
  const value = toValue(given);
  const subject = {
    type: 'score',
    name: toText(read(core, body, 'name')) ?? '',
    traceId: traceId && traceIdText(traceId),
  } as const;
  const score: Score = {
    id: toText(read(core, body, 'id')) || newScoreId(),
    timestamp: toTime(read(core, body, 'timestamp')) ?? now(),
    traceId: subject.traceId,
    observationId: toSpanIdText(toText(read(core, target, 'observationId'))),
    sessionId: toText(read(core, target, 'sessionId')),
    datasetRunId: toText(read(core, target, 'datasetRunId')),
    name: subject.name,
    value,
    dataType: toDataType(core, read(core, body, 'dataType')) ?? defaultDataType(given, value),
    comment: toText(masked(core, read(core, body, 'comment'), 'comment', subject)),
    configId: toText(read(core, body, 'configId')),
    environment: toEnvironment(core, read(core, body, 'environment')) ?? core.config.environment,
    metadata: freezeMetadata(core, read(core, body, 'metadata'), subject),
  };
  core.engine.push(toScoreRecord(score));
  if (core.calls.hasListeners) {
    const { id, traceId: ofTrace, name } = score;
    emitCall(core, 'create', { type: 'score', id, traceId: ofTrace, name });
  }
}

/** Converts any value to a number or a text. An object such as a Decimal becomes the number that its text shows. */
function toValue(value: unknown): number | string {
  // The server refuses a score without a value.
  if (value === undefined || value === null) return null as never;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') return value;
  const text = toText(value) ?? '';
  const isObject = typeof value === 'object' && text.trim() !== '' && Number.isFinite(Number(text));
  return isObject ? Number(text) : text;
}

/** Ignores upper and lower case. Null if there is none. */
function toDataType({ notifier }: TracingCore, value: unknown): ScoreDataType | null {
  const name = toText(value)?.trim().toUpperCase();
  const dataType = SCORE_DATA_TYPES.find((one) => one === name) ?? null;
  if (name !== undefined && dataType === null) {
    notifier.warnOnce(message('TAILRACE_SCORE_TYPE_INVALID', SCORE_DATA_TYPES.join(', ')));
  }
  return dataType;
}

function defaultDataType(given: unknown, value: number | string): ScoreDataType {
  if (typeof given === 'boolean') return 'BOOLEAN';
  return typeof value === 'string' ? 'CATEGORICAL' : 'NUMERIC';
}
