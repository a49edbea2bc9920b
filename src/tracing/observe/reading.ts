/** Follows a returned generator or stream while it is read, and collects its chunks as the observation's output. */
import { runInside } from '../active.js';
import { timeIn } from '../clock.js';
import type { InnerObservation, TracingCore } from '../core.js';
import { type Chunks, collect, createChunks, outputOf } from './chunks.js';
import { follow } from './follow.js';

export interface Reading {
  readonly core: TracingCore;
  readonly observation: InnerObservation;
  readonly chunks: Chunks;
  readonly onEnd: (output: unknown) => void;
  readonly onError: (error: unknown, output: unknown) => void;
  /** Number of collected chunks. */
  chunkCount: number;
  /** Several, if a stream was split. */
  readers: number;
  ended: boolean;
}

/**
 * Reads all chunks from a position on. Each branch of a split stream delivers the same chunks, and a reader of a
 * reader (an iterator of a stream's reader) delivers them again: each counts the chunks that it has read.
 */
export interface Reader {
  readonly reading: Reading;
  /** The reader that this one reads from. Null for the reader of the stream itself or of a branch. */
  readonly of: Reader | null;
  /** Number of chunks that were read before it began, and by it. */
  read: number;
  /** It has stopped reading: later errors do not come from the stream. */
  left: boolean;
}

/** `onEnd` gets the output when everything was read or the reader stopped, `onError` the error and the output so far. */
export function createReading(
  core: TracingCore,
  observation: InnerObservation,
  onEnd: (output: unknown) => void,
  onError: (error: unknown, output: unknown) => void,
  contentType: string | null = null,
): Reader {
  const chunks = createChunks(contentType);
  const reading: Reading = {
    core,
    observation,
    chunks,
    onEnd,
    onError,
    chunkCount: 0,
    readers: 1,
    ended: false,
  };
  return { reading, of: null, read: 0, left: false };
}

/** Replaces one reader by several. */
export function split({ reading, read }: Reader, count: number): Reader[] {
  reading.readers += count - 1;
  return Array.from({ length: count }, () => ({ reading, of: null, read, left: false }));
}

/** A reader, or an iterator, that begins where others have stopped. */
export function readerOf(of: Reader): Reader {
  return { reading: of.reading, of, read: of.read, left: false };
}

/** The first chunk is the observation's completion start. */
export function onChunk(reader: Reader, chunk: unknown): void {
  const { reading, of } = reader;
  const position = ++reader.read;
  if (of !== null) of.read = Math.max(of.read, position);
  if (reading.ended || position <= reading.chunkCount) return;
  if (reading.chunkCount++ === 0) {
    reading.observation.update({ completionStartTime: timeIn(reading.observation.trace) });
  }
  collect(reading.core, reading.chunks, chunk);
}

/** @param returned The output if there was no chunk. */
export function onEnd({ reading }: Reader, returned?: unknown): void {
  if (reading.ended) return;
  reading.ended = true;
  reading.onEnd(outputOf(reading.chunks, returned));
}

/** The reader stops reading. */
export function onLeave(reader: Reader): void {
  const one = reader.of ?? reader;
  if (one.left) return;
  one.left = true;
  if (--one.reading.readers === 0) onEnd(one);
}

export function onFailure({ reading, left }: Reader, error: unknown): void {
  if (reading.ended || left) return;
  reading.ended = true;
  reading.onError(error, outputOf(reading.chunks));
}

/** Runs one step of reading, inside the observation. `onDone` gets the result. */
export function step<R>(reader: Reader, run: () => R, onDone: (result: Awaited<R>) => void): R {
  const { core, observation, ended } = reader.reading;
  if (ended) return run();
  return follow(
    () => runInside(core, observation, run),
    (result) => {
      quietly(() => onDone(result));
      return result;
    },
    (error) => onFailure(reader, error),
  );
}

/** A step of an iterator, or of a web stream's reader. */
export function stepResult<R>(reader: Reader, run: () => R): R {
  return step(reader, run, (result) => {
    // The `next()` of a database cursor returns a document or null.
    if (!('done' in (result as object) || 'value' in (result as object))) return;
    const { done, value } = result as IteratorResult<unknown>;
    if (done) onEnd(reader, value);
    else onChunk(reader, value);
  });
}

/** Reading a chunk may throw, for example a getter. The application gets the chunk all the same. */
export function quietly(look: () => void): void {
  try {
    look();
  } catch {
    // The chunk is left out.
  }
}
