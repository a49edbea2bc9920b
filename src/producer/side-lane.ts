/**
 * The lane beside the ring, for events that would take more than an eighth of it.
 *
 * The event's bytes go into shared memory of their own; a small record on the ring keeps its place in the order.
 * This side holds on to the memory until the consumer says that the event has settled, so that a successor of a
 * dead worker can be given it again.
 */
import type { SideRecord } from '../shared/control.js';
import { distance } from '../shared/ring-layout.js';

export interface SideLane {
  readonly maxBytes: number;
  usedBytes: number;
  nextId: number;
  readonly held: Map<number, Held>;
}

interface Held {
  readonly bytes: SharedArrayBuffer;
  /** Position after the record on the ring that refers to it. */
  end: number;
}

export function createSideLane(maxBytes: number): SideLane {
  return { maxBytes, usedBytes: 0, nextId: 0, held: new Map() };
}

export function hasRoom(lane: SideLane, bytes: number): boolean {
  return lane.usedBytes + bytes <= lane.maxBytes;
}

/** Copies `source[start, end)` into memory that both threads see. */
export function hold(lane: SideLane, source: Uint8Array, start: number, end: number): SideRecord {
  const bytes = new SharedArrayBuffer(end - start);
  new Uint8Array(bytes).set(source.subarray(start, end));
  const id = lane.nextId;
  lane.nextId = (lane.nextId + 1) >>> 0;
  lane.held.set(id, { bytes, end: 0 });
  lane.usedBytes += bytes.byteLength;
  return { id, bytes };
}

/** Enters where the record ends that refers to it. */
export function refer(lane: SideLane, id: number, end: number): void {
  (lane.held.get(id) as Held).end = end;
}

/** Lets go of what has settled: all records that end before the ring's head. */
export function releaseSettled(lane: SideLane, head: number): void {
  for (const [id, { bytes, end }] of lane.held) {
    if (distance(head, end) < 0) return;
    lane.held.delete(id);
    lane.usedBytes -= bytes.byteLength;
  }
}

export function heldRecords(lane: SideLane): SideRecord[] {
  return Array.from(lane.held, ([id, { bytes }]) => ({ id, bytes }));
}
