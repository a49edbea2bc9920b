/** A score as one record. */
import { message } from '../messages/message.js';
import { SCORE, SCORE_DATA_TYPES, type ScoreDataType, type ScoreRecord } from '../records/records.js';
import { isSuppressed } from '../shared/runtime/suppression.js';
import type { ScoreBody, ScoreByIdBody } from './bodies.js';
import { tellCall } from './call-events.js';
import { now, toTime } from './clock.js';
import { freezePayload, masked, read, type TracingCore } from './core.js';
import { toEnvironment, toText } from './fields.js';
import { newScoreId, toSpanIdText, toTraceId, traceIdText } from './ids.js';
import { isSampled } from './sampling.js';

/** What a score is of: a trace, with or without an observation in it, a session, or a dataset run. */
export type ScoreTarget = Pick<ScoreByIdBody, 'traceId' | 'observationId' | 'sessionId' | 'datasetRunId'>;

/** What is wrong with a score is for the server to say: it is then counted as failed, and named. */
export function writeScore(core: TracingCore, body: ScoreBody, target: ScoreTarget): void {
  if (core.engine === undefined || isSuppressed()) return;
  const traceId = toTraceId(toText(read(core, target, 'traceId')));
  // It would be of a trace that the server does not know.
  if (traceId !== null && !isSampled(traceId, core.config.sampleRate)) return;
  const given = read(core, body, 'value');
  const value = toValue(given);
  const subject = {
    type: 'score',
    name: toText(read(core, body, 'name')) ?? '',
    traceId: traceId && traceIdText(traceId),
  } as const;
  const record: ScoreRecord = [
    SCORE,
    toText(read(core, body, 'id')) || newScoreId(),
    toTime(read(core, body, 'timestamp')) ?? now(),
    subject.traceId,
    toSpanIdText(toText(read(core, target, 'observationId'))),
    toText(read(core, target, 'sessionId')),
    toText(read(core, target, 'datasetRunId')),
    subject.name,
    value,
    toDataType(core, read(core, body, 'dataType')) ?? defaultDataType(given, value),
    toText(masked(core, read(core, body, 'comment'), 'comment', subject)),
    toText(read(core, body, 'configId')),
    toEnvironment(core, read(core, body, 'environment')) ?? core.config.environment,
    freezePayload(core, read(core, body, 'metadata'), 'metadata', subject),
  ];
  core.engine.push(record);
  if (core.calls.isHeard) {
    tellCall(core, 'create', { type: 'score', id: record[1], traceId: record[3], name: record[7] });
  }
}

/** A number or a text, whatever it was: a Decimal, say, becomes the number that its digits are. */
function toValue(value: unknown): number | string {
  // None is for the server to refuse.
  if (value === undefined || value === null) return null as never;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') return value;
  const text = toText(value) ?? '';
  const isObject = typeof value === 'object' && text.trim() !== '' && Number.isFinite(Number(text));
  return isObject ? Number(text) : text;
}

/** In any case. Null where there is none. */
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
