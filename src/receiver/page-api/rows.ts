/** Stored rows → the page's data. */

import type {
  CommentView,
  EstimateView,
  ObservationDetail,
  Payloads,
  PayloadView,
  ScoreSummary,
  ScoreView,
  SpanView,
  TraceRow,
} from '../../viewer/page-data.js';
import { parsedOrUndefined } from '../json-text.js';
import type { CommentRow } from '../store/comments.js';
import type { StoredEstimate } from '../store/estimates.js';
import type { SqlRow, SqlValue } from '../store/sqlite.js';
import { previewOf } from './preview.js';

export function traceRow(row: SqlRow, complaintCount: number): TraceRow {
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
    // By name: they arrive in any order, and would stand in another order in each row of the list.
    scores: list<ScoreSummary>(row.score_summary).sort((a, b) => (a.name < b.name ? -1 : 1)),
    userId: text(row.user_id),
    sessionId: text(row.session_id),
    environment: text(row.environment),
    release: text(row.release),
    version: text(row.version),
    tags: list<string>(row.tags),
    complaintCount,
    input: preview(row, 'input') ?? preview(row, 'root_input'),
    output: preview(row, 'output') ?? preview(row, 'root_output'),
  };
}

function preview(row: SqlRow, name: string): string | null {
  const [head, bytes] = [row[`${name}_head`], row[`${name}_bytes`]];
  if (typeof head === 'string') return previewOf(head, String(row[`${name}_tail`]));
  return bytes === null || bytes === undefined ? null : `… ${Math.round(Number(bytes) / 1024)} KiB`;
}

export function scoreView(row: SqlRow): ScoreView {
  return {
    id: String(row.id),
    name: String(row.name),
    observationId: text(row.observation_id),
    value: row.string_value === null ? String(row.value) : String(row.string_value),
    dataType: String(row.data_type),
    comment: text(row.comment),
    source: String(row.source),
  };
}

export function commentView(row: CommentRow): CommentView {
  return {
    id: row.id,
    observationId: row.objectType === 'OBSERVATION' ? row.objectId : null,
    content: row.content,
    author: row.authorUserId,
    createdUs: row.createdUs,
    isChanged: row.updatedUs > row.createdUs,
  };
}

export function payloads(row: SqlRow): Payloads {
  return { input: payload(row, 'input'), output: payload(row, 'output'), metadata: payload(row, 'metadata') };
}

function payload(row: SqlRow, field: keyof Payloads): PayloadView | null {
  const start = text(row[field]);
  return start === null ? null : { text: start, length: Number(row[`${field}_length`]) };
}

export function observationDetail(row: SqlRow, span: SpanView | null): ObservationDetail {
  const estimate = object(row.estimate) as StoredEstimate | null;
  const firstToken = number(row.completion_start_us);
  return {
    ...payloads(row),
    statusMessage: text(row.status_message),
    version: text(row.version),
    environment: text(row.environment),
    firstTokenUs: firstToken === null ? null : firstToken - Number(row.start_us ?? firstToken),
    modelParameters: object(row.model_parameters),
    usageDetails: object(row.usage_details) ?? estimate?.usageDetails ?? null,
    costDetails: object(row.cost_details) ?? estimate?.costDetails ?? null,
    estimate: (estimate?.marks as EstimateView | undefined) ?? null,
    promptName: text(row.prompt_name),
    promptVersion: number(row.prompt_version),
    span,
  };
}

export function text(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

export function number(value: SqlValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function list<T>(json: SqlValue | undefined): T[] {
  return typeof json === 'string' ? (JSON.parse(json) as T[]) : [];
}

function object(json: SqlValue | undefined): Record<string, unknown> | null {
  const value = typeof json === 'string' ? parsedOrUndefined(json) : undefined;
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}
