/**
 * Stored rows → traces, sessions and observations as Langfuse's public API answers with them.
 *
 * The fields are those of its web/src/features/public-api/types/{traces,sessions,observations}.ts. What is unknown is
 * null if these types allow it; token counts are then 0 and the maps of details empty.
 */

import type { Details } from '../../usage/details.js';
import type {
  StoredEstimate,
  StoredObservation,
  StoredSession,
  StoredTrace,
} from '../store/contract/rows.js';
import { isoTime, jsonOf, metadataOf, PROJECT_ID, payloadOf, seconds, secondsBetween } from './row-values.js';

export const TRACE_FIELD_GROUPS = ['core', 'io', 'scores', 'observations', 'metrics'] as const;
type TraceFieldGroup = (typeof TRACE_FIELD_GROUPS)[number];

interface TraceParts {
  fields: readonly TraceFieldGroup[];
  observations: unknown[];
  scores: unknown[];
}

/** A trace without the fields that are computed from its observations. */
export function plainTraceObject(row: StoredTrace, withIo = true) {
  return {
    id: row.id,
    projectId: PROJECT_ID,
    externalId: null,
    name: row.name,
    timestamp: isoTime(row.timestampUs),
    environment: row.environment ?? 'default',
    tags: row.tags ?? [],
    bookmarked: false,
    public: row.isPublic,
    release: row.release,
    version: row.version,
    userId: row.userId,
    sessionId: row.sessionId,
    input: withIo ? payloadOf(row.input) : null,
    output: withIo ? payloadOf(row.output) : null,
    metadata: withIo ? metadataOf(row.metadata) : {},
    createdAt: isoTime(row.createdUs),
    updatedAt: isoTime(row.updatedUs),
  };
}

/** Field groups that were not requested are empty, metrics -1, as on the server: clients rely on the keys. */
export function traceObject(row: StoredTrace, { fields, observations, scores }: TraceParts) {
  const withMetrics = fields.includes('metrics');
  return {
    ...plainTraceObject(row, fields.includes('io')),
    htmlPath: `/project/${PROJECT_ID}/traces/${encodeURIComponent(row.id)}`,
    latency: withMetrics ? seconds(row.latencyUs) : -1,
    totalCost: withMetrics ? row.totalCost : -1,
    observations,
    scores,
  };
}

/** Fields that `?estimates=true` adds to a trace: whether its totals contain estimates. */
export function traceEstimates(row: StoredTrace) {
  return { estimated: { usage: row.hasEstimatedTokens, cost: row.hasEstimatedCost } };
}

/** Fields that `?estimates=true` adds to an observation: which figures are estimates, and their source; null: none. */
function observationEstimates(row: StoredObservation) {
  return { estimate: (jsonOf(row.estimate) as StoredEstimate | null)?.marks ?? null };
}

export function sessionObject(row: StoredSession) {
  return {
    id: row.id,
    createdAt: isoTime(row.createdUs),
    projectId: PROJECT_ID,
    environment: row.environment,
  };
}

function observationObject(row: StoredObservation) {
  const { usageDetails, costDetails } = detailsOf(row);
  const [promptTokens, completionTokens] = [sideOf(usageDetails, 'input'), sideOf(usageDetails, 'output')];
  const usage = {
    unit: 'TOKENS',
    input: promptTokens ?? 0,
    output: completionTokens ?? 0,
    total: usageDetails.total ?? 0,
  };
  return {
    ...coreFields(row),
    name: row.name,
    level: row.level ?? 'DEFAULT',
    statusMessage: row.statusMessage,
    version: row.version,
    environment: row.environment ?? 'default',
    completionStartTime: isoTime(row.completionStartUs),
    createdAt: isoTime(row.createdUs),
    updatedAt: isoTime(row.updatedUs),
    input: payloadOf(row.input),
    output: payloadOf(row.output),
    metadata: metadataOf(row.metadata),
    model: row.model,
    modelParameters: payloadOf(row.modelParameters),
    ...promptFields(row),
    usageDetails,
    costDetails,
    usage,
    unit: usage.unit,
    promptTokens: usage.input,
    completionTokens: usage.output,
    totalTokens: usage.total,
    usagePricingTierId: null,
    usagePricingTierName: null,
    ...NO_MODEL,
    calculatedInputCost: sideOf(costDetails, 'input'),
    calculatedOutputCost: sideOf(costDetails, 'output'),
    calculatedTotalCost: costDetails.total ?? null,
    ...metricFields(row),
  };
}

/** Observations name no definition of their model: the price is part of the estimate. */
export const NO_MODEL = { modelId: null, inputPrice: null, outputPrice: null, totalPrice: null };

export function coreFields(row: StoredObservation) {
  return {
    id: row.id,
    traceId: row.traceId,
    projectId: PROJECT_ID,
    parentObservationId: row.parentId,
    type: row.type,
    // An update may have arrived without its create.
    startTime: isoTime(row.startUs ?? row.endUs ?? row.createdUs),
    endTime: isoTime(row.endUs),
  };
}

export function promptFields(row: StoredObservation) {
  return {
    promptId: null,
    promptName: row.promptName,
    // Versions start at 1.
    promptVersion: (row.promptVersion ?? 0) > 0 ? row.promptVersion : null,
  };
}

export function metricFields(row: StoredObservation) {
  return {
    latency: secondsBetween(row.startUs, row.endUs),
    timeToFirstToken: secondsBetween(row.startUs, row.completionStartUs),
  };
}

/** Details as given, else as estimated, else empty. */
export function detailsOf(row: StoredObservation): { usageDetails: Details; costDetails: Details } {
  const estimate = jsonOf(row.estimate) as StoredEstimate | null;
  const given = (details: unknown, total: unknown) =>
    details === null ? null : { ...(details as Details), total: Number(total) };
  return {
    usageDetails: given(jsonOf(row.usageDetails), row.totalTokens) ?? estimate?.usageDetails ?? {},
    costDetails: given(jsonOf(row.costDetails), row.totalCost) ?? estimate?.costDetails ?? {},
  };
}

/** Sums all keys of a side: `input`, `input_cached_tokens`, … */
function sideOf(details: Details, side: 'input' | 'output'): number | null {
  const values = Object.entries(details).filter(([key]) => key.includes(side));
  return values.length === 0 ? null : values.reduce((sum, [, value]) => sum + value, 0);
}

/** An observation, with its estimates if they were requested. */
export function observationWithEstimates(row: StoredObservation, withEstimates: boolean): object {
  const observation = observationObject(row);
  return withEstimates ? { ...observation, ...observationEstimates(row) } : observation;
}
