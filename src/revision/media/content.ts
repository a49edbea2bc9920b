/** Describes media by their content: size, digest, the id that follows from it, and how to read it again. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { declaredType } from './content-types.js';

export interface Media {
  readonly id: string;
  readonly contentType: string;
  readonly contentBytes: number;
  /** Bytes of the content that stay in memory until it is sent; 0 for a file. */
  readonly heldBytes: number;
  /** In base64. */
  readonly sha256: string;
  /** Throws if a file is gone or has changed. */
  readonly read: () => Uint8Array;
}

export type MediaSource = 'base64_data_uri' | 'bytes' | 'file';

/** An id is the beginning of a digest in base64url, as on Langfuse's server. */
const ID_CHARS = 22;
const CHUNK_BYTES = 256 * 1024;

export function mediaOfBytes(contentType: string, content: Uint8Array): Media {
  const digest = createHash('sha256').update(content).digest();
  const { byteLength } = content;
  return { ...describe(contentType, byteLength, digest, () => content), heldBytes: byteLength };
}

/** Reads the file to its end without keeping it: it is read again when it is sent. Throws if it cannot be read. */
export function mediaOfFile(contentType: string, path: string): Media {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  // A pipe that nobody writes to would block the worker for ever.
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

/** The text in the event for which a Langfuse server shows the media. */
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
