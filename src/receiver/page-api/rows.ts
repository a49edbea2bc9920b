/** Rows of the store → the page's data. */

import { parsedOrUndefined } from '../../ingest/json-text.js';
import type { JsonText } from '../../ingest/rows.js';
import type { EstimateView, ObservationDetail, SpanView } from '../../viewer/data/details.js';
import type { CommentView, ScoreView } from '../../viewer/data/feedback.js';
import type { TraceRow } from '../../viewer/data/list.js';
import type { CommentRow } from '../store/comment-rows.js';
import type { ListedTrace, ObservationDetails, PayloadEnds } from '../store/contract/page.js';
import type { StoredEstimate, StoredScore } from '../store/contract/rows.js';
import { previewOf } from './preview.js';

export function traceRow(row: ListedTrace, complaintCount: number): TraceRow {
  const { timestampUs, latencyUs, tags, ...rest } = row;
  return {
    id: rest.id,
    name: rest.name,
    startUs: timestampUs,
    durationUs: latencyUs,
    observationCount: rest.observationCount,
    errorCount: rest.errorCount,
    totalTokens: rest.totalTokens,
    totalCost: rest.totalCost,
    hasEstimatedTokens: rest.hasEstimatedTokens,
    hasEstimatedCost: rest.hasEstimatedCost,
    // By name: they arrive in any order, and would stand in another order in each row of the list.
    scores: [...rest.scores].sort((a, b) => (a.name < b.name ? -1 : 1)),
    userId: rest.userId,
    sessionId: rest.sessionId,
    environment: rest.environment,
    release: rest.release,
    version: rest.version,
    tags: tags ?? [],
    complaintCount,
    input: preview(row.input),
    output: preview(row.output),
  };
}

function preview(payload: PayloadEnds | null): string | null {
  if (payload === null) return null;
  const { head, tail, bytes } = payload;
  return head === null ? `… ${Math.round(bytes / 1024)} KiB` : previewOf(head, tail ?? '');
}

export function scoreView(row: StoredScore): ScoreView {
  return {
    id: row.id,
    name: row.name,
    observationId: row.observationId,
    value: row.stringValue ?? String(row.value),
    dataType: row.dataType,
    comment: row.comment,
    source: row.source,
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

export function observationDetail(row: ObservationDetails, span: SpanView | null): ObservationDetail {
  const estimate = object(row.estimate) as StoredEstimate | null;
  const { input, output, metadata, startUs, completionStartUs } = row;
  return {
    ...{ input, output, metadata },
    statusMessage: row.statusMessage,
    version: row.version,
    environment: row.environment,
    firstTokenUs: completionStartUs === null ? null : completionStartUs - (startUs ?? completionStartUs),
    modelParameters: object(row.modelParameters),
    usageDetails: object(row.usageDetails) ?? estimate?.usageDetails ?? null,
    costDetails: object(row.costDetails) ?? estimate?.costDetails ?? null,
    estimate: (estimate?.marks as EstimateView | undefined) ?? null,
    promptName: row.promptName,
    promptVersion: row.promptVersion,
    span,
  };
}

function object(json: JsonText | null): Record<string, unknown> | null {
  const value = json === null ? undefined : parsedOrUndefined(json);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
}
