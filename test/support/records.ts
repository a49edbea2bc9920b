/** Tracing records by the names of their fields, and what an exporter is made with. */
import { decodePart } from '../../src/event/event-decoder.js';
import { OBSERVATION, SCORE } from '../../src/records/kinds.js';
import { FIELD, OBSERVATION_FIELD_COUNT } from '../../src/records/observation.js';
import { SCORE_FIELD, type ScoreRecord } from '../../src/records/score.js';
import type { ExporterContext } from '../../src/shared/contract/exporter.js';

export const TRACE_ID = '0123456789abcdef0123456789abcdef';
export const SPAN_ID = 'fedcba9876543210';

/** Where a span's record holds its attributes. */
export const SPAN_ATTRIBUTES = 14;

export const idBytes = (id: string): Buffer => Buffer.from(id, 'hex');

/** A span of `TRACE_ID`, with these fields. */
export function observation(fields: Partial<Record<keyof typeof FIELD, unknown>> = {}): readonly unknown[] {
  const record: unknown[] = new Array(OBSERVATION_FIELD_COUNT).fill(null);
  const all = {
    kind: OBSERVATION,
    type: 0,
    traceId: idBytes(TRACE_ID),
    id: idBytes(SPAN_ID),
    startTime: 0,
    endTime: 0,
    isAppRoot: false,
  };
  for (const [name, value] of Object.entries({ ...all, ...fields })) {
    record[FIELD[name as keyof typeof FIELD]] = value;
  }
  return record;
}

/** Of a consumer that has nobody to send to; `parts` stand in for what a test looks at. */
export function exporterContext(parts: Partial<ExporterContext> = {}): ExporterContext {
  return {
    decode: decodePart,
    send: async () => ({ kind: 'failure', reason: 'nobody to send to' }),
    count: () => {},
    warning: () => {},
    stillAlive: () => {},
    apart: (work) => work(),
    load: (url) => import(url),
    ...parts,
  };
}

/** A score of `TRACE_ID`, with these fields. */
export function score(fields: Partial<Record<keyof typeof SCORE_FIELD, unknown>> = {}): ScoreRecord {
  const record: unknown[] = new Array(Object.keys(SCORE_FIELD).length).fill(null);
  const all = { kind: SCORE, timestamp: 0, id: 'score-1', traceId: TRACE_ID, name: 'quality', value: 1 };
  for (const [name, value] of Object.entries({ ...all, ...fields })) {
    record[SCORE_FIELD[name as keyof typeof SCORE_FIELD]] = value;
  }
  return record as unknown as ScoreRecord;
}
