/** Stored rows → classic events of Langfuse's ingestion, as JSON. */

import type { JsonText, Micros } from '../../../ingest/rows.js';
import type { StoredScore as ScoreRow } from '../../store/contract/rows.js';
import type { ExportedComplaint, ExportedObservation, ExportedTrace } from '../../store/contract/transfer.js';
import { exactJson, exactPayload } from './exact-json.js';
import type { StoredComplaint, StoredObservation, StoredScore, StoredTrace } from './stored-fields.js';

/** A field that is unknown is left out. */
type Fields = [name: string, json: JsonText | null][];

export function traceEvent(row: ExportedTrace, complaints: readonly ExportedComplaint[]): string {
  const stored: StoredTrace = {
    createdUs: row.createdUs,
    updatedUs: row.updatedUs,
    state: row.state,
    rootId: row.rootId,
    ownStartUs: row.ownStartUs,
    ownEndUs: row.ownEndUs,
    ...(complaints.length > 0 && { complaints: complaints.map(complaintOf) }),
  };
  return event('trace-create', `trace-${row.id}`, row, stored, [
    ['id', quoted(row.id)],
    ['timestamp', time(row.timestampUs)],
    ['name', quoted(row.name)],
    ['userId', quoted(row.userId)],
    ['sessionId', quoted(row.sessionId)],
    ['release', quoted(row.release)],
    ['version', quoted(row.version)],
    ['environment', quoted(row.environment)],
    ['public', row.isPublic ? 'true' : null],
    ['tags', row.tags && JSON.stringify(row.tags)],
    ['metadata', row.metadata],
    ['input', exactPayload(row.input)],
    ['output', exactPayload(row.output)],
  ]);
}

export function observationEvent(row: ExportedObservation): string {
  const stored: StoredObservation = {
    createdUs: row.createdUs,
    updatedUs: row.updatedUs,
    ...(row.orders !== null && { orders: JSON.parse(row.orders) as object }),
    ...(row.lost !== null && { lost: JSON.parse(row.lost) as string[] }),
  };
  const id = `${row.traceId}-${row.id}`;
  return event(`${row.type.toLowerCase()}-create`, id, row, stored, [
    ['id', quoted(row.id)],
    ['traceId', quoted(row.traceId)],
    ['parentObservationId', quoted(row.parentId)],
    ['name', quoted(row.name)],
    ['startTime', time(row.startUs)],
    ['endTime', time(row.endUs)],
    ['completionStartTime', time(row.completionStartUs)],
    ['level', quoted(row.level)],
    ['statusMessage', quoted(row.statusMessage)],
    ['version', quoted(row.version)],
    ['environment', quoted(row.environment)],
    ['model', quoted(row.model)],
    ['modelParameters', exactJson(row.modelParameters)],
    ['usageDetails', row.usageDetails],
    ['costDetails', row.costDetails],
    ['promptName', quoted(row.promptName)],
    ['promptVersion', row.promptVersion === null ? null : String(row.promptVersion)],
    ['metadata', row.metadata],
    ['input', exactPayload(row.input)],
    ['output', exactPayload(row.output)],
  ]);
}

export function scoreEvent(row: ScoreRow): string {
  const stored: StoredScore = {
    createdUs: row.createdUs,
    updatedUs: row.updatedUs,
    ...(row.source !== 'API' && { source: row.source }),
    ...(row.configId !== null && { configId: row.configId }),
  };
  const isNumber = row.dataType === 'NUMERIC' || row.dataType === 'BOOLEAN';
  return event('score-create', `score-${row.id}`, row, stored, [
    ['id', quoted(row.id)],
    ['traceId', quoted(row.traceId)],
    ['observationId', quoted(row.observationId)],
    ['sessionId', quoted(row.sessionId)],
    ['datasetRunId', quoted(row.datasetRunId)],
    ['name', quoted(row.name)],
    ['value', isNumber ? String(row.value) : quoted(row.stringValue)],
    ['dataType', quoted(row.dataType)],
    ['comment', quoted(row.comment)],
    ['metadata', row.metadata],
    ['environment', quoted(row.environment)],
    ['timestamp', time(row.timestampUs)],
  ]);
}

function event(
  type: string,
  id: string,
  { updatedUs }: { updatedUs: Micros },
  stored: object,
  fields: Fields,
): string {
  const body = fields.flatMap(([name, json]) => (json === null ? [] : [`"${name}":${json}`]));
  const metadata = JSON.stringify({ tailrace: stored });
  return `{"id":${quoted(id)},"type":"${type}","timestamp":${time(updatedUs)},"metadata":${metadata},"body":{${body.join(',')}}}`;
}

function complaintOf(row: ExportedComplaint): StoredComplaint {
  return {
    code: row.code as StoredComplaint['code'],
    observationId: row.observationId,
    field: row.field,
    message: row.message,
  };
}

function quoted(value: string | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** With microseconds, if there are any. */
function time(us: Micros | null): string | null {
  return us === null ? null : JSON.stringify(isoMicros(us));
}

export function isoMicros(us: number): string {
  const ms = Math.floor(us / 1000);
  const rest = us - ms * 1000;
  const iso = new Date(ms).toISOString();
  return rest === 0 ? iso : iso.replace('Z', `${String(rest).padStart(3, '0')}Z`);
}
