/** Follows the reading of what a function has returned: its steps see the observation as active, its end ends it. */
import { runInside } from '../active.js';
import { timeIn } from '../clock.js';
import type { TracingCore } from '../core.js';
import type { Observation } from '../observation.js';
import { follow } from './follow.js';
import { createGathered, type Gathered, gather, outputOf } from './gathered.js';

export interface Reading {
  readonly core: TracingCore;
  readonly observation: Observation;
  readonly gathered: Gathered;
  readonly onEnd: (output: unknown) => void;
  readonly onError: (error: unknown, output: unknown) => void;
  /** Chunks that have been gathered. */
  chunks: number;
  /** Of a stream that was split there are several. */
  readers: number;
  ended: boolean;
}

/**
 * One that reads all from a point on. Of a stream that was split each branch brings the same chunks, and a reader of a
 * reader (an iterator that was made of a stream's reader) the same again.
 */
export interface Reader {
  readonly reading: Reading;
  /** Whose reader it is; null of the stream's own, or a branch's. */
  readonly of: Reader | null;
  /** Chunks that were read before, and by it. */
  read: number;
  /** It reads no further: what it is told after that is not of the stream. */
  left: boolean;
}

/** `onEnd` is told the output when all is read or it was left, `onError` what was thrown, with the output until then. */
export function createReading(
  core: TracingCore,
  observation: Observation,
  onEnd: (output: unknown) => void,
  onError: (error: unknown, output: unknown) => void,
  contentType: string | null = null,
): Reader {
  const gathered = createGathered(contentType);
  const reading: Reading = {
    core,
    observation,
    gathered,
    onEnd,
    onError,
    chunks: 0,
    readers: 1,
    ended: false,
  };
  return { reading, of: null, read: 0, left: false };
}

/** In the place of one reader come so many others. */
export function split({ reading, read }: Reader, count: number): Reader[] {
  reading.readers += count - 1;
  return Array.from({ length: count }, () => ({ reading, of: null, read, left: false }));
}

/** For a reader, or an iterator, that begins where others have stopped. */
export function readerOf(of: Reader): Reader {
  return { reading: of.reading, of, read: of.read, left: false };
}

/** The first chunk is the observation's completion start. */
export function onChunk(reader: Reader, chunk: unknown): void {
  const { reading, of } = reader;
  const position = ++reader.read;
  if (of !== null) of.read = Math.max(of.read, position);
  if (reading.ended || position <= reading.chunks) return;
  if (reading.chunks++ === 0) {
    reading.observation.update({ completionStartTime: timeIn(reading.observation.trace) });
  }
  gather(reading.core, reading.gathered, chunk);
}

/** @param returned The output where there was no chunk. */
export function onEnd({ reading }: Reader, returned?: unknown): void {
  if (reading.ended) return;
  reading.ended = true;
  reading.onEnd(outputOf(reading.gathered, returned));
}

/** It will be read no further, by this one. */
export function onLeave(reader: Reader): void {
  const one = reader.of ?? reader;
  if (one.left) return;
  one.left = true;
  if (--one.reading.readers === 0) onEnd(one);
}

export function onFailure({ reading, left }: Reader, error: unknown): void {
  if (reading.ended || left) return;
  reading.ended = true;
  reading.onError(error, outputOf(reading.gathered));
}

/** One step of reading, as its caller sees it. `onDone` is told what it gave. */
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
    // The `next()` of a database's cursor gives what it has found, or null.
    if (!('done' in (result as object) || 'value' in (result as object))) return;
    const { done, value } = result as IteratorResult<unknown>;
    if (done) onEnd(reader, value);
    else onChunk(reader, value);
  });
}

/** What is read may be a trap to whoever looks at it; it is passed on all the same. */
export function quietly(look: () => void): void {
  try {
    look();
  } catch {
    // Nothing is kept of it.
  }
}
