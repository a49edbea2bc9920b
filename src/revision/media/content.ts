/** Media by their content: what is known of them, the id that follows from it, and how it is read again. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { declaredType } from './content-types.js';

export interface Media {
  readonly id: string;
  readonly contentType: string;
  readonly contentBytes: number;
  /** Of the content, in memory until it is sent: none of a file. */
  readonly heldBytes: number;
  /** In base64. */
  readonly sha256: string;
  /** Throws where a file is gone, or is another one by now. */
  readonly read: () => Uint8Array;
}

export type MediaSource = 'base64_data_uri' | 'bytes' | 'file';

/** Of a digest in base64url, as Langfuse's server makes ids. */
const ID_CHARS = 22;
const CHUNK_BYTES = 256 * 1024;

export function mediaOfBytes(contentType: string, content: Uint8Array): Media {
  const digest = createHash('sha256').update(content).digest();
  const { byteLength } = content;
  return { ...describe(contentType, byteLength, digest, () => content), heldBytes: byteLength };
}

/** Reads the file to its end, keeping nothing of it: it is read again when it is sent. Throws where it cannot be read. */
export function mediaOfFile(contentType: string, path: string): Media {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  // A pipe that nobody writes to would hold the worker for ever.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  let bytes = 0;
  try {
    if (!fstatSync(file).isFile()) throw new Error('not a regular file');
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read));
      bytes += read;
    }
  } finally {
    closeSync(file);
  }
  if (bytes === 0) throw new Error('an empty file');
  const digest = hash.digest();
  return describe(contentType, bytes, digest, () => {
    const content = readFileSync(path);
    if (!createHash('sha256').update(content).digest().equals(digest))
      throw new Error('the file has changed');
    return content;
  });
}

/** What stands in the event, and what a Langfuse server shows the media for. */
export function referenceTag({ contentType, id }: Media, source: MediaSource): string {
  return `@@@langfuseMedia:type=${contentType}|id=${id}|source=${source}@@@`;
}

function describe(contentType: string, contentBytes: number, digest: Buffer, read: () => Uint8Array): Media {
  return {
    id: digest.toString('base64url').slice(0, ID_CHARS),
    contentType: declaredType(contentType),
    contentBytes,
    heldBytes: 0,
    sha256: digest.toString('base64'),
    read,
  };
}
