/** Uploads media found in events: runs a few at once, lets others wait, repeats none, and returns the text for the event. */

import { message, warnBy } from '../../messages/message.js';
import type { ExporterContext } from '../../shared/contract/exporter.js';
import { type Media, type MediaSource, referenceTag } from './content.js';
import { type MediaLocation, type MediaServer, type UploadFailure, uploadMedia } from './upload.js';

interface MediaQueue {
  /** Resolves when the upload has succeeded or failed. Undefined: the media was uploaded before. Never rejects. */
  add(media: Media, location: MediaLocation): Promise<void> | undefined;
}

/** Few, as the events need most of the connections. */
const MAX_AT_ONCE = 4;
/** Limit for content in memory: events that need room on the ring do not wait for uploads. */
const MAX_HELD_BYTES = 128 * 1024 * 1024;
/** Recent uploads by location are remembered, as a trace's metadata come with each of its spans. */
const MAX_REMEMBERED = 10_000;

export function createMediaQueue(
  upload: (media: Media, location: MediaLocation) => Promise<UploadFailure>,
  onFailure: (media: Media, reason: string) => void,
): MediaQueue {
  /** By media and location, the least recently used first. `true`: uploaded. */
  const known = new Map<string, Promise<void> | true>();
  /** The last running upload of each media: after it, the server does not ask for the content again. */
  const latest = new Map<string, Promise<void>>();
  const takeSlot = createSlots(MAX_AT_ONCE);
  let heldBytes = 0;

  function remember(key: string, state: Promise<void> | true): void {
    known.delete(key);
    known.set(key, state);
    if (known.size > MAX_REMEMBERED) known.delete(known.keys().next().value as string);
  }

  async function run(
    key: string,
    media: Media,
    location: MediaLocation,
    previous: Promise<void> | undefined,
  ) {
    await previous;
    const leaveSlot = await takeSlot();
    const failure = await upload(media, location);
    leaveSlot();
    heldBytes -= media.heldBytes;
    if (failure === undefined) {
      remember(key, true);
    } else {
      known.delete(key);
      onFailure(media, failure);
    }
  }

  return {
    add(media, location) {
      const { id } = media;
      const key = `${id} ${location.field} ${location.traceId} ${location.observationId ?? ''}`;
      const state = known.get(key);
      if (state !== undefined) {
        remember(key, state);
        return state === true ? undefined : state;
      }
      if (media.heldBytes > 0 && heldBytes > 0 && heldBytes + media.heldBytes > MAX_HELD_BYTES) {
        onFailure(media, `${heldBytes} bytes are waiting to be uploaded already`);
        return undefined;
      }
      heldBytes += media.heldBytes;
      const running = run(key, media, location, latest.get(id)).finally(() => {
        if (latest.get(id) === running) latest.delete(id);
      });
      latest.set(id, running);
      remember(key, running);
      return running;
    },
  };
}

/** Resolves once a slot is free, to the function that frees it again. */
function createSlots(slots: number): () => Promise<() => void> {
  const waiting: (() => void)[] = [];
  let free = slots;
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return async () => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return leave;
  };
}

interface MediaUploads {
  /** Returns the reference. Adds the promise that the event's settlement has to wait for to `waits`. */
  add(media: Media, source: MediaSource, location: MediaLocation, waits: Promise<void>[]): string;
  /** Counts and reports a failed upload. */
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
    (media, location) => uploadMedia(server, media, location),
    ({ id, contentType, contentBytes }, reason) =>
      fail(`media ${id} (${contentType}, ${contentBytes} bytes)`, reason),
  );
  return {
    fail,
    add(media, source, location, waits) {
      const wait = queue.add(media, location);
      if (wait !== undefined) waits.push(wait);
      return referenceTag(media, source);
    },
  };
}
