/** The SQL functions that read payloads (payload-sql.ts), whatever they are stored as. Each connection needs its own. */

import { readRanges, readTotalBytes, unpackBody } from './payload-parts.js';
import type { Database } from './sqlite.js';

/** Bodies that were read, not compressed. */
const MAX_CACHED_BYTES = 8 * 1024 * 1024;

/** Bodies that were read are kept: forget them if a transaction of this connection has failed. */
export interface ReadBodies {
  reset(): void;
}

export function definePayloadFunctions(database: Database): ReadBodies {
  const bodies = readBodies(database);
  database.function('payload_bytes', { deterministic: true }, (payload) =>
    payload instanceof Uint8Array ? readTotalBytes(payload) : null,
  );
  database.function('payload_text', { deterministic: true }, (payload) =>
    payload instanceof Uint8Array ? textOf(payload, bodies.get) : null,
  );
  return bodies;
}

function textOf(payload: Uint8Array, bodyOf: (id: number) => Buffer): string {
  const pieces: Buffer[] = [];
  for (const { body, start, length } of readRanges(payload))
    pieces.push(bodyOf(body).subarray(start, start + length));
  return Buffer.concat(pieces).toString();
}

/** Payloads of a trace share bodies, so those that were read last are kept. */
function readBodies(database: Database) {
  const select = database.prepare('SELECT body FROM bodies WHERE id = ?');
  const cache = new Map<number, Buffer>();
  let cachedBytes = 0;

  return {
    get(id: number): Buffer {
      const cached = cache.get(id);
      if (cached !== undefined) return cached;
      const body = select.get(id)?.body;
      if (!(body instanceof Uint8Array)) throw new Error(`a payload is damaged: its body ${id} is missing`);
      const bytes = unpackBody(body);
      cache.set(id, bytes);
      cachedBytes += bytes.length;
      for (const [oldest, { length }] of cache) {
        if (cachedBytes <= MAX_CACHED_BYTES) break;
        cache.delete(oldest);
        cachedBytes -= length;
      }
      return bytes;
    },
    reset(): void {
      cache.clear();
      cachedBytes = 0;
    },
  };
}
