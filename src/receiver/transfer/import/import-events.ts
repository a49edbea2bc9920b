/** Imports a batch of Langfuse's classic ingestion: its events, and what a replayable export adds to them. */

import { InvalidEvent } from '../../../ingest/classic/fields.js';
import { OBSERVATION_EVENTS, readIngestion } from '../../../ingest/classic/ingestion.js';
import { isObject } from '../../../ingest/json-text.js';
import type { ScoreSource } from '../../../ingest/rows.js';
import { inSlices } from '../../slices.js';
import type { Changes } from '../../store/changes.js';
import { StoredEventError } from '../replay/read-fields.js';
import { readStoredComment } from '../replay/stored-comments.js';
import { addStoredEvent, isStoredEvent } from '../replay/stored-events.js';
import type { StoredMedia } from '../replay/stored-fields.js';
import { StoredStateError } from '../replay/stored-state.js';
import type { ImportTarget } from './import-target.js';

type Json = Record<string, unknown>;

/** What the file says of itself. */
export interface ReplayMarks {
  /** Events of a replayable export. */
  hasStored: boolean;
  /** Its last line. */
  hasEnd: boolean;
}

const CHUNK_EVENTS = 500;

export async function importBatch(
  { batch, metadata }: { batch: unknown[]; metadata?: unknown },
  line: number,
  target: ImportTarget,
  marks: ReplayMarks,
): Promise<void> {
  for (let start = 0; start < batch.length; start += CHUNK_EVENTS) {
    const events = batch.slice(start, start + CHUNK_EVENTS);
    const isStored = events.some(isStoredEvent);
    if (isStored) marks.hasStored = true;
    await (isStored ? importStored(events, line, target) : importClassic(events, line, target));
  }
  const stored = isObject(metadata) && isObject(metadata.tailrace) ? metadata.tailrace : {};
  if (stored.end !== undefined) marks.hasEnd = true;
  if (Array.isArray(stored.media)) await importMedia(stored.media, line, target);
  if (Array.isArray(stored.comments)) await importComments(stored.comments, line, target);
}

async function importStored(events: unknown[], line: number, target: ImportTarget): Promise<void> {
  const changes: Changes = { traces: [], observations: [], scores: [], findings: [] };
  const others: unknown[] = [];
  for (const event of events) {
    if (!isStoredEvent(event)) {
      others.push(event);
      continue;
    }
    const { type } = event as { type: unknown };
    const name = typeof type === 'string' ? type : '';
    const observationType = Object.hasOwn(OBSERVATION_EVENTS, name) ? OBSERVATION_EVENTS[name] : undefined;
    try {
      addStoredEvent(event as Json, observationType, changes);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      target.refuse(line, `${nameOf(event)}: ${(error as Error).message}`);
    }
  }
  await target.add(changes);
  if (others.length > 0) await importClassic(others, line, target);
}

function isRefusal(error: unknown): boolean {
  return (
    error instanceof StoredEventError || error instanceof StoredStateError || error instanceof InvalidEvent
  );
}

/** Judged as a batch that a client sends. Strict: an event that a server would leave out is refused. `sources`: of scores, by id. */
export async function importClassic(
  events: unknown[],
  line: number,
  target: ImportTarget,
  sources?: ReadonlyMap<string, ScoreSource>,
): Promise<void> {
  const { changes, answer } = await inSlices(readIngestion({ batch: events }, true));
  for (const { id, message } of answer.errors) target.refuse(line, `event "${id.slice(0, 80)}": ${message}`);
  for (const score of changes.scores) score.source = sources?.get(score.id) ?? score.source;
  await target.add(changes);
}

async function importComments(comments: unknown[], line: number, target: ImportTarget): Promise<void> {
  const read = comments.flatMap((one) => {
    try {
      return [readStoredComment(one)];
    } catch (error) {
      if (!isRefusal(error)) throw error;
      target.refuse(line, `comment: ${(error as Error).message}`);
      return [];
    }
  });
  await target.addComments(read, line);
}

async function importMedia(media: unknown[], line: number, target: ImportTarget): Promise<void> {
  for (const one of media) {
    try {
      const { id, contentType, sha256, traceId, uploadedUs, content } = isObject(one) ? one : ({} as Json);
      const isRight =
        [id, contentType, sha256, traceId].every((value) => typeof value === 'string') &&
        (content === undefined || typeof content === 'string') &&
        (uploadedUs === null || Number.isSafeInteger(uploadedUs));
      if (!isRight) throw new Error('the medium is not as tailrace exports it');
      await target.addMedia(one as StoredMedia);
    } catch (error) {
      target.refuse(line, (error as Error).message);
    }
  }
}

function nameOf(event: unknown): string {
  const { type, id } = event as Json;
  return `event "${String(id).slice(0, 80)}" of type ${typeof type === 'string' ? type.slice(0, 40) : typeof type}`;
}
