/**
 * Memory for encoded records: chunks that are written again once all records in them have come to their end. New memory would be as
 * cheap to get, but V8 collects the worker's garbage when some ten megabytes were allocated outside of its heap: for an event of 14 KB that took
 * as long as its encoding (`bench/integrations.js`).
 */

export const CHUNK_BYTES = 1024 * 1024;
/** A batch of the default size, twice. */
const MAX_FREE_CHUNKS = 6;

export interface ChunkPool {
  readonly free: Buffer[];
  /** By the memory of each chunk in use: how many records, and writers, use it. The collector takes a chunk that nobody gives back. */
  readonly users: WeakMap<ArrayBufferLike, { readonly chunk: Buffer; count: number }>;
}

export function createChunkPool(): ChunkPool {
  return { free: [], users: new WeakMap() };
}

/** The chunk has one user, who writes it. */
export function takeChunk({ free, users }: ChunkPool): Buffer {
  const chunk = free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  users.set(chunk.buffer, { chunk, count: 1 });
  return chunk;
}

/** Memory that is not of the pool is ignored, here and in `releaseChunk`. */
export function useChunk({ users }: ChunkPool, memory: ArrayBufferLike): void {
  const use = users.get(memory);
  if (use !== undefined) use.count++;
}

/** One user needs the memory no more. */
export function releaseChunk({ free, users }: ChunkPool, memory: ArrayBufferLike): void {
  const use = users.get(memory);
  if (use === undefined || --use.count > 0) return;
  users.delete(memory);
  if (free.length < MAX_FREE_CHUNKS) free.push(use.chunk);
}
