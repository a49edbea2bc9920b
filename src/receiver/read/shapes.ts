/**
 * Stored rows → traces, sessions and observations as Langfuse's public API answers with them.
 *
 * The fields are those of its web/src/features/public-api/types/{traces,sessions,observations}.ts. What is unknown is
 * null if these types allow it; token counts are then 0 and the maps of details empty.
 */

import type { Details } from '../../usage/details.js';
import type { StoredEstimate } from '../store/estimates.js';
import type { SqlRow } from '../store/sqlite.js';
import {
  isoTime,
  jsonOf,
  metadataOf,
  PROJECT_ID,
  payloadOf,
  seconds,
  secondsBetween,
  tagsOf,
} from './row-values.js';

export const TRACE_FIELD_GROUPS = ['core', 'io', 'scores', 'observations', 'metrics'] as const;
type TraceFieldGroup = (typeof TRACE_FIELD_GROUPS)[number];

interface TraceParts {
  fields: readonly TraceFieldGroup[];
  observations: unknown[];
  scores: unknown[];
}

/** A trace without the fields that are computed from its observations. */
export function plainTraceObject(row: SqlRow, withIo = true) {
  return {
    id: row.id,
    projectId: PROJECT_ID,
    externalId: null,
    name: row.name,
    timestamp: isoTime(row.timestamp_us),
    environment: row.environment ?? 'default',
    tags: tagsOf(row.tags),
    bookmarked: false,
    public: row.public === 1,
    release: row.release,
    version: row.version,
    userId: row.user_id,
    sessionId: row.session_id,
    input: withIo ? payloadOf(row.input) : null,
    output: withIo ? payloadOf(row.output) : null,
    metadata: withIo ? metadataOf(row.metadata) : {},
    createdAt: isoTime(row.created_us),
    updatedAt: isoTime(row.updated_us),
  };
}

/** Field groups that were not requested are empty, metrics -1, as on the server: clients rely on the keys. */
export function traceObject(row: SqlRow, { fields, observations, scores }: TraceParts) {
  const withMetrics = fields.includes('metrics');
  return {
    ...plainTraceObject(row, fields.includes('io')),
    htmlPath: `/project/${PROJECT_ID}/traces/${encodeURIComponent(String(row.id))}`,
    latency: withMetrics ? seconds(row.latency_us) : -1,
    totalCost: withMetrics ? row.total_cost : -1,
    observations,
    scores,
  };
}

/** Fields that `?estimates=true` adds to a trace: whether its totals contain estimates. */
export function traceEstimates(row: SqlRow) {
  return { estimated: { usage: row.has_estimated_tokens === 1, cost: row.has_estimated_cost === 1 } };
}

/** Fields that `?estimates=true` adds to an observation: which figures are estimates, and their source; null: none. */
function observationEstimates(row: SqlRow) {
  return { estimate: (jsonOf(row.estimate) as StoredEstimate | null)?.marks ?? null };
}

export function sessionObject(row: SqlRow) {
  return {
    id: row.id,
    createdAt: isoTime(row.created_us),
    projectId: PROJECT_ID,
    environment: row.environment,
  };
}

function observationObject(row: SqlRow) {
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
    statusMessage: row.status_message,
    version: row.version,
    environment: row.environment ?? 'default',
    completionStartTime: isoTime(row.completion_start_us),
    createdAt: isoTime(row.created_us),
    updatedAt: isoTime(row.updated_us),
    input: payloadOf(row.input),
    output: payloadOf(row.output),
    metadata: metadataOf(row.metadata),
    model: row.model,
    modelParameters: payloadOf(row.model_parameters),
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

export function coreFields(row: SqlRow) {
  return {
    id: row.id,
    traceId: row.trace_id,
    projectId: PROJECT_ID,
    parentObservationId: row.parent_id,
    type: row.type,
    // An update may have arrived without its create.
    startTime: isoTime(row.start_us ?? row.end_us ?? row.created_us),
    endTime: isoTime(row.end_us),
  };
}

export function promptFields(row: SqlRow) {
  return {
    promptId: null,
    promptName: row.prompt_name,
    // Versions start at 1.
    promptVersion: Number(row.prompt_version) > 0 ? row.prompt_version : null,
  };
}

export function metricFields(row: SqlRow) {
  return {
    latency: secondsBetween(row.start_us, row.end_us),
    timeToFirstToken: secondsBetween(row.start_us, row.completion_start_us),
  };
}

/** Details as given, else as estimated, else empty. */
export function detailsOf(row: SqlRow): { usageDetails: Details; costDetails: Details } {
  const estimate = jsonOf(row.estimate) as StoredEstimate | null;
  const given = (details: unknown, total: unknown) =>
    details === null ? null : { ...(details as Details), total: Number(total) };
  return {
    usageDetails: given(jsonOf(row.usage_details), row.total_tokens) ?? estimate?.usageDetails ?? {},
    costDetails: given(jsonOf(row.cost_details), row.total_cost) ?? estimate?.costDetails ?? {},
  };
}

/** Sums all keys of a side: `input`, `input_cached_tokens`, … */
function sideOf(details: Details, side: 'input' | 'output'): number | null {
  const values = Object.entries(details).filter(([key]) => key.includes(side));
  return values.length === 0 ? null : values.reduce((sum, [, value]) => sum + value, 0);
}

/** An observation, with its estimates if they were requested. */
export function observationWithEstimates(row: SqlRow, withEstimates: boolean): object {
  const observation = observationObject(row);
  return withEstimates ? { ...observation, ...observationEstimates(row) } : observation;
}
