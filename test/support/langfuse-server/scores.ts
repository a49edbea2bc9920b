/**
 * Scores, which both versions store alike: Langfuse's worker/src/services/IngestionService/index.ts
 * (`processScoreEventList`) and packages/shared/src/server/ingestion/validateAndInflateScore.ts. Every configuration
 * that is named exists and allows the value.
 */
import { byTime, mergeRows, type Row } from './merge.js';
import type { Dropped, IngestionEvent, StoredScore } from './types.js';
import { groupBy, metadataRecord, textByKey } from './values.js';

const IMMUTABLE = ['id', 'timestamp', 'traceId', 'environment'];

export function mergeScores(events: readonly IngestionEvent[], dropped: Dropped[]): Map<string, StoredScore> {
  const valid = events.filter((event) => {
    const error = refusal(event);
    const { id, type } = event;
    if (error !== null) dropped.push({ id, type, status: 201, message: 'Not stored', error });
    return error === null;
  });
  const byId = groupBy(valid, ({ body }) => body.id as string);
  return new Map([...byId].map(([id, ofScore]) => [id, mergeScore(ofScore)]));
}

/** The endpoint answers 201 for these, and the worker does not store them. */
function refusal({ body }: IngestionEvent): string | null {
  const { source, configId, dataType, sessionId, datasetRunId } = body;
  if (source === 'ANNOTATION' && !configId && dataType !== 'CORRECTION')
    return 'an annotation without configId';
  if (dataType === 'CORRECTION' && (sessionId || datasetRunId))
    return 'a correction of a session or dataset run';
  return null;
}

function mergeScore(events: readonly IngestionEvent[]): StoredScore {
  const merged = mergeRows(byTime(events).map(scoreRow), IMMUTABLE);
  return { ...merged, metadata: textByKey(merged.metadata as Row) } as unknown as StoredScore;
}

function scoreRow({ body, timestamp }: IngestionEvent): Row {
  const { environment, traceId, sessionId, datasetRunId, observationId, configId, comment, source } = body;
  return {
    id: body.id,
    timestamp: new Date(timestamp).toISOString(),
    environment,
    traceId,
    sessionId,
    datasetRunId,
    observationId,
    configId,
    comment,
    source,
    ...typedValue(body),
    metadata: metadataRecord(body.metadata),
  };
}

/** A number and a text for each type (`inflateScoreBody`). */
function typedValue({ name, value, dataType }: IngestionEvent['body']): Row {
  if (typeof value === 'number') {
    if (dataType !== 'BOOLEAN') return { name, value, stringValue: null, dataType: 'NUMERIC' };
    return { name, value, stringValue: value === 1 ? 'True' : 'False', dataType };
  }
  if (dataType === 'CORRECTION') {
    return { name: 'output', value: 0, stringValue: null, longStringValue: value, dataType };
  }
  return { name, value: 0, stringValue: value, dataType: dataType === 'TEXT' ? 'TEXT' : 'CATEGORICAL' };
}
