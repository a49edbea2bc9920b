/** Classic trace and observation events → rows. Creates and updates alike are merged into what is stored. */

import { readClassicUsage, readCostDetails, readUsageDetails, totalOf } from '../usage/details.js';
import {
  type IngestionEvent,
  optionalBoolean,
  optionalEnvironment,
  optionalInteger,
  optionalMetadata,
  optionalObject,
  optionalOneOf,
  optionalTags,
  optionalText,
  optionalTime,
  wrong,
} from './fields.js';
import { payloadText, toJsonText } from './json-text.js';
import {
  emptyTrace,
  levels,
  type ObservationChange,
  type ObservationType,
  type TraceChange,
} from './rows.js';

export function mapTraceEvent({ id, body, timestampUs }: IngestionEvent): TraceChange {
  return {
    revision: timestampUs,
    row: {
      ...emptyTrace(optionalText(body, 'id') ?? id),
      ownStartUs: optionalTime(body, 'timestamp') ?? timestampUs,
      name: optionalText(body, 'name'),
      userId: optionalText(body, 'userId'),
      sessionId: optionalText(body, 'sessionId'),
      release: optionalText(body, 'release'),
      version: optionalText(body, 'version'),
      environment: optionalEnvironment(body, 'environment'),
      public: optionalBoolean(body, 'public'),
      tags: optionalTags(body, 'tags'),
      metadata: optionalMetadata(body, 'metadata'),
      input: payloadText(body.input),
      output: payloadText(body.output),
    },
  };
}

export function mapObservationEvent(
  { id, body, timestampUs }: IngestionEvent,
  type: ObservationType,
  isCreate: boolean,
): ObservationChange {
  const observationId = optionalText(body, 'id');
  if (observationId === null && !isCreate)
    throw wrong('body.id', 'the id of the observation to update', body.id);
  const classic = readClassicUsage(optionalObject(body, 'usage'));
  const usageDetails = readUsageDetails(optionalObject(body, 'usageDetails')) ?? classic.usageDetails;
  const costDetails = readCostDetails(optionalObject(body, 'costDetails')) ?? classic.costDetails;
  return {
    mode: 'merge',
    revision: timestampUs,
    row: {
      // Without an id of its own the event's serves: a repeated delivery then meets the same row.
      id: observationId ?? id,
      traceId: optionalText(body, 'traceId'),
      parentId: optionalText(body, 'parentObservationId'),
      type,
      level: optionalOneOf(body, 'level', levels),
      startUs: optionalTime(body, 'startTime') ?? (isCreate ? timestampUs : null),
      endUs: optionalTime(body, 'endTime'),
      totalTokens: totalOf(usageDetails),
      totalCost: totalOf(costDetails),
      name: optionalText(body, 'name'),
      completionStartUs: optionalTime(body, 'completionStartTime'),
      statusMessage: optionalText(body, 'statusMessage'),
      version: optionalText(body, 'version'),
      environment: optionalEnvironment(body, 'environment'),
      model: optionalText(body, 'model'),
      modelParameters: payloadText(optionalObject(body, 'modelParameters')),
      usageDetails: usageDetails && toJsonText(usageDetails),
      costDetails: costDetails && toJsonText(costDetails),
      promptName: optionalText(body, 'promptName'),
      promptVersion: optionalInteger(body, 'promptVersion'),
      metadata: optionalMetadata(body, 'metadata'),
      input: payloadText(body.input),
      output: payloadText(body.output),
    },
  };
}
