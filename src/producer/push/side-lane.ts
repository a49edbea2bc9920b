/**
 * The producer's end of the side lane (shared/ring/side-lane-layout): allocates space for large events. The lane is itself a ring,
 * in which each event lies in one piece. The space of the oldest event is free once the ring's head has passed its record.
 */
import { distance } from '../../shared/ring/ring-layout.js';

export interface SideLane {
  readonly memory: SharedArrayBuffer;
  readonly maxBytes: number;
  /** The events in the lane, oldest first. */
  readonly held: Held[];
  usedBytes: number;
}

export interface Held {
  readonly start: number;
  readonly bytes: number;
  /** Position after the record on the ring that refers to it; undefined until there is one. */
  end: number | undefined;
}

export function createSideLane(memory: SharedArrayBuffer): SideLane {
  return { memory, maxBytes: memory.maxByteLength, held: [], usedBytes: 0 };
}

/** Copies `source[start, end)` into the lane. Undefined: there is no room. */
export function hold(lane: SideLane, source: Uint8Array, start: number, end: number): Held | undefined {
  const bytes = end - start;
  const at = findOffset(lane, bytes);
  if (at === undefined || !grow(lane, at + bytes)) return undefined;
  new Uint8Array(lane.memory, at, bytes).set(source.subarray(start, end));
  const held: Held = { start: at, bytes, end: undefined };
  lane.held.push(held);
  lane.usedBytes += bytes;
  return held;
}

/** Frees the space of settled events: those whose records end before the ring's head. */
export function freeSettled(lane: SideLane, head: number): void {
  const { held } = lane;
  const kept = held.findIndex(({ end }) => end === undefined || distance(head, end) < 0);
  for (const { bytes } of held.splice(0, kept === -1 ? held.length : kept)) lane.usedBytes -= bytes;
}

/** Finds an offset behind the newest event, or at the beginning of the lane, before the oldest. */
function findOffset({ held, maxBytes }: SideLane, bytes: number): number | undefined {
  const oldest = held[0];
  const newest = held.at(-1);
  if (oldest === undefined || newest === undefined) return bytes <= maxBytes ? 0 : undefined;
  const behind = newest.start + newest.bytes;
  // The newest event is in the next lap already: the oldest is ahead of it.
  if (newest.start < oldest.start) return behind + bytes <= oldest.start ? behind : undefined;
  if (behind + bytes <= maxBytes) return behind;
  return bytes <= oldest.start ? 0 : undefined;
}

/** False: the system has no more shared memory. */
function grow({ memory }: SideLane, bytes: number): boolean {
  try {
    if (memory.byteLength < bytes) memory.grow(bytes);
    return true;
  } catch {
    return false;
  }
}
