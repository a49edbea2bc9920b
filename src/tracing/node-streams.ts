/** Follows a readable stream of Node.js by the events that it emits to whoever reads it, however it is read. */
import type { Readable } from 'node:stream';
import { override } from './override.js';
import { onChunk, onEnd, onFailure, onLeave, quietly, type Reader } from './reading.js';

export function isNodeStream(value: object): value is Readable {
  const { pipe, on, emit, read } = value as Partial<Readable>;
  return [pipe, on, emit, read].every((method) => typeof method === 'function');
}

/** No listener of ours: one for `data` would set it going. */
export function followNodeStream(stream: Readable, reader: Reader): void {
  override(stream, 'emit', (before) => (...args) => {
    quietly(() => hear(reader, args));
    return before.apply(stream, args);
  });
}

function hear(reader: Reader, [event, value]: readonly unknown[]): void {
  if (event === 'data') onChunk(reader, value);
  else if (event === 'end') onEnd(reader);
  else if (event === 'close') onLeave(reader);
  else if (event === 'error' && isAbort(value)) onLeave(reader);
  else if (event === 'error') onFailure(reader, value);
}

/** What Node.js destroys a stream with when its reader leaves a loop. */
function isAbort(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ABORT_ERR';
}

/** Of an answer to a request. What is compressed is no text, whatever it will be. */
export function contentTypeOf(stream: Readable): string | null {
  const { headers } = stream as { headers?: Record<string, unknown> };
  if (headers?.['content-encoding'] !== undefined) return 'application/octet-stream';
  const type = headers?.['content-type'];
  return typeof type === 'string' ? type : null;
}
