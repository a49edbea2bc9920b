/** Stored rows → the objects of Langfuse's public API, under its field names. What is unknown is null, never 0. */

import type { Details } from '../usage/details.js';
import type { StoredEstimate } from './estimates.js';
import { parseIfJson } from './json-text.js';
import type { SqlRow, SqlValue } from './sqlite.js';

/** Langfuse's objects name their project; here there is one. */
const projectId = 'local';

export function traceObject(row: SqlRow, observations: unknown[], scores: unknown[]) {
  return {
    id: row.id,
    projectId,
    name: row.name,
    timestamp: isoTime(row.timestamp_us),
    environment: row.environment ?? 'default',
    tags: jsonOf(row.tags) ?? [],
    bookmarked: false,
    public: row.public === 1,
    release: row.release,
    version: row.version,
    userId: row.user_id,
    sessionId: row.session_id,
    input: payloadOf(row.input),
    output: payloadOf(row.output),
    metadata: jsonOf(row.metadata),
    createdAt: isoTime(row.created_us),
    updatedAt: isoTime(row.updated_us),
    htmlPath: `/trace/${encodeURIComponent(String(row.id))}`,
    latency: seconds(row.latency_us),
    totalCost: row.total_cost,
    /** Of tailrace: whether the totals contain figures that no client gave. */
    estimated: { usage: row.has_estimated_tokens === 1, cost: row.has_estimated_cost === 1 },
    observations,
    scores,
  };
}

export function observationObject(row: SqlRow) {
  const estimate = jsonOf(row.estimate) as StoredEstimate | null;
  const usageDetails = withTotal(row.usage_details, row.total_tokens) ?? estimate?.usageDetails ?? null;
  const costDetails = withTotal(row.cost_details, row.total_cost) ?? estimate?.costDetails ?? null;
  return {
    id: row.id,
    traceId: row.trace_id,
    projectId,
    parentObservationId: row.parent_id,
    type: row.type,
    name: row.name,
    // An update may have come without the create that it belongs to.
    startTime: isoTime(row.start_us ?? row.end_us ?? row.created_us),
    endTime: isoTime(row.end_us),
    completionStartTime: isoTime(row.completion_start_us),
    level: row.level ?? 'DEFAULT',
    statusMessage: row.status_message,
    version: row.version,
    environment: row.environment ?? 'default',
    model: row.model,
    modelId: null,
    modelParameters: payloadOf(row.model_parameters),
    input: payloadOf(row.input),
    output: payloadOf(row.output),
    metadata: jsonOf(row.metadata),
    usage: {
      input: sideOf(usageDetails, 'input'),
      output: sideOf(usageDetails, 'output'),
      total: row.total_tokens ?? row.estimated_tokens,
      unit: usageDetails === null ? null : 'TOKENS',
    },
    usageDetails,
    costDetails,
    inputPrice: null,
    outputPrice: null,
    totalPrice: null,
    calculatedInputCost: sideOf(costDetails, 'input'),
    calculatedOutputCost: sideOf(costDetails, 'output'),
    calculatedTotalCost: row.total_cost ?? row.estimated_cost,
    /** Of tailrace: which of these figures no client gave, and how they came about; null: none of them. */
    estimate: estimate?.marks ?? null,
    promptId: null,
    promptName: row.prompt_name,
    promptVersion: row.prompt_version,
    latency: secondsBetween(row.start_us, row.end_us),
    timeToFirstToken: secondsBetween(row.start_us, row.completion_start_us),
    createdAt: isoTime(row.created_us),
    updatedAt: isoTime(row.updated_us),
  };
}

export function scoreObject(row: SqlRow) {
  return {
    id: row.id,
    projectId,
    traceId: row.trace_id,
    observationId: row.observation_id,
    sessionId: row.session_id,
    datasetRunId: row.dataset_run_id,
    name: row.name,
    source: 'API',
    dataType: row.data_type,
    value: row.value,
    stringValue: row.string_value,
    comment: row.comment,
    metadata: jsonOf(row.metadata),
    configId: row.config_id,
    queueId: null,
    authorUserId: null,
    environment: row.environment ?? 'default',
    timestamp: isoTime(row.timestamp_us),
    createdAt: isoTime(row.created_us),
    updatedAt: isoTime(row.updated_us),
  };
}

/** A list of scores also says whose trace each belongs to. */
export function scoreOfListObject(row: SqlRow) {
  const { trace_id, trace_user_id, trace_tags, trace_environment } = row;
  const trace = {
    userId: trace_user_id,
    tags: jsonOf(trace_tags) ?? [],
    environment: trace_environment ?? 'default',
  };
  return { ...scoreObject(row), trace: trace_id === null ? null : trace };
}

export function isoTime(micros: SqlValue | undefined): string | null {
  return micros === null || micros === undefined
    ? null
    : new Date(Math.floor(Number(micros) / 1000)).toISOString();
}

function payloadOf(text: SqlValue | undefined): unknown {
  return typeof text === 'string' ? parseIfJson(text) : null;
}

function jsonOf(text: SqlValue | undefined): unknown {
  return typeof text === 'string' ? (JSON.parse(text) as unknown) : null;
}

function withTotal(details: SqlValue | undefined, total: SqlValue | undefined): Details | null {
  const parsed = jsonOf(details) as Details | null;
  return parsed === null ? null : { ...parsed, total: Number(total) };
}

/** All of a side's keys: `input`, `input_cached_tokens`, … */
function sideOf(details: Details | null, side: 'input' | 'output'): number | null {
  const values = Object.entries(details ?? {}).filter(([key]) => key.includes(side));
  return values.length === 0 ? null : values.reduce((sum, [, value]) => sum + value, 0);
}

function seconds(micros: SqlValue | undefined): number | null {
  return micros === null || micros === undefined ? null : Number(micros) / 1_000_000;
}

function secondsBetween(start: SqlValue | undefined, end: SqlValue | undefined): number | null {
  if (start === null || start === undefined || end === null || end === undefined) return null;
  return (Number(end) - Number(start)) / 1_000_000;
}
