/** Stored rows → classic events of Langfuse's ingestion, as JSON. */

import type { ScoreSource } from '../../store/rows.js';
import type { SqlRow, SqlValue } from '../../store/sqlite.js';
import type { StoredState } from '../../store/trace-store.js';
import { exactJson, exactPayload } from './exact-json.js';
import type { StoredComplaint, StoredObservation, StoredScore, StoredTrace } from './stored-fields.js';

/** A field that is unknown is left out. */
type Fields = [name: string, json: string | null][];

export function traceEvent(row: SqlRow, complaints: readonly SqlRow[]): string {
  const stored: StoredTrace = {
    createdUs: Number(row.created_us),
    updatedUs: Number(row.updated_us),
    state: JSON.parse(String(row.state)) as StoredState,
    rootId: (row.root_id ?? null) as string | null,
    ownStartUs: (row.own_start_us ?? null) as number | null,
    ownEndUs: (row.own_end_us ?? null) as number | null,
    ...(complaints.length > 0 && { complaints: complaints.map(complaintOf) }),
  };
  return event('trace-create', `trace-${row.id}`, row, stored, [
    ['id', quoted(row.id)],
    ['timestamp', time(row.timestamp_us)],
    ['name', quoted(row.name)],
    ['userId', quoted(row.user_id)],
    ['sessionId', quoted(row.session_id)],
    ['release', quoted(row.release)],
    ['version', quoted(row.version)],
    ['environment', quoted(row.environment)],
    ['public', row.public === 1 ? 'true' : null],
    ['tags', text(row.tags)],
    ['metadata', text(row.metadata)],
    ['input', exactPayload(row.input)],
    ['output', exactPayload(row.output)],
  ]);
}

export function observationEvent(row: SqlRow): string {
  const stored: StoredObservation = {
    createdUs: Number(row.created_us),
    updatedUs: Number(row.updated_us),
    ...(typeof row.orders === 'string' && { orders: JSON.parse(row.orders) as object }),
    ...(typeof row.lost === 'string' && { lost: JSON.parse(row.lost) as string[] }),
  };
  const id = `${row.trace_id}-${row.id}`;
  return event(`${String(row.type).toLowerCase()}-create`, id, row, stored, [
    ['id', quoted(row.id)],
    ['traceId', quoted(row.trace_id)],
    ['parentObservationId', quoted(row.parent_id)],
    ['name', quoted(row.name)],
    ['startTime', time(row.start_us)],
    ['endTime', time(row.end_us)],
    ['completionStartTime', time(row.completion_start_us)],
    ['level', quoted(row.level)],
    ['statusMessage', quoted(row.status_message)],
    ['version', quoted(row.version)],
    ['environment', quoted(row.environment)],
    ['model', quoted(row.model)],
    ['modelParameters', exactJson(row.model_parameters)],
    ['usageDetails', text(row.usage_details)],
    ['costDetails', text(row.cost_details)],
    ['promptName', quoted(row.prompt_name)],
    ['promptVersion', row.prompt_version === null ? null : String(row.prompt_version)],
    ['metadata', text(row.metadata)],
    ['input', exactPayload(row.input)],
    ['output', exactPayload(row.output)],
  ]);
}

export function scoreEvent(row: SqlRow): string {
  const stored: StoredScore = {
    createdUs: Number(row.created_us),
    updatedUs: Number(row.updated_us),
    ...(row.source !== 'API' && { source: row.source as ScoreSource }),
    ...(typeof row.config_id === 'string' && { configId: row.config_id }),
  };
  const isNumber = row.data_type === 'NUMERIC' || row.data_type === 'BOOLEAN';
  return event('score-create', `score-${row.id}`, row, stored, [
    ['id', quoted(row.id)],
    ['traceId', quoted(row.trace_id)],
    ['observationId', quoted(row.observation_id)],
    ['sessionId', quoted(row.session_id)],
    ['datasetRunId', quoted(row.dataset_run_id)],
    ['name', quoted(row.name)],
    ['value', isNumber ? String(row.value) : quoted(row.string_value)],
    ['dataType', quoted(row.data_type)],
    ['comment', quoted(row.comment)],
    ['metadata', text(row.metadata)],
    ['environment', quoted(row.environment)],
    ['timestamp', time(row.timestamp_us)],
  ]);
}

function event(type: string, id: string, row: SqlRow, stored: object, fields: Fields): string {
  const body = fields.flatMap(([name, json]) => (json === null ? [] : [`"${name}":${json}`]));
  const metadata = JSON.stringify({ tailrace: stored });
  return `{"id":${quoted(id)},"type":"${type}","timestamp":${time(row.updated_us)},"metadata":${metadata},"body":{${body.join(',')}}}`;
}

function complaintOf(row: SqlRow): StoredComplaint {
  return {
    code: row.code as StoredComplaint['code'],
    observationId: (row.observation_id ?? null) as string | null,
    field: String(row.field),
    message: String(row.message),
  };
}

function quoted(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : JSON.stringify(String(value));
}

/** A column that is JSON already. */
function text(value: SqlValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** With microseconds, if there are any. */
function time(us: SqlValue | undefined): string | null {
  return us === null || us === undefined ? null : JSON.stringify(isoMicros(Number(us)));
}

export function isoMicros(us: number): string {
  const ms = Math.floor(us / 1000);
  const rest = us - ms * 1000;
  const iso = new Date(ms).toISOString();
  return rest === 0 ? iso : iso.replace('Z', `${String(rest).padStart(3, '0')}Z`);
}
