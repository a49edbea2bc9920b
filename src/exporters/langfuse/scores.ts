/** Scores as `score-create` events of Langfuse's ingestion API. */

import { isRecord, mergeMetadata } from '../../records/metadata.js';
import { readScore, type ScoreRecord } from '../../records/score.js';
import { stringifyWellFormed } from '../../shared/json.js';
import { withoutNulls } from './ingestion.js';

export function encodeScore(record: ScoreRecord): Buffer {
  const { timestamp, ...score } = readScore(record);
  const { id, metadata } = score;
  // The server makes an object of metadata that is none.
  const body = { ...score, metadata: isRecord(metadata) ? mergeMetadata([metadata]) : metadata };
  // The server drops repeats by the envelope's id; the same score sent again has the same two ids.
  return Buffer.from(
    stringifyWellFormed({
      id,
      type: 'score-create',
      timestamp: new Date(timestamp).toISOString(),
      body: withoutNulls(body),
    }) as string,
  );
}
