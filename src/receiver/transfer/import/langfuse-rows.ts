/**
 * Traces, observations and scores as Langfuse answers and exports them → classic events: answers of its API (v1 to v3), its page's
 * exports (JSON, JSONL, CSV), and exports to a blob storage, whose columns have underscores. The shapes are those of Langfuse's
 * worker/src/features/database-read-stream and of the queries …ForBlobStorageExport in packages/shared/src/server/repositories.
 */

import { isObject } from '../../../ingest/json-text.js';
import { SCORE_SOURCES, type ScoreSource } from '../../../ingest/rows.js';
import type { TraceState } from '../../../ingest/trace-state.js';
import type { CommentRow } from '../../store/comment-rows.js';
import {
  defined,
  filled,
  filledObject,
  given,
  isoTime,
  isTrue,
  numbersOf,
  numeric,
  parsed,
  payload,
  picked,
} from './column-values.js';
import { commentsOf, isPageExport, scoreColumns } from './page-columns.js';
import { traceOfColumns } from './trace-columns.js';

type Row = Record<string, unknown>;

export interface RowContent {
  events: object[];
  /** What an observation says of its trace. */
  trace: TraceState | undefined;
  comments: CommentRow[];
  /** Of scores, by id: an event of a person's score would need a configuration. */
  sources: Map<string, ScoreSource>;
}

/** What is in the row, or what is wrong. */
export function contentOfRow(raw: Row): RowContent | string {
  const events = eventsOfRow(raw);
  if (typeof events === 'string') return events;
  const row = camelCased(raw);
  const nested = Array.isArray(row.scores) ? row.scores.filter(isObject) : [];
  const sources = [row, ...nested].flatMap(({ id, source }) => {
    const known = SCORE_SOURCES.find((one) => one === source);
    return known === undefined || typeof id !== 'string' ? [] : [[id, known] as const];
  });
  const target = targetOf(row);
  return {
    events,
    trace: isObservation(row) && !isScore(row) ? traceOf(row) : undefined,
    comments: target === undefined ? [] : commentsOf(raw, target),
    sources: new Map(sources),
  };
}

function traceOf(row: Row): TraceState | undefined {
  const tags = parsed(row.tags ?? row.traceTags);
  return traceOfColumns(row, {
    startTime: isoTime(row.startTime),
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [],
    isPublic: isTrue(row.public),
  });
}

function targetOf(row: Row) {
  if (isScore(row) || typeof row.id !== 'string') return undefined;
  if (!isObservation(row)) return { traceId: row.id, observationId: null };
  return typeof row.traceId === 'string' ? { traceId: row.traceId, observationId: row.id } : undefined;
}

function eventsOfRow(raw: Row): object[] | string {
  const row = camelCased(raw);
  if (isScore(row)) return [scoreEvent(row)];
  const target = targetOf(row);
  const time = isoTime(row.startTime ?? row.timestamp);
  const columns = target === undefined ? [] : scoreColumns(raw, target, time);
  const scores = columns.map((body) => event('score-create', row, body));
  if (isObservation(row)) return [observationEvent(row), ...scores];
  if (given(row.id) && (given(row.timestamp) || 'htmlPath' in row || 'sessionId' in row))
    return [...traceEvents(row), ...scores];
  return 'it is none of: batch of Langfuse events, trace, observation or score of Langfuse, OTLP request, conversation with messages';
}

function isScore(row: Row): boolean {
  return given(row.name) && given(row.dataType) && ('value' in row || 'stringValue' in row);
}

function isObservation(row: Row): boolean {
  return given(row.startTime) && given(row.id) && (given(row.traceId) || given(row.type));
}

/** A trace with its observations and scores, as `GET traces/ID` answers; lists have only their ids. */
function traceEvents(row: Row): object[] {
  const nested = (list: unknown) => (Array.isArray(list) ? list.filter(isObject).map(camelCased) : []);
  return [
    event('trace-create', row, {
      ...picked(row, ['id', 'name', 'userId', 'sessionId', 'release', 'version', 'environment']),
      timestamp: isoTime(row.timestamp),
      public: isTrue(row.public) || undefined,
      tags: parsed(row.tags),
      metadata: parsed(row.metadata),
      input: payload(row.input),
      output: payload(row.output),
    }),
    ...nested(row.observations).map((one) => observationEvent({ traceId: row.id, ...one })),
    ...nested(row.scores)
      .filter(isScore)
      .map((one) => scoreEvent({ traceId: row.id, ...one })),
  ];
}

const TYPES = 'SPAN GENERATION EVENT AGENT TOOL CHAIN RETRIEVER EVALUATOR EMBEDDING GUARDRAIL'.split(' ');

function observationEvent(row: Row): object {
  const given = String(row.type ?? 'SPAN').toUpperCase();
  const type = TYPES.includes(given) ? given : 'SPAN';
  return event(`${type.toLowerCase()}-create`, row, {
    ...picked(row, [
      'id',
      'traceId',
      'parentObservationId',
      'name',
      'statusMessage',
      'version',
      'environment',
    ]),
    level: filled(row.level),
    startTime: isoTime(row.startTime),
    endTime: type === 'EVENT' ? undefined : isoTime(row.endTime),
    metadata: parsed(row.metadata),
    input: payload(row.input),
    output: payload(row.output),
    ...(type === 'SPAN' || type === 'EVENT' ? {} : generationFields(row)),
  });
}

function generationFields(row: Row): Row {
  const prompt = { promptName: filled(row.promptName), promptVersion: numeric(row.promptVersion) };
  return {
    completionStartTime: isoTime(row.completionStartTime),
    model: filled(row.model) ?? filled(row.providedModelName),
    modelParameters: filledObject(row.modelParameters),
    ...(prompt.promptName !== undefined && prompt.promptVersion !== undefined && prompt),
    ...usageOf(row),
  };
}

/** Details, or the older fields. */
function usageOf(row: Row): Row {
  const usageDetails = numbersOf(row.usageDetails);
  const costDetails = numbersOf(row.costDetails);
  const older = numbersOf(row.usage) ?? {
    input: numeric(row.promptTokens),
    output: numeric(row.completionTokens),
    total: numeric(row.totalTokens),
  };
  const totalCost = numeric(row.calculatedTotalCost ?? row.totalCost);
  const hasOlder = Object.values(older).some((count) => count !== undefined && count !== 0);
  return {
    usageDetails: usageDetails ?? (hasOlder ? defined(older) : undefined),
    costDetails: costDetails ?? (totalCost === undefined ? undefined : { total: totalCost }),
  };
}

function scoreEvent(row: Row): object {
  const dataType = String(row.dataType);
  const subject = isObject(row.subject) ? row.subject : {};
  const ids: Record<string, Row> = {
    trace: { traceId: subject.id },
    observation: { observationId: subject.id, traceId: subject.traceId },
    session: { sessionId: subject.id },
    experiment: { datasetRunId: subject.id },
  };
  return event('score-create', row, {
    ...picked(row, [
      'id',
      'traceId',
      'observationId',
      'sessionId',
      'datasetRunId',
      'name',
      'comment',
      'configId',
    ]),
    ...picked(row, ['environment']),
    ...defined(ids[String(subject.kind)] ?? {}),
    dataType,
    value: scoreValue(row, dataType),
    metadata: parsed(row.metadata),
    timestamp: isoTime(row.timestamp),
  });
}

function scoreValue(row: Row, dataType: string): unknown {
  if (dataType === 'NUMERIC') return numeric(row.value);
  if (dataType === 'BOOLEAN') {
    const isText = typeof row.value === 'string' && Number.isNaN(Number(row.value));
    return isText ? Number(isTrue(row.value)) : Number(row.value);
  }
  return filled(row.stringValue) ?? (typeof row.value === 'string' ? row.value : filled(row.longStringValue));
}

function event(type: string, row: Row, body: Row): object {
  const timestamp = isoTime(row.updatedAt ?? row.startTime ?? row.timestamp) ?? new Date().toISOString();
  return { id: `${type}-${row.traceId ?? ''}-${row.id}`, type, timestamp, body: defined(body) };
}

/** `start_time` is `startTime`. Exports of the page have such names already, beside names of scores. */
function camelCased(row: Row): Row {
  if (isPageExport(row)) return row;
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key.replaceAll(/_+([a-zA-Z])/g, (_match, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}
