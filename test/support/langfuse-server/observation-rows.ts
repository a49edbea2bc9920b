/**
 * Langfuse 3: the row that one event of an observation makes. Restates `mapObservationEventsToRecords` and
 * `getPrompt` of Langfuse's worker/src/services/IngestionService/index.ts. Every prompt that is named exists.
 */
import { type Row, recordOf } from './merge.js';
import type { IngestionEvent, StoredObservation } from './types.js';
import { metadataRecord, toStored } from './values.js';

/** Of several events the first one says the type. */
export function typeOfEvent({ type }: IngestionEvent): string {
  return type.replace(/-(create|update)$/, '').toUpperCase();
}

/** `all`: the events of this observation that are merged together, one prompt is looked up for all of them. */
export function observationRow(event: IngestionEvent, all: readonly IngestionEvent[]): Row {
  const { body, timestamp } = event;
  const prompt = all.findLast(
    (one) => typeof one.body.promptName === 'string' && typeof one.body.promptVersion === 'number',
  );
  return {
    id: body.id,
    traceId: body.traceId,
    type: typeOfEvent(event),
    name: body.name,
    environment: body.environment,
    startTime: iso(body.startTime ?? timestamp),
    endTime: iso(body.endTime),
    completionStartTime: iso(body.completionStartTime),
    metadata: metadataRecord(body.metadata),
    model: body.model,
    modelParameters: body.modelParameters ? JSON.stringify(body.modelParameters) : undefined,
    usageDetails: usageOf(body),
    costDetails: costOf(body),
    level: body.level,
    statusMessage: body.statusMessage ?? undefined,
    parentObservationId: body.parentObservationId ?? undefined,
    version: body.version ?? undefined,
    promptName: prompt?.body.promptName,
    promptVersion: prompt?.body.promptVersion,
  };
}

/** `usageDetails` over the older `usage`, whose total is the sum where neither says one. */
function usageOf(body: IngestionEvent['body']): Row {
  const { input, output, total } = recordOf(body.usage) as Record<string, number | null | undefined>;
  const details = recordOf(body.usageDetails);
  const sum = input && output ? input + output : (input ?? output);
  const stated = total || (Object.keys(details).length === 0 ? sum : undefined);
  return withoutNulls({ input, output, total: stated, ...details });
}

function costOf(body: IngestionEvent['body']): Row {
  const { inputCost, outputCost, totalCost } = recordOf(body.usage);
  const ofUsage = withoutNulls({ input: inputCost, output: outputCost, total: totalCost });
  return { ...ofUsage, ...withoutNulls(recordOf(body.costDetails)) };
}

function withoutNulls(record: Row): Row {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== null && value !== undefined),
  );
}

function iso(time: unknown): string | undefined {
  return time ? new Date(time as string).toISOString() : undefined;
}

export function toStoredObservation(row: Row): StoredObservation {
  return {
    id: row.id as string,
    traceId: row.traceId as string,
    parentObservationId: toStored(row.parentObservationId),
    type: row.type as string,
    name: toStored(row.name),
    startTime: row.startTime as string,
    endTime: toStored(row.endTime),
    completionStartTime: toStored(row.completionStartTime),
    environment: row.environment as string,
    version: toStored(row.version),
    level: row.level as string,
    statusMessage: toStored(row.statusMessage),
    model: toStored(row.model),
    modelParameters: row.modelParameters === undefined ? {} : JSON.parse(row.modelParameters as string),
    usageDetails: recordOf(row.usageDetails),
    costDetails: recordOf(row.costDetails),
    promptName: toStored(row.promptName),
    promptVersion: (row.promptVersion as number | undefined) ?? null,
    metadata: row.metadata as Record<string, string>,
    input: row.input as string | null,
    output: row.output as string | null,
  };
}
