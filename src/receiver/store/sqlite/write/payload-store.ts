/**
 * Payloads: inputs and outputs of traces and observations. Short and very long ones are stored as text; others as ranges of
 * bodies (payload-parts.ts), so that what the payloads of a trace have in common is stored once. Bodies belong to a trace
 * and are never changed; they go with it.
 *
 * Read payloads through the views `trace_texts` and `observation_texts`.
 */

import { hash } from 'node:crypto';
import { definePayloadFunctions } from '../payload-functions.js';
import { packBody, partEnds, type Range, writeRanges } from '../payload-parts.js';
import { bindable, type Database, type SqlValue } from '../sqlite.js';

export interface PayloadWriter {
  /** The value of a payload's column. */
  store(traceId: string, text: string | null): SqlValue;
  /** The bodies of the trace are deleted. */
  forgetTrace(traceId: string): void;
  /** Call this before a commit or a savepoint: bytes are gathered, because a body costs as much to begin as 2 kB of it. */
  flush(): void;
  /** A transaction has failed, or another process has written: bodies may be others than are remembered. */
  reset(): void;
}

/** Below this a payload takes less room as text. */
const MIN_CHARS = 512;
/** Longer ones would take longer than a slice. */
const MAX_CHARS = 1024 * 1024;
/** Bytes of a trace in one transaction share a body up to this length. Who reads one payload unpacks a whole body. */
const MAX_GATHERED_BYTES = 32 * 1024;
/** Parts of recent traces that are remembered: 10 MB. A trace that is older stores its next payload anew. */
const MAX_PARTS = 60_000;
/** A part's place is body × this + start. A character takes three bytes at most. */
const PLACE_FACTOR = 2 ** 23;

export function preparePayloads(database: Database): PayloadWriter {
  const insert = database.prepare('INSERT INTO bodies (id, trace_id, body) VALUES (?, ?, ?)');
  // An id is never used twice, as AUTOINCREMENT has it.
  const lastId = database.prepare(`SELECT max(seq) AS last FROM sqlite_sequence WHERE name = 'bodies'`);
  const bodies = definePayloadFunctions(database);
  /** Digest of a part → its place. The trace that was written last is the last. */
  const known = new Map<string, Map<string, number>>();
  let knownParts = 0;
  /** Bodies that are not written yet, by trace. */
  const open = new Map<string, OpenBody>();
  let nextId: number | undefined;

  function partsOf(traceId: string): Map<string, number> {
    const parts = known.get(traceId) ?? new Map<string, number>();
    known.delete(traceId);
    known.set(traceId, parts);
    return parts;
  }

  function forgetTrace(traceId: string): void {
    knownParts -= known.get(traceId)?.size ?? 0;
    known.delete(traceId);
  }

  function remember(
    parts: Map<string, number>,
    fresh: readonly (readonly [string, number])[],
    body: number,
  ): void {
    for (const [digest, start] of fresh) parts.set(digest, body * PLACE_FACTOR + start);
    knownParts += fresh.length;
    for (const oldest of known.keys()) {
      if (knownParts <= MAX_PARTS) return;
      forgetTrace(oldest);
    }
  }

  /** The body for bytes that no earlier payload of the trace had. */
  function openBody(traceId: string): OpenBody {
    const found = open.get(traceId);
    if (found !== undefined && found.length < MAX_GATHERED_BYTES) return found;
    if (found !== undefined) writeBody(traceId, found);
    nextId ??= Number(lastId.get()?.last ?? 0) + 1;
    const body = { id: nextId, pieces: [], length: 0 };
    nextId += 1;
    open.set(traceId, body);
    return body;
  }

  function writeBody(traceId: string, { id, pieces }: OpenBody): void {
    insert.run(id, bindable(traceId), packBody(Buffer.concat(pieces)));
  }

  function flush(): void {
    for (const [traceId, body] of open) if (body.length > 0) writeBody(traceId, body);
    open.clear();
    // Another process may write before the next transaction.
    nextId = undefined;
  }

  function storeInParts(traceId: string, bytes: Buffer): SqlValue {
    const parts = partsOf(traceId);
    const ranges: Range[] = [];
    const fresh = new Map<string, number>();
    const body = openBody(traceId);
    let start = 0;
    for (const end of partEnds(bytes)) {
      const part = bytes.subarray(start, end);
      start = end;
      const digest = hash('sha256', part, 'base64');
      const place = parts.get(digest);
      if (place !== undefined) {
        addRange(ranges, Math.floor(place / PLACE_FACTOR), place % PLACE_FACTOR, part.length);
        continue;
      }
      const at = fresh.get(digest) ?? body.length;
      addRange(ranges, body.id, at, part.length);
      if (at < body.length) continue;
      fresh.set(digest, at);
      body.pieces.push(part);
      body.length += part.length;
    }
    remember(parts, [...fresh], body.id);
    return writeRanges(bytes.length, ranges);
  }

  return {
    store(traceId, text) {
      const isText = text === null || text.length < MIN_CHARS || text.length > MAX_CHARS;
      return isText ? bindable(text) : storeInParts(traceId, Buffer.from(bindable(text) as string));
    },
    forgetTrace(traceId) {
      open.delete(traceId);
      forgetTrace(traceId);
    },
    flush,
    reset() {
      open.clear();
      nextId = undefined;
      known.clear();
      knownParts = 0;
      bodies.reset();
    },
  };
}

interface OpenBody {
  id: number;
  pieces: Buffer[];
  length: number;
}

/** Ranges that follow each other in one body are one range. */
function addRange(ranges: Range[], body: number, start: number, length: number): void {
  const last = ranges.at(-1);
  if (last !== undefined && last.body === body && last.start + last.length === start) last.length += length;
  else ranges.push({ body, start, length });
}
