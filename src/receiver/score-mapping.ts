/** A score-create event → its row: the value must fit the data type, and the score exactly one target. */

import {
  type Body,
  type IngestionEvent,
  InvalidEvent,
  optionalEnvironment,
  optionalMetadata,
  optionalOneOf,
  optionalText,
  optionalTime,
  wrong,
} from './fields.js';
import { type ScoreDataType, type ScoreRow, scoreDataTypes } from './rows.js';

const targets = ['traceId', 'sessionId', 'datasetRunId'];

export function mapScoreEvent({ id, body, timestampUs }: IngestionEvent): ScoreRow {
  const name = optionalText(body, 'name');
  if (name === null || name === '') throw wrong('score name', 'a non-empty string', body.name);
  requireOneTarget(body);
  return {
    id: optionalText(body, 'id') ?? id,
    traceId: optionalText(body, 'traceId'),
    observationId: optionalText(body, 'observationId'),
    sessionId: optionalText(body, 'sessionId'),
    datasetRunId: optionalText(body, 'datasetRunId'),
    name,
    ...readValue(body),
    comment: optionalText(body, 'comment'),
    metadata: optionalMetadata(body, 'metadata'),
    configId: optionalText(body, 'configId'),
    environment: optionalEnvironment(body, 'environment'),
    timestampUs: optionalTime(body, 'timestamp') ?? timestampUs,
  };
}

function requireOneTarget(body: Body): void {
  const given = targets.filter((target) => optionalText(body, target) !== null);
  if (given.length !== 1) {
    throw new InvalidEvent(
      `a score must have exactly one of ${targets.join(', ')}, but got: ${given.length === 0 ? 'none' : given.join(' and ')}`,
    );
  }
  if (optionalText(body, 'observationId') !== null && given[0] !== 'traceId') {
    throw new InvalidEvent('a score with an observationId must have the traceId as well');
  }
}

function readValue(body: Body): Pick<ScoreRow, 'dataType' | 'value' | 'stringValue'> {
  const { value } = body;
  const isNumber = typeof value === 'number' && Number.isFinite(value);
  if (!isNumber && typeof value !== 'string') throw wrong('score value', 'a number or a string', value);
  const inferred: ScoreDataType = isNumber ? 'NUMERIC' : 'CATEGORICAL';
  const dataType = optionalOneOf(body, 'dataType', scoreDataTypes) ?? inferred;
  switch (dataType) {
    case 'NUMERIC':
      if (!isNumber) throw wrong('the value of a NUMERIC score', 'a number', value);
      return { dataType, value, stringValue: null };
    case 'BOOLEAN':
      if (value !== 0 && value !== 1) throw wrong('the value of a BOOLEAN score', '0 or 1', value);
      return { dataType, value, stringValue: value === 1 ? 'True' : 'False' };
    default:
      if (typeof value !== 'string') throw wrong(`the value of a ${dataType} score`, 'a string', value);
      return { dataType, value: null, stringValue: value };
  }
}
