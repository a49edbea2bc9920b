/** Media that an application wraps, because nothing else would tell what they are. */
import { MEDIA_KEY } from '../shared/media.js';
import { processWide } from '../shared/process-wide.js';

/** One of: a data URI, bytes with their content type, or a file with its content type. */
export interface MediaParams {
  /** `data:image/png;base64,…` */
  base64DataUri?: string;
  contentBytes?: Uint8Array | ArrayBuffer;
  /** Path of a file that the worker reads: when the event is sent, not now. */
  filePath?: string;
  /** Of the bytes or the file: `image/png`. */
  contentType?: string;
}

const NOTHING_GIVEN = 'neither base64DataUri, nor contentBytes or filePath with a contentType, was given';

/**
 * Media to put anywhere into `input`, `output` or `metadata`: the worker uploads them, and the event refers to them.
 * Data URIs and bytes next to a content type need no wrapper; a file does, and bytes that stand alone.
 *
 * Never throws: where the parameters are wrong or a file cannot be read, the event says so in their place.
 *
 * @example
 * trace.span({ name: 'scan', input: new TailraceMedia({ filePath: 'page.pdf', contentType: 'application/pdf' }) });
 */
export class TailraceMedia {
  // Its own members are what is written, on the fast path: no method of it is called.
  readonly base64DataUri: string | undefined;
  readonly contentBytes: Uint8Array | undefined;
  readonly filePath: string | undefined;
  readonly contentType: string | undefined;
  /** What is wrong with the parameters. */
  readonly problem: string | undefined;
  /** @internal */
  readonly [MEDIA_KEY]: string;

  /** Bytes are copied when it is handed over to a tracing call. */
  constructor(params: MediaParams) {
    this[MEDIA_KEY] = mediaMarker();
    try {
      const { base64DataUri, contentBytes, filePath, contentType } = params;
      if (typeof contentType === 'string') this.contentType = contentType;
      if (typeof base64DataUri === 'string') this.base64DataUri = base64DataUri;
      else if (contentBytes instanceof Uint8Array) this.contentBytes = contentBytes;
      else if (contentBytes instanceof ArrayBuffer) this.contentBytes = new Uint8Array(contentBytes);
      else if (typeof filePath === 'string') this.filePath = filePath;
      else this.problem = NOTHING_GIVEN;
    } catch {
      this.problem = 'its parameters could not be read';
    }
  }
}

/** `media/1`: what the copies of this package share, so that each knows what another has wrapped. */
const shared = (): { marker: string | undefined } => processWide('media/1', () => ({ marker: undefined }));

/** The value of `MEDIA_KEY` in this thread, and in those that attach to it. Not made sooner than needed: node:crypto takes 5 ms to load. */
export function mediaMarker(): string {
  const media = shared();
  media.marker ??= process.getBuiltinModule('node:crypto').randomUUID();
  return media.marker;
}

/** `media-marker/1`: that function, the same for all copies, by which their clients' options can be told to be the same. */
export const commonMediaMarker = (): (() => string) => processWide('media-marker/1', () => mediaMarker);

/** Takes over the value of another thread. False: this one has used its own. */
export function adoptMediaMarker(other: string): boolean {
  const media = shared();
  media.marker ??= other;
  return media.marker === other;
}
