/** Writes scores: one of the same id replaces the stored one. */

import type { ScoreRow } from '../../../../ingest/rows.js';
import type { Changes } from '../../changes.js';
import { metadataMap } from '../metadata-text.js';
import { timeText } from '../times.js';
import type { BatchParts } from './batch-parts.js';
import { insertRows } from './insert.js';
import { loadTimes } from './load.js';

export async function writeScores(
  { connection, tables, versions }: BatchParts,
  batch: readonly Changes[],
): Promise<void> {
  const scores = new Map<string, ScoreRow>();
  for (const changes of batch) for (const score of changes.scores) scores.set(score.id, score);
  if (scores.size === 0) return;
  const stored = await loadTimes(connection, tables.scores, 'created_at', [...scores.keys()]);
  const restored = new Map(
    batch.flatMap((changes) => changes.restored?.scores ?? []).map((one) => [one.id, one]),
  );
  const rows = Array.from(scores.values(), (score) => {
    const known = stored.get(score.id);
    const version = versions.next(known?.versionUs);
    const times = restored.get(score.id) ?? { createdUs: known?.createdUs ?? version, updatedUs: version };
    return {
      ...scoreValues(score),
      created_at: timeText(times.createdUs),
      updated_at: timeText(times.updatedUs),
      event_ts: timeText(version),
    };
  });
  await insertRows(connection, tables, 'scores', rows);
}

function scoreValues(score: ScoreRow): Record<string, unknown> {
  return {
    id: score.id,
    timestamp: timeText(score.timestampUs),
    trace_id: score.traceId,
    observation_id: score.observationId,
    session_id: score.sessionId,
    dataset_run_id: score.datasetRunId,
    name: score.name,
    data_type: score.dataType,
    value: score.value,
    string_value: score.stringValue,
    comment: score.comment,
    config_id: score.configId,
    environment: score.environment ?? 'default',
    metadata: metadataMap(score.metadata),
    source: score.source,
  };
}
