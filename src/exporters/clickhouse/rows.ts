/** Records → rows of the tables. A value that a column cannot hold is brought into its bounds, so that no row can spoil a batch. */
import { hexOf } from '../../records/ids.js';
import { OBSERVATION, SCORE } from '../../records/kinds.js';
import { isRecord, mergeMetadata, toText } from '../../records/metadata.js';
import { FIELD } from '../../records/observation.js';
import { readScore, type ScoreRecord } from '../../records/score.js';
import {
  cutTraceName,
  type MetadataParts,
  rootSpanId,
  TRACE_FIELD,
  type TraceAttributes,
} from '../../records/trace.js';
import { OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../../records/vocabulary.js';
import type { ObservationRow, ScoreRow, TableName, TraceRow } from './columns.js';

interface Row {
  /** Names the record in messages. */
  readonly id: string;
  readonly values: ObservationRow | TraceRow | ScoreRow;
}

type Values = readonly unknown[];

export function tableFor(kind: number): TableName {
  if (kind === SCORE) return 'scores';
  return kind === OBSERVATION ? 'observations' : 'traces';
}

/** `writtenUs`: rises with each record, so that of two rows with one id the later one wins. */
export function toRow(record: Values, writtenUs: number): Row {
  const eventTs = timeOfMicros(writtenUs);
  if (record[0] === SCORE) return scoreRow(record as unknown as ScoreRecord, eventTs);
  return record[0] === OBSERVATION ? observationRow(record, eventTs) : traceRow(record, eventTs);
}

/** As a server stores it: events have no end, and only what calls a model has the fields of such a call. */
function observationRow(record: Values, eventTs: string): Row {
  const at = (field: keyof typeof FIELD): unknown => record[FIELD[field]];
  const type = OBSERVATION_TYPES[at('type') as number] ?? 'span';
  const trace = at('trace') as TraceAttributes | null;
  const isRoot = at('parentId') === null;
  const id = hexOf(at('id'));
  const traceId = hexOf(at('traceId'));
  const parentId = isRoot ? null : hexOf(at('parentId'));
  const start = at('startTime') as number;
  const level = at('level');
  const completion = at('completionStartTime');
  const isPlain = type === 'span' || type === 'event';
  const prompt = type === 'generation' ? promptOf(at('promptName'), at('promptVersion')) : NO_PROMPT;
  return {
    id,
    values: {
      trace_id: traceId,
      id,
      // The span of the trace is the trace itself.
      parent_id: parentId === rootSpanId(traceId) ? null : parentId,
      type: type.toUpperCase(),
      name: textOrNull(at('name')) ?? type,
      start_time: timeOf(start),
      end_time: type === 'event' ? null : timeOf(Math.max(start, at('endTime') as number)),
      // In whole milliseconds, as in a span: the row is the same by whichever way it comes.
      completion_start_time:
        isPlain || typeof completion !== 'number' ? null : timeOf(Math.floor(completion)),
      level: typeof level === 'number' ? (OBSERVATION_LEVELS[level] ?? 'DEFAULT') : 'DEFAULT',
      status_message: textOrNull(at('statusMessage')),
      model: isPlain ? null : textOrNull(at('model')),
      model_parameters: isPlain ? null : parametersOf(at('modelParameters')),
      usage_details: isPlain ? {} : numbersOf(at('usageDetails'), toCount),
      cost_details: isPlain ? {} : numbersOf(at('costDetails'), toCost),
      ...prompt,
      input: payloadOf(at('input')),
      output: payloadOf(at('output')),
      metadata: metadataOf(at('metadata') as MetadataParts),
      ...sharedOf(trace),
      version: textOrNull(at('version')),
      environment: environmentOf(at('environment')),
      trace_name: traceName(trace?.[TRACE_FIELD.name]),
      trace_public: trace?.[TRACE_FIELD.isPublic] === true,
      is_trace_root: isRoot,
      trace_version: isRoot ? unlessSame(trace?.[TRACE_FIELD.version], at('version')) : null,
      trace_environment: isRoot ? unlessSame(trace?.[TRACE_FIELD.environment], at('environment')) : null,
      trace_metadata: isRoot ? metadataOf(trace?.[TRACE_FIELD.metadata] ?? null) : {},
      trace_input: isRoot ? payloadOf(trace?.[TRACE_FIELD.input]) : null,
      trace_output: isRoot ? payloadOf(trace?.[TRACE_FIELD.output]) : null,
      event_ts: eventTs,
    },
  };
}

/** Of a trace with a span of its own. */
function traceRow(record: Values, eventTs: string): Row {
  const at = (field: keyof typeof FIELD): unknown => record[FIELD[field]];
  const trace = at('trace') as TraceAttributes | null;
  const id = hexOf(at('traceId'));
  const start = at('startTime') as number;
  const parts = [...((at('metadata') as MetadataParts) ?? []), ...(trace?.[TRACE_FIELD.metadata] ?? [])];
  return {
    id,
    values: {
      id,
      timestamp: timeOf(start),
      end_time: timeOf(Math.max(start, at('endTime') as number)),
      name: traceName(trace?.[TRACE_FIELD.name] ?? at('name')),
      ...sharedOf(trace),
      version: textOrNull(at('version')),
      environment: environmentOf(at('environment')),
      public: trace?.[TRACE_FIELD.isPublic] === true,
      input: payloadOf(at('input')),
      output: payloadOf(at('output')),
      metadata: metadataOf(parts),
      event_ts: eventTs,
    },
  };
}

function scoreRow(record: ScoreRecord, eventTs: string): Row {
  const score = readScore(record);
  const { value, dataType } = score;
  const id = score.id.toWellFormed();
  const isNumber = typeof value === 'number';
  const kind = dataType ?? (isNumber ? 'NUMERIC' : 'CATEGORICAL');
  return {
    id,
    values: {
      id,
      timestamp: timeOf(Math.floor(score.timestamp)),
      trace_id: score.traceId,
      observation_id: score.observationId,
      session_id: score.sessionId,
      dataset_run_id: score.datasetRunId,
      name: score.name,
      data_type: kind,
      value: isNumber && Number.isFinite(value) ? value : null,
      string_value: kind === 'BOOLEAN' ? (value === 1 ? 'True' : 'False') : isNumber ? null : value,
      comment: textOrNull(score.comment),
      config_id: score.configId,
      environment: environmentOf(score.environment),
      metadata: metadataOf(score.metadata === null ? null : [score.metadata]),
      event_ts: eventTs,
    },
  };
}

/** A span does not say twice what its trace has as well. */
function unlessSame(ofTrace: unknown, ofRoot: unknown): string | null {
  return ofTrace === ofRoot ? null : textOrNull(ofTrace);
}

/** What a trace shares with its observations, but for version and environment, which an observation may have of its own. */
function sharedOf(trace: TraceAttributes | null) {
  const tags = trace?.[TRACE_FIELD.tags] ?? [];
  return {
    user_id: textOrNull(trace?.[TRACE_FIELD.userId]),
    session_id: textOrNull(trace?.[TRACE_FIELD.sessionId]),
    tags: [...new Set(tags.map(String))].sort(),
    release: textOrNull(trace?.[TRACE_FIELD.release]),
  };
}

const NO_PROMPT = { prompt_name: null, prompt_version: null };

function promptOf(
  name: unknown,
  version: unknown,
): typeof NO_PROMPT | Record<keyof typeof NO_PROMPT, unknown> {
  return typeof name === 'string' && name !== '' && Number.isSafeInteger(version) && version !== 0
    ? { prompt_name: name, prompt_version: version }
    : NO_PROMPT;
}

/** Members that are null are left out, as on the way to a server. */
function parametersOf(parameters: unknown): unknown {
  if (!isRecord(parameters)) return payloadOf(parameters);
  return payloadOf(Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== null)));
}

/** One level of keys, so that they can be filtered; deeper values are JSON. */
export function metadataOf(parts: MetadataParts): Record<string, string> {
  if (parts === null || parts.length === 0) return {};
  return Object.fromEntries(Object.entries(mergeMetadata(parts)).map(([key, value]) => [key, toText(value)]));
}

function numbersOf(details: unknown, convert: (value: number) => number): Record<string, number> {
  if (!isRecord(details)) return {};
  const numbers = Object.entries(details).filter(
    (entry): entry is [string, number] => Number.isFinite(entry[1]) && (entry[1] as number) >= 0,
  );
  return Object.fromEntries(numbers.map(([key, value]) => [key, convert(value)]));
}

/** JSON writes larger numbers with an exponent, which is no integer to the server. */
function toCount(value: number): number {
  return Math.min(Math.round(value), Number.MAX_SAFE_INTEGER);
}

function toCost(value: number): number {
  return value;
}

function traceName(name: unknown): string | null {
  return typeof name === 'string' ? cutTraceName(name) : null;
}

function environmentOf(value: unknown): string {
  return textOrNull(value) ?? 'default';
}

/** A text as it is, any other value as JSON. */
function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : toText(value);
}

/** Lists and objects go as they are: the engine keeps their text, which saves a second encoding and its escapes. */
function payloadOf(value: unknown): unknown {
  return typeof value === 'object' ? value : textOrNull(value);
}

/** What DateTime, which the TTL is counted in, and Date, which the rows are sorted by, can hold. */
const MAX_MS = Date.UTC(2106, 0, 1);

function timeOf(ms: number): string {
  return timeOfMicros(Number.isNaN(ms) ? 0 : Math.round(ms * 1000));
}

/** `2026-01-31 12:00:00.123456`, in UTC: the one form that each setting of `date_time_input_format` reads. */
export function timeOfMicros(unbounded: number): string {
  const us = Math.min(Math.max(unbounded, 0), 1000 * MAX_MS);
  const ms = Math.floor(us / 1000);
  const text = new Date(ms).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 23)}${String(us - ms * 1000).padStart(3, '0')}`;
}
