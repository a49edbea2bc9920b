/** Trace and span ids: W3C's 32 and 16 lower-case hexadecimal digits, never all zero. */
import { createHash, randomFillSync } from 'node:crypto';

const POOL_BYTES = 8 * 1024;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/** Random bytes drawn in bulk: one call of the generator per id costs more than all the rest of a handle. */
const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let poolPosition = POOL_BYTES;

export function newTraceId(): string {
  return randomHex(TRACE_ID_BYTES);
}

export function newSpanId(): string {
  return randomHex(SPAN_ID_BYTES);
}

/** Langfuse takes any text as a score's id. */
export function newScoreId(): string {
  return randomHex(TRACE_ID_BYTES);
}

/**
 * The trace id for an id that an application uses: a valid one as it is, any other text by SHA-256, so that the
 * same text always means the same trace (the rule of Langfuse's `createTraceId`). Null where there is none.
 */
export function toTraceId(id: string | null): string | null {
  return toHexId(id, 2 * TRACE_ID_BYTES);
}

/** The same for the id of an observation. */
export function toSpanId(id: string | null): string | null {
  return toHexId(id, 2 * SPAN_ID_BYTES);
}

function toHexId(id: string | null, digits: number): string | null {
  if (id === null || id === '') return null;
  const text = id.length === digits ? id.toLowerCase() : id;
  if (text.length === digits && /^[0-9a-f]*[1-9a-f][0-9a-f]*$/.test(text)) return text;
  return createHash('sha256').update(id).digest('hex').slice(0, digits);
}

function randomHex(bytes: number): string {
  if (poolPosition + bytes > POOL_BYTES) {
    randomFillSync(pool);
    poolPosition = 0;
  }
  const hex = pool.toString('hex', poolPosition, poolPosition + bytes);
  poolPosition += bytes;
  // One in 2^64, and the server would refuse its whole batch.
  return /[1-9a-f]/.test(hex) ? hex : randomHex(bytes);
}
