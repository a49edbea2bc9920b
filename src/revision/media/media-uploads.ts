/** Uploads what was found in events, and gives the text that stands in its place. */
import { message, warnBy } from '../../messages/message.js';
import type { ExporterContext } from '../../shared/contract/exporter.js';
import { type Media, type MediaSource, referenceTag } from './media-content.js';
import { createMediaQueue } from './media-queue.js';
import { type MediaPlace, type MediaServer, uploadMedia } from './media-upload.js';

export interface MediaUploads {
  /** Returns the reference. `waits` gets what the event's settlement has to wait for. */
  add(media: Media, source: MediaSource, place: MediaPlace, waits: Promise<void>[]): string;
  /** Counts and tells what cannot be uploaded. */
  fail(what: string, reason: string): void;
}

export function createMediaUploads(
  server: MediaServer,
  context: Pick<ExporterContext, 'count' | 'warning'>,
): MediaUploads {
  const fail = (what: string, reason: string) => {
    context.count('mediaFailed');
    warnBy(context.warning, message('TAILRACE_MEDIA_NOT_UPLOADED', what, reason));
  };
  const queue = createMediaQueue(
    (media, place) => uploadMedia(server, media, place),
    ({ id, contentType, contentBytes }, reason) =>
      fail(`media ${id} (${contentType}, ${contentBytes} bytes)`, reason),
  );
  return {
    fail,
    add(media, source, place, waits) {
      const wait = queue.add(media, place);
      if (wait !== undefined) waits.push(wait);
      return referenceTag(media, source);
    },
  };
}
