/** Follows a readable stream of Node.js by the events that it emits to whoever reads it, however it is read. */
import type { Readable } from 'node:stream';
import { override } from '../override.js';
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
  emitWhenPiped(stream);
}

type Listener = (this: unknown, ...args: unknown[]) => unknown;

/**
 * As of Node.js 26 a stream that is piped emits no `data` while nobody but its pipe listens: it compares the listener with
 * the pipe's. That is found, and taken away, by its name for what it stands for, as those of `once()`.
 */
function emitWhenPiped(stream: Readable): void {
  let isPiping = false;
  override(stream, 'pipe', (before) => (...args) => {
    isPiping = true;
    try {
      return before.apply(stream, args);
    } finally {
      isPiping = false;
    }
  });
  override(stream, 'on', (before) => (event, listener) => {
    const isPipe =
      isPiping && event === 'data' && typeof listener === 'function' && !('listener' in listener);
    return before.call(stream, event, isPipe ? standInFor(listener as Listener) : listener);
  });
}

function standInFor(listener: Listener): Listener {
  function standIn(this: unknown, ...args: unknown[]): unknown {
    return listener.apply(this, args);
  }
  return Object.assign(standIn, { listener });
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
