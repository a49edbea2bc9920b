/** Reads a `TailraceMedia` (tracing/media) as it arrives in the worker: an object with its members. */
import { messageOf } from '../../shared/untrusted-text/errors.js';
import { type Media, type MediaSource, mediaOfBytes, mediaOfFile } from './content.js';
import { contentTypeOf } from './content-types.js';
import { readDataUri } from './data-uri.js';

type Members = Readonly<Record<string, unknown>>;

/** Returns the media, or why it cannot be used. */
export function unwrap(members: Members): { media: Media; source: MediaSource } | { problem: string } {
  const { base64DataUri, contentBytes, filePath } = members;
  if (typeof members.problem === 'string') return { problem: members.problem };
  if (typeof base64DataUri === 'string') {
    const uri = readDataUri(base64DataUri);
    if (uri === undefined) return { problem: 'base64DataUri is not a data URI in base64' };
    return { media: mediaOfBytes(uri.contentType, uri.content), source: 'base64_data_uri' };
  }
  const contentType = contentTypeOf(members.contentType);
  if (contentType === undefined) return { problem: 'contentType is not one, such as image/png' };
  if (contentBytes instanceof Uint8Array) {
    if (contentBytes.byteLength === 0) return { problem: 'contentBytes are empty' };
    return { media: mediaOfBytes(contentType, contentBytes), source: 'bytes' };
  }
  try {
    return { media: mediaOfFile(contentType, String(filePath)), source: 'file' };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** Describes media without its content, as the text also goes to the log. */
export function describeWrapped({ contentType, contentBytes, base64DataUri, filePath }: Members): string {
  const uri = typeof base64DataUri === 'string' ? base64DataUri : undefined;
  const type = contentTypeOf(uri?.startsWith('data:') ? uri.slice('data:'.length) : contentType);
  const media = type === undefined ? 'media' : `media of ${type}`;
  if (uri !== undefined) return `${media}, ${uri.length} characters`;
  if (contentBytes instanceof Uint8Array) return `${media}, ${contentBytes.byteLength} bytes`;
  return typeof filePath === 'string' ? `${media}, file ${filePath}` : media;
}
