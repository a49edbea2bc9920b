/** Follows a web stream while it is read. The stream stays the same object, and nothing is read ahead of its reader. */

import { followLoop, override } from './iterables.js';
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
      // After a loop with preventCancel the stream can be read further.
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
 * Whether `Readable.fromWeb()` asks for the reader: as of Node.js 26 it reads inside the runtime, not by the reader's
 * `read()`. It gets the reader of another stream, which it only reads and cancels.
 */
function isForRuntime(): boolean {
  return new Error().stack?.includes('newStreamReadableFromReadableStream') ?? false;
}

function followReader(own: ReadableStreamDefaultReader, reader: Reader): void {
  override(own, 'releaseLock', (before) => () => {
    before.call(own);
    // This rejects a pending read.
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

/** Pipes read inside the runtime: they get another stream, which reads this one only on demand. */
function followPipes(stream: ReadableStream): void {
  override(stream, 'pipeTo', (before) => (...args) => {
    const [to] = args;
    // The runtime throws the right error.
    if (stream.locked || !(to instanceof WritableStream) || to.locked) return before.apply(stream, args);
    const from = stream.getReader();
    // Not `before`: it may belong to another observed function, which follows the reader as well.
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
    // As with the runtime's own pipes, the reader of the other end gets the error.
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
