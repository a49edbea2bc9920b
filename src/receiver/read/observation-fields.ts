/**
 * Stored rows → observations of the API's second version, which holds only the groups of fields that are asked for.
 *
 * The groups are those of Langfuse's packages/shared/src/domain/observation-field-groups.ts.
 */

import type { ObservationWithTrace } from '../store/contract/rows.js';
import { isoTime, metadataOf, payloadOf } from './row-values.js';
import { coreFields, detailsOf, metricFields, NO_MODEL, promptFields } from './shapes.js';

export const OBSERVATION_FIELD_GROUPS = [
  'core',
  'basic',
  'time',
  'io',
  'metadata',
  'model',
  'usage',
  'prompt',
  'metrics',
  'trace_context',
] as const;
type ObservationFieldGroup = (typeof OBSERVATION_FIELD_GROUPS)[number];

interface ObservationSelection {
  groups: readonly ObservationFieldGroup[];
  /** Whether metadata values are truncated, as in Langfuse's table for lists. */
  cutMetadata: boolean;
}

const MAX_METADATA_CHARS = 200;

export function observationFields(row: ObservationWithTrace, { groups, cutMetadata }: ObservationSelection) {
  const observation: Record<string, unknown> = { ...coreFields(row), ...NO_MODEL };
  for (const group of groups) Object.assign(observation, fieldsOf[group](row, cutMetadata));
  return observation;
}

const fieldsOf: Record<ObservationFieldGroup, (row: ObservationWithTrace, cutMetadata: boolean) => object> = {
  core: () => ({}),
  basic: (row) => ({
    name: row.name,
    level: row.level ?? 'DEFAULT',
    statusMessage: row.statusMessage,
    version: row.version,
    environment: row.environment ?? 'default',
    bookmarked: false,
    public: row.traceIsPublic,
    userId: row.traceUserId,
    sessionId: row.traceSessionId,
    isRootObservation: row.isRoot,
  }),
  time: (row) => ({
    completionStartTime: isoTime(row.completionStartUs),
    createdAt: isoTime(row.createdUs),
    updatedAt: isoTime(row.updatedUs),
  }),
  // As stored: this version of the API does not parse payloads.
  io: (row) => ({ input: row.input, output: row.output }),
  metadata: (row, cutMetadata) => {
    const metadata = metadataOf(row.metadata);
    return { metadata: cutMetadata ? cutValues(metadata) : metadata };
  },
  model: (row) => ({
    providedModelName: row.model,
    internalModelId: null,
    modelParameters: payloadOf(row.modelParameters),
  }),
  usage: (row) => {
    const { usageDetails, costDetails } = detailsOf(row);
    return { usageDetails, costDetails, totalCost: costDetails.total ?? null, usagePricingTierName: null };
  },
  prompt: promptFields,
  metrics: metricFields,
  trace_context: (row) => ({
    traceName: row.traceName,
    tags: row.traceTags ?? [],
    release: row.traceRelease,
  }),
};

function cutValues(metadata: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return [key, text.length > MAX_METADATA_CHARS ? text.slice(0, MAX_METADATA_CHARS) : value];
    }),
  );
}
