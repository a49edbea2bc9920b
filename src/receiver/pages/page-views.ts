/** Maps stored rows to the viewer's data. */

import type { ObservationView, PayloadView, ScoreView, TraceSummary, TraceView } from '../../viewer/views.js';
import type { StoredEstimate } from '../store/estimates.js';
import type { ScoreSummary } from '../store/rollups.js';
import type { SqlRow, SqlValue } from '../store/sqlite.js';

export function traceSummary(row: SqlRow, complaintCount: number): TraceSummary {
  return {
    id: String(row.id),
    name: text(row.name),
    startUs: Number(row.timestamp_us),
    durationUs: number(row.latency_us),
    observationCount: Number(row.observation_count),
    errorCount: Number(row.error_count),
    totalTokens: number(row.total_tokens),
    totalCost: number(row.total_cost),
    hasEstimatedTokens: row.has_estimated_tokens === 1,
    hasEstimatedCost: row.has_estimated_cost === 1,
    scores: list<ScoreSummary>(row.score_summary),
    userId: text(row.user_id),
    sessionId: text(row.session_id),
    environment: text(row.environment),
    tags: list<string>(row.tags),
    complaintCount,
  };
}

export function traceView(row: SqlRow, complaintCount: number): TraceView {
  return {
    ...traceSummary(row, complaintCount),
    release: text(row.release),
    version: text(row.version),
    input: payload(row, 'input'),
    output: payload(row, 'output'),
    metadata: payload(row, 'metadata'),
  };
}

export function observationView(row: SqlRow): ObservationView {
  const estimate = typeof row.estimate === 'string' ? (JSON.parse(row.estimate) as StoredEstimate) : null;
  return {
    id: String(row.id),
    parentId: text(row.parent_id),
    type: String(row.type),
    name: text(row.name),
    level: text(row.level) ?? 'DEFAULT',
    statusMessage: text(row.status_message),
    startUs: Number(row.start_us ?? row.end_us ?? row.created_us),
    endUs: number(row.end_us),
    completionStartUs: number(row.completion_start_us),
    totalTokens: number(row.total_tokens ?? row.estimated_tokens),
    totalCost: number(row.total_cost ?? row.estimated_cost),
    model: text(row.model),
    modelParameters: text(row.model_parameters),
    usageDetails: text(row.usage_details) ?? jsonText(estimate?.usageDetails),
    costDetails: text(row.cost_details) ?? jsonText(estimate?.costDetails),
    estimate: estimate?.marks ?? null,
    promptName: text(row.prompt_name),
    promptVersion: number(row.prompt_version),
    version: text(row.version),
    input: payload(row, 'input'),
    output: payload(row, 'output'),
    metadata: payload(row, 'metadata'),
  };
}

export function scoreView(row: SqlRow): ScoreView {
  return {
    name: String(row.name),
    observationId: text(row.observation_id),
    value: row.string_value === null ? String(row.value) : String(row.string_value),
    comment: text(row.comment),
  };
}

function payload(row: SqlRow, field: 'input' | 'output' | 'metadata'): PayloadView | null {
  const start = text(row[field]);
  return start === null ? null : { text: start, fullLength: Number(row[`${field}_length`]) };
}

function text(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

function jsonText(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function number(value: SqlValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function list<T>(json: SqlValue | undefined): T[] {
  return typeof json === 'string' ? (JSON.parse(json) as T[]) : [];
}
