/** Classic events of a replayable export → the rows that they were made of. They are not judged again: a server has done so. */

import { mapScoreEvent } from '../../../ingest/classic/score-mapping.js';
import { COMPLAINT_CODES } from '../../../ingest/complaint-codes.js';
import type { Finding } from '../../../ingest/findings.js';
import { isObject, payloadText } from '../../../ingest/json-text.js';
import {
  LEVELS,
  type ObservationRow,
  type ObservationType,
  SCORE_SOURCES,
  type ScoreRow,
} from '../../../ingest/rows.js';
import { emptyState, type TracePayload, type TraceState } from '../../../ingest/trace-state.js';
import { totalOf } from '../../../usage/details.js';
import type { Changes } from '../../store/changes.js';
import type { RowTimes } from '../../store/contract/rows.js';
import {
  type Body,
  jsonOf,
  micros,
  mustBe,
  numbersOf,
  objectOf,
  optionalMicros,
  requiredId,
  text,
  textsOf,
  time,
} from './read-fields.js';
import { readStoredState } from './stored-state.js';

/** Whether the event has the rows' own fields. */
export function isStoredEvent(event: unknown): boolean {
  return isObject(event) && isObject(event.metadata) && isObject(event.metadata.tailrace);
}

/** @throws StoredEventError, or InvalidEvent for a score. */
export function addStoredEvent(
  raw: Body,
  observationType: ObservationType | undefined,
  changes: Changes,
): void {
  const { type, body, metadata } = raw;
  if (!isObject(body)) throw mustBe('body', 'an object');
  const stored = (metadata as { tailrace: Body }).tailrace;
  changes.restored ??= { traces: [], observations: [], scores: [] };
  const times: RowTimes = { createdUs: micros(stored, 'createdUs'), updatedUs: micros(stored, 'updatedUs') };
  if (type === 'trace-create') {
    const state = traceOf(body, stored);
    changes.traces.push(state);
    changes.findings.push(...complaintsOf(stored, state.id));
    changes.restored.traces.push({ id: state.id, ...times });
  } else if (type === 'score-create') {
    const score = scoreOf(body, stored, times);
    changes.scores.push(score);
    changes.restored.scores.push({ id: score.id, ...times });
  } else if (observationType !== undefined) {
    const row = observationOf(body, observationType);
    changes.observations.push({ mode: 'whole', row });
    changes.restored.observations.push({
      traceId: row.traceId as string,
      id: row.id,
      ...times,
      orders: jsonOf(stored, 'orders'),
      lost: jsonOf(stored, 'lost'),
    });
  } else throw mustBe('type', 'that of a trace, an observation or a score');
}

function traceOf(body: Body, stored: Body): TraceState {
  const id = requiredId(body, 'id');
  const { times, metadataTimes, metadataTexts, hasRecord, arrived, inputOf, outputOf } = readStoredState(
    stored.state,
  );
  const metadata = objectOf(body, 'metadata');
  for (const key of Object.keys(metadata ?? {})) {
    if (!Object.hasOwn(metadataTimes, key)) throw mustBe('state.metadataTimes', 'complete');
  }
  const payload = (side: 'input' | 'output', of: string | null): TracePayload | null => {
    if (of !== null && of === stored.rootId) return { of };
    const text = payloadText(body[side] ?? null);
    return text === null ? null : { text };
  };
  return {
    ...emptyState(id),
    times,
    metadataTimes,
    metadataTexts,
    hasRecord,
    arrived,
    importedUs: Date.now() * 1000,
    rootId: text(stored, 'rootId'),
    ownStartUs: optionalMicros(stored, 'ownStartUs'),
    ownEndUs: optionalMicros(stored, 'ownEndUs'),
    name: text(body, 'name'),
    userId: text(body, 'userId'),
    sessionId: text(body, 'sessionId'),
    release: text(body, 'release'),
    version: text(body, 'version'),
    environment: text(body, 'environment'),
    public: body.public === true ? 1 : 0,
    tags: textsOf(body, 'tags'),
    metadata,
    input: payload('input', inputOf),
    output: payload('output', outputOf),
  };
}

function observationOf(body: Body, type: ObservationType): ObservationRow {
  const [usage, cost] = [numbersOf(body, 'usageDetails'), numbersOf(body, 'costDetails')];
  const level = text(body, 'level');
  if (level !== null && !LEVELS.includes(level as never))
    throw mustBe('level', `one of ${LEVELS.join(', ')}`);
  return {
    id: requiredId(body, 'id'),
    traceId: requiredId(body, 'traceId'),
    parentId: text(body, 'parentObservationId'),
    type,
    level: level as ObservationRow['level'],
    startUs: time(body, 'startTime'),
    endUs: time(body, 'endTime'),
    totalTokens: totalOf(usage),
    totalCost: totalOf(cost),
    name: text(body, 'name'),
    completionStartUs: time(body, 'completionStartTime'),
    statusMessage: text(body, 'statusMessage'),
    version: text(body, 'version'),
    environment: text(body, 'environment'),
    model: text(body, 'model'),
    modelParameters: payloadText(body.modelParameters ?? null),
    usageDetails: usage && JSON.stringify(usage),
    costDetails: cost && JSON.stringify(cost),
    promptName: text(body, 'promptName'),
    promptVersion: optionalMicros(body, 'promptVersion'),
    metadata: jsonOf(body, 'metadata'),
    input: payloadText(body.input ?? null),
    output: payloadText(body.output ?? null),
  };
}

/** Judged as any event of a score. Its source and configuration are beside it: see `StoredScore`. */
function scoreOf(body: Body, stored: Body, { updatedUs }: RowTimes): ScoreRow {
  const subject = { traceId: null, observationId: null, findings: [] };
  const score = mapScoreEvent({ id: '', body, timestampUs: updatedUs, subject });
  const source = text(stored, 'source') ?? score.source;
  const known = SCORE_SOURCES.find((one) => one === source);
  if (known === undefined) throw mustBe('source', `one of ${SCORE_SOURCES.join(', ')}`);
  return { ...score, source: known, configId: text(stored, 'configId') ?? score.configId };
}

const MAX_COMPLAINTS = 1000;

function complaintsOf({ complaints }: Body, traceId: string): Finding[] {
  if (complaints === undefined) return [];
  if (!Array.isArray(complaints) || complaints.length > MAX_COMPLAINTS)
    throw mustBe('complaints', 'a short list');
  return complaints.map((one: unknown) => {
    const { code, observationId, field, message } = isObject(one) ? one : ({} as Body);
    const isKnown = typeof code === 'string' && Object.hasOwn(COMPLAINT_CODES, code);
    if (!isKnown || typeof field !== 'string' || typeof message !== 'string') {
      throw mustBe('complaints', 'complaints of a local server');
    }
    const observation = typeof observationId === 'string' ? observationId : null;
    return { code: code as Finding['code'], traceId, observationId: observation, field, message };
  });
}
