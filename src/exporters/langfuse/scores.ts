/** Scores as `score-create` events of Langfuse's ingestion API. */

import { isRecord, mergeMetadata } from '../../records/metadata.js';
import type { ScoreRecord } from '../../records/records.js';
import { stringifyWellFormed } from '../../shared/json.js';
import { withoutNulls } from './ingestion.js';

export function encodeScore(record: ScoreRecord): Buffer {
  const [, id, time, traceId, observationId, sessionId, datasetRunId, name, value, dataType] = record;
  const [comment, configId, environment, metadata] = record.slice(10);
  const timestamp = new Date(time).toISOString();
  const body = { id, traceId, observationId, sessionId, datasetRunId, name, value, dataType };
  const rest = {
    comment,
    configId,
    environment,
    // Of what is no object the server makes one.
    metadata: isRecord(metadata) ? mergeMetadata([metadata]) : metadata,
  };
  // The envelope's id is the event's, by which the server drops repeats; the same score sent again has both the same.
  return Buffer.from(
    stringifyWellFormed({
      id,
      type: 'score-create',
      timestamp,
      body: withoutNulls({ ...body, ...rest }),
    }) as string,
  );
}
