/** The wrapper for media in payloads, for files and for bytes without a content type beside them. */
import { type MediaContent, wrapMedia } from '../shared/contract/media.js';

/** Parameters of `TailraceMedia`: a data URI, bytes with their content type, or a file with its content type. */
export interface MediaParams {
  /** `data:image/png;base64,…` */
  base64DataUri?: string | undefined;
  contentBytes?: Uint8Array | ArrayBuffer | undefined;
  /** Path of a file. The worker reads it when it sends the event, not this call. */
  filePath?: string | undefined;
  /** Content type of the bytes or the file: `image/png`. */
  contentType?: string | undefined;
}

const NOTHING_GIVEN = 'neither base64DataUri, nor contentBytes or filePath with a contentType, was given';

/**
 * Media for any place in `input`, `output` or `metadata`: the worker uploads them, and the event refers to them.
 * Data URIs, and bytes beside a content type, need no wrapper; files, and bytes alone, do.
 *
 * The client recognises the object itself: a copy, for example by JSON, a spread or another thread, is data like any other, and no
 * file is read for it.
 *
 * Never throws: if the parameters are wrong or a file cannot be read, the event has a message in place of the media.
 *
 * @example
 * trace.span({ name: 'scan', input: new TailraceMedia({ filePath: 'page.pdf', contentType: 'application/pdf' }) });
 */
export class TailraceMedia {
  readonly base64DataUri: string | undefined;
  readonly contentBytes: Uint8Array | undefined;
  readonly filePath: string | undefined;
  readonly contentType: string | undefined;
  /** The problem with the parameters, if there is one. */
  readonly problem: string | undefined;

  /** The tracing call that gets the object copies the bytes. */
  constructor(params: MediaParams) {
    const content = contentOf(params);
    Object.assign(this, content);
    // This content is written, even if the members change later.
    wrapMedia(this, content);
  }
}

function contentOf(params: MediaParams): MediaContent {
  try {
    const { base64DataUri, contentBytes, filePath, contentType } = params;
    const type = typeof contentType === 'string' ? { contentType } : {};
    if (typeof base64DataUri === 'string') return { ...type, base64DataUri };
    if (contentBytes instanceof Uint8Array) return { ...type, contentBytes: bytesOf(contentBytes) };
    if (contentBytes instanceof ArrayBuffer) return { ...type, contentBytes: new Uint8Array(contentBytes) };
    if (typeof filePath === 'string') return { ...type, filePath };
    return { ...type, problem: NOTHING_GIVEN };
  } catch {
    return { problem: 'its parameters could not be read' };
  }
}

/** A view of the same memory. Throws if the value only claims to be bytes. */
function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
