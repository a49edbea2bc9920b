/** A replayable export: batches of Langfuse's classic ingestion, one a line. Each is a body that `POST /api/public/ingestion` takes. */

import { isEverything, type PageFilter } from '../../store/contract/page.js';
import type { StoredScore } from '../../store/contract/rows.js';
import type { StoredMedium } from '../../store/contract/transfer.js';
import type { Store } from '../../store/contract.js';
import { eachOf } from '../export/each-of.js';
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
export async function* replayLines(
  store: Store,
  filter: PageFilter,
  tally: ExportTally,
): AsyncGenerator<string, void, undefined> {
  const rows = store.export;
  const batch = createBatch();
  const writtenMedia = new Set<string>();
  /** Of those that have comments. */
  const writtenSessions = new Set<string>();
  for await (const trace of eachOf(rows.traces(filter))) {
    const { id } = trace;
    yield batch.add(traceEvent(trace, await rows.complaints(id)));
    tally.traces += 1;
    for await (const row of eachOf(rows.observations(id))) {
      yield batch.add(observationEvent(row));
      tally.observations += 1;
    }
    yield* scoreEvents(await rows.scores(id));
    yield* commentLines(eachOf(rows.comments(id)));
    yield* commentLines(commentsOfSession(trace.sessionId));
    for (const media of await rows.media(id)) {
      yield batch.end();
      yield await mediaLine(media, id);
    }
  }
  // No condition: scores of no stored trace belong to the export as well.
  if (isEverything(filter)) for await (const scores of rows.strayScores()) yield* scoreEvents(scores);
  yield batch.end();
  const { traces, observations, scores, comments, media, leftOut } = tally;
  const end: ExportEnd = { traces, observations, scores, comments, media, leftOut };
  yield lineOf({ end });

  function* scoreEvents(scores: Iterable<StoredScore>): Generator<string, void, void> {
    for (const row of scores) {
      yield batch.add(scoreEvent(row));
      tally.scores += 1;
    }
  }

  /** Once, with the first of its traces. */
  async function* commentsOfSession(id: string | null): AsyncGenerator<StoredComment, void, undefined> {
    if (id === null || writtenSessions.has(id)) return;
    for await (const comment of eachOf(rows.sessionComments(id))) {
      writtenSessions.add(id);
      yield comment;
    }
  }

  async function* commentLines(found: AsyncIterable<StoredComment>): AsyncGenerator<string, void, undefined> {
    let comments: StoredComment[] = [];
    function line(): string {
      tally.comments += comments.length;
      const text = lineOf({ comments });
      comments = [];
      return text;
    }
    for await (const comment of found) {
      if (comments.push(comment) === 1) yield batch.end();
      if (comments.length === MAX_LINE_COMMENTS) yield line();
    }
    if (comments.length > 0) yield line();
  }

  /** The content once, however many traces have it. */
  async function mediaLine(medium: StoredMedium, traceId: string): Promise<string> {
    const { id, contentType, contentLength, sha256, uploadedUs } = medium;
    const isNew = !writtenMedia.has(id);
    const isTooLarge = contentLength > MAX_MEDIA_BYTES;
    writtenMedia.add(id);
    if (isNew && isTooLarge) tally.leaveOut(`media ${id} (${contentLength} bytes)`);
    if (isTooLarge) return '';
    const content = isNew ? await store.media.content(id) : undefined;
    if (isNew) tally.media += 1;
    const media: StoredMedia = {
      ...{ id, contentType, sha256, traceId, uploadedUs },
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
