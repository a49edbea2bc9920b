/** A replayable export: batches of Langfuse's classic ingestion, one a line. Each is a body that `POST /api/public/ingestion` takes. */

import { mediaContent } from '../../media/media-store.js';
import type { ExportRows } from '../../store/export-rows.js';
import type { Database, SqlRow, SqlValue } from '../../store/sqlite.js';
import type { ExportTally } from '../export/tally.js';
import { observationEvent, scoreEvent, traceEvent } from './replay-events.js';
import type { ExportEnd, StoredComment, StoredMedia } from './stored-fields.js';

/** A batch ends here. The server of Langfuse takes 4.5 MiB; an event alone may be longer. */
const MAX_BATCH_CHARS = 3 * 1024 * 1024;
const MAX_BATCH_EVENTS = 1000;
/** Of a line; each has some thousand characters at most. */
const MAX_LINE_COMMENTS = 100;
/** A larger medium would make a line that no import reads. */
const MAX_MEDIA_BYTES = 32 * 1024 * 1024;

/** Yields pieces of text, each of one event at most. */
export function* replayLines(
  database: Database,
  rows: ExportRows,
  isEverything: boolean,
  tally: ExportTally,
): Generator<string, void, void> {
  const batch = createBatch();
  const writtenMedia = new Set<string>();
  /** Of those that have comments. */
  const writtenSessions = new Set<string>();
  for (const trace of rows.traces()) {
    const id = String(trace.id);
    yield batch.add(traceEvent(trace, rows.complaints(id)));
    tally.traces += 1;
    for (const row of rows.observations(id)) {
      yield batch.add(observationEvent(row));
      tally.observations += 1;
    }
    yield* scoreEvents(rows.scores(id));
    yield* commentLines(rows.comments(id));
    yield* commentLines(commentsOfSession(trace.session_id));
    for (const media of rows.media(id)) {
      yield batch.end();
      yield mediaLine(media, id);
    }
  }
  if (isEverything) yield* scoreEvents(rows.strayScores());
  yield batch.end();
  const { traces, observations, scores, comments, media, leftOut } = tally;
  const end: ExportEnd = { traces, observations, scores, comments, media, leftOut };
  yield lineOf({ end });

  function* scoreEvents(scores: Iterable<SqlRow>): Generator<string, void, void> {
    for (const row of scores) {
      yield batch.add(scoreEvent(row));
      tally.scores += 1;
    }
  }

  /** Once, with the first of its traces. */
  function* commentsOfSession(id: SqlValue | undefined): Generator<StoredComment, void, void> {
    if (typeof id !== 'string' || writtenSessions.has(id)) return;
    for (const comment of rows.sessionComments(id)) {
      writtenSessions.add(id);
      yield comment;
    }
  }

  function* commentLines(found: Iterable<StoredComment>): Generator<string, void, void> {
    let comments: StoredComment[] = [];
    function line(): string {
      tally.comments += comments.length;
      const text = lineOf({ comments });
      comments = [];
      return text;
    }
    for (const comment of found) {
      if (comments.push(comment) === 1) yield batch.end();
      if (comments.length === MAX_LINE_COMMENTS) yield line();
    }
    if (comments.length > 0) yield line();
  }

  /** The content once, however many traces have it. */
  function mediaLine(row: SqlRow, traceId: string): string {
    const id = String(row.id);
    const isNew = !writtenMedia.has(id);
    const isTooLarge = Number(row.content_length) > MAX_MEDIA_BYTES;
    writtenMedia.add(id);
    if (isNew && isTooLarge) tally.leaveOut(`media ${id} (${row.content_length} bytes)`);
    if (isTooLarge) return '';
    const content = isNew ? mediaContent(database, id) : undefined;
    if (isNew) tally.media += 1;
    const media: StoredMedia = {
      id,
      contentType: String(row.content_type),
      sha256: String(row.sha256),
      traceId,
      uploadedUs: (row.uploaded_us ?? null) as number | null,
      ...(content && { content: Buffer.from(content).toString('base64') }),
    };
    return lineOf({ media: [media] });
  }
}

/** A batch without events, which other servers take and ignore. */
function lineOf(
  stored: { media: StoredMedia[] } | { comments: StoredComment[] } | { end: ExportEnd },
): string {
  return `${JSON.stringify({ batch: [], metadata: { tailrace: stored } })}\n`;
}

function createBatch() {
  let events = 0;
  let chars = 0;

  function end(): string {
    if (events === 0) return '';
    events = chars = 0;
    return ']}\n';
  }

  return {
    end,
    add(event: string): string {
      const isFull = events === MAX_BATCH_EVENTS || (events > 0 && chars + event.length > MAX_BATCH_CHARS);
      const before = isFull ? end() : '';
      const start = events === 0 ? '{"batch":[' : ',';
      events += 1;
      chars += event.length;
      return `${before}${start}${event}`;
    },
  };
}
