/** Media that an application wraps, because nothing else would tell what they are. */
import { type MediaContent, wrapMedia } from '../shared/contract/media.js';

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
 * It is known by its identity: a copy of it, as JSON, a spread or another thread make one, is data like any other, and no
 * file is read for it.
 *
 * Never throws: where the parameters are wrong or a file cannot be read, the event says so in their place.
 *
 * @example
 * trace.span({ name: 'scan', input: new TailraceMedia({ filePath: 'page.pdf', contentType: 'application/pdf' }) });
 */
export class TailraceMedia {
  readonly base64DataUri: string | undefined;
  readonly contentBytes: Uint8Array | undefined;
  readonly filePath: string | undefined;
  readonly contentType: string | undefined;
  /** What is wrong with the parameters. */
  readonly problem: string | undefined;

  /** Bytes are copied when it is handed over to a tracing call. */
  constructor(params: MediaParams) {
    const content = contentOf(params);
    Object.assign(this, content);
    // What is written is this, whatever becomes of the members.
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

/** The same memory: throws where they only claim to be bytes. */
function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
