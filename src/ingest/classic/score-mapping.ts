/** A score-create event → its row: the value must fit the data type, and the score exactly one target. */

import { typeOfValue } from '../findings.js';
import { toJsonText } from '../json-text.js';
import {
  SCORE_DATA_TYPES,
  SCORE_SOURCES,
  type ScoreDataType,
  type ScoreRow,
  type ScoreSource,
} from '../rows.js';
import {
  type Body,
  environmentOfBody,
  type IngestionEvent,
  InvalidEvent,
  optionalId,
  optionalMetadata,
  optionalOneOf,
  optionalText,
  optionalTime,
} from './fields.js';

const TARGETS = ['traceId', 'sessionId', 'datasetRunId'];

const MAX_TEXT_CHARS = 500;

export function mapScoreEvent(event: IngestionEvent): ScoreRow {
  const { body, timestampUs } = event;
  const name = optionalText(body, 'name');
  if (name === null || name === '') throw misfit('name', 'score name', 'a non-empty string', body.name);
  requireOneTarget(body);
  const metadata = optionalMetadata(event);
  const value = readValue(body);
  const row: Omit<ScoreRow, 'id'> = {
    traceId: optionalText(body, 'traceId'),
    observationId: optionalText(body, 'observationId'),
    sessionId: optionalText(body, 'sessionId'),
    datasetRunId: optionalText(body, 'datasetRunId'),
    name,
    ...value,
    comment: optionalText(body, 'comment'),
    metadata: metadata && toJsonText(metadata),
    configId: optionalText(body, 'configId'),
    environment: environmentOfBody(event),
    source: readSource(body, value.dataType),
    timestampUs: optionalTime(body, 'timestamp') ?? timestampUs,
  };
  const id = optionalId(body, 'id');
  if (id !== null) return { id, ...row };
  throw new InvalidEvent(
    'id-missing',
    'body.id',
    'body.id must be the id of the score: without it the event is left out',
  );
}

function requireOneTarget(body: Body): void {
  const given = TARGETS.filter((target) => optionalText(body, target));
  if (given.length !== 1) {
    throw new InvalidEvent(
      'score-invalid',
      'body',
      `a score must have exactly one of ${TARGETS.join(', ')}, but got: ${given.length === 0 ? 'none' : given.join(' and ')}`,
    );
  }
  if (optionalText(body, 'observationId') && given[0] !== 'traceId') {
    throw new InvalidEvent(
      'score-invalid',
      'observationId',
      'a score with an observationId must have the traceId as well',
    );
  }
}

/** A score of a person needs a configuration, as the server's annotation queues do (its domain/scores.ts). */
function readSource(body: Body, dataType: ScoreDataType): ScoreSource {
  const source =
    body.source === undefined ? 'API' : optionalOneOf(body, 'source', SCORE_SOURCES, 'score-invalid');
  if (source === null) throw misfit('source', 'source', `one of ${SCORE_SOURCES.join(', ')} or absent`, null);
  if (source === 'ANNOTATION' && dataType !== 'CORRECTION' && !body.configId) {
    throw misfit(
      'configId',
      'the configId of an ANNOTATION score',
      'the id of a score config',
      body.configId,
    );
  }
  return source;
}

function readValue(body: Body): Pick<ScoreRow, 'dataType' | 'value' | 'stringValue'> {
  const { value } = body;
  const isNumber = typeof value === 'number' && Number.isFinite(value);
  if (!isNumber && typeof value !== 'string')
    throw misfit('value', 'score value', 'a number or a string', value);
  if (body.dataType === null)
    throw misfit('dataType', 'dataType', `one of ${SCORE_DATA_TYPES.join(', ')} or absent`, null);
  const inferred: ScoreDataType = isNumber ? 'NUMERIC' : 'CATEGORICAL';
  const dataType = optionalOneOf(body, 'dataType', SCORE_DATA_TYPES, 'score-invalid') ?? inferred;
  switch (dataType) {
    case 'NUMERIC':
      if (!isNumber) throw misfit('value', 'the value of a NUMERIC score', 'a number', value);
      return { dataType, value, stringValue: null };
    case 'BOOLEAN':
      if (value !== 0 && value !== 1) throw misfit('value', 'the value of a BOOLEAN score', '0 or 1', value);
      return { dataType, value, stringValue: value === 1 ? 'True' : 'False' };
    default:
      if (typeof value !== 'string')
        throw misfit('value', `the value of a ${dataType} score`, 'a string', value);
      if (dataType === 'TEXT' && (value === '' || value.length > MAX_TEXT_CHARS)) {
        const message = `the value of a TEXT score must have 1 to ${MAX_TEXT_CHARS} characters, but got ${value.length}`;
        throw new InvalidEvent('score-invalid', 'value', message);
      }
      if (dataType === 'CORRECTION' && body.configId != null) {
        throw misfit('configId', 'the configId of a CORRECTION score', 'absent', body.configId);
      }
      return { dataType, value: null, stringValue: value };
  }
}

function misfit(field: string, what: string, expected: string, value: unknown): InvalidEvent {
  return new InvalidEvent(
    'score-invalid',
    field,
    `${what} must be ${expected}, but got ${typeOfValue(value)}`,
  );
}
