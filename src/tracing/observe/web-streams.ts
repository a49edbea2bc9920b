/** Follows a web stream as it is read. It stays the object that it is; nothing is read that its reader does not read. */

import { override } from '../override.js';
import { followLoop } from './iterables.js';
import { onLeave, type Reader, readerOf, split, stepResult } from './reading.js';

type PipeOptions = Parameters<ReadableStream['pipeTo']>[1];

export function isWebStream(value: object): value is ReadableStream {
  const { getReader, tee } = value as Partial<ReadableStream>;
  return typeof getReader === 'function' && typeof tee === 'function' && 'locked' in value;
}

export function followWebStream(stream: ReadableStream, reader: Reader): void {
  override(stream, 'getReader', (before) => (...args) => {
    const own = before.apply(stream, args) as ReadableStreamDefaultReader;
    followReader(own, readerOf(reader));
    return isForRuntime() ? sourceOf(own).getReader() : own;
  });
  for (const name of ['values', Symbol.asyncIterator]) {
    override(stream, name, (before) => (...args) => {
      const iterator = before.apply(stream, args);
      // It can be read on after a loop that leaves it as it is.
      const [options] = args as Parameters<ReadableStream['values']>;
      followLoop(iterator, reader, options?.preventCancel ? ['next'] : undefined);
      return iterator;
    });
  }
  override(stream, 'tee', (before) => () => {
    const branches = before.call(stream) as [ReadableStream, ReadableStream];
    const readers = split(reader, branches.length);
    for (const [i, branch] of branches.entries()) followWebStream(branch, readers[i] as Reader);
    return branches;
  });
  override(stream, 'cancel', (before) => (...args) => {
    if (!stream.locked) onLeave(reader);
    return before.apply(stream, args);
  });
  if (stream instanceof ReadableStream) followPipes(stream);
}

/**
 * Whether it is `Readable.fromWeb()` that asks for a reader: as of Node.js 26 it reads by it inside the runtime, not by its
 * `read()`. It gets one of another stream, which it only reads and cancels.
 */
function isForRuntime(): boolean {
  return new Error().stack?.includes('newStreamReadableFromReadableStream') ?? false;
}

function followReader(own: ReadableStreamDefaultReader, reader: Reader): void {
  override(own, 'releaseLock', (before) => () => {
    before.call(own);
    // A read that waits is rejected by it.
    reader.left = true;
  });
  override(
    own,
    'read',
    (before) =>
      (...args) =>
        stepResult(reader, () => before.apply(own, args)),
  );
  override(own, 'cancel', (before) => (...args) => {
    onLeave(reader);
    return before.apply(own, args);
  });
}

/** Pipes read inside the runtime: they get another stream, which reads this one when it is read, and not before. */
function followPipes(stream: ReadableStream): void {
  override(stream, 'pipeTo', (before) => (...args) => {
    const [to] = args;
    // The runtime says what is wrong.
    if (stream.locked || !(to instanceof WritableStream) || to.locked) return before.apply(stream, args);
    const from = stream.getReader();
    // Not `before`: that may be of another observed function, which is told by the reader.
    const piped = ReadableStream.prototype.pipeTo.apply(
      sourceOf(from),
      args as [WritableStream, PipeOptions],
    );
    return piped.finally(() => from.releaseLock());
  });
  override(stream, 'pipeThrough', (before) => (...args) => {
    const [{ writable, readable } = {}, options] = args as [Partial<TransformStream>?, PipeOptions?];
    const isRight = writable instanceof WritableStream && readable instanceof ReadableStream;
    if (stream.locked || !isRight || writable.locked) return before.apply(stream, args);
    // As with the runtime's own, whoever reads the other end learns of it.
    stream.pipeTo(writable, options).catch(() => {});
    return readable;
  });
}

function sourceOf(from: ReadableStreamDefaultReader): ReadableStream {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await from.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => from.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
