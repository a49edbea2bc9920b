/** The capacity of a spool's folder: the rings of one client share it, and the oldest segment is evicted for a new batch. */
import { load } from './load-segment.js';
import { stemOf } from './segment-file.js';
import {
  removeSegment,
  reportLost,
  type Segment,
  type SharedFolder,
  type Spool,
  sealOpen,
} from './segments.js';
import { createUsage, usedBytes } from './usage.js';

/** The shared folders of this thread, by folder and client. */
const folders = new Map<string, SharedFolder>();

export function sharedFolderOf(dir: string, client: string): SharedFolder {
  const key = keyOf(dir, client);
  const known = folders.get(key) ?? { spools: new Set(), usage: createUsage(dir) };
  folders.set(key, known);
  return known;
}

export function leaveSharedFolder(spool: Spool): void {
  const { spools } = spool.sharedFolder;
  spools.delete(spool);
  if (spools.size === 0) folders.delete(keyOf(spool.folders.dir, spool.client));
}

function keyOf(dir: string, client: string): string {
  return `${client} ${dir}`;
}

/** Evicts the oldest segments of the client until there is room for this number of bytes. Throws if there is none. */
export function makeRoom(spool: Spool, bytes: number): void {
  const { maxBytes, sharedFolder } = spool;
  if (bytes > maxBytes)
    throw new Error(`a batch of ${bytes} bytes is larger than maxSpoolBytes, ${maxBytes}`);
  for (;;) {
    const used = usedBytes(sharedFolder.usage, maxBytes);
    if (used + bytes <= maxBytes) return;
    const oldest = oldestOf(sharedFolder);
    if (oldest === undefined) {
      throw new Error(
        `it holds ${used} bytes of other processes or projects, or of damaged segments, and maxSpoolBytes is ${maxBytes}`,
      );
    }
    evictSegment(oldest.spool, oldest.segment, `the spool is full (${maxBytes} bytes)`);
  }
}

function evictSegment(spool: Spool, segment: Segment, reason: string): void {
  if (segment === spool.open) sealOpen(spool);
  // Sealing removes a segment without unfinished frames.
  if (!segment.gone && segment.frames === undefined) load(spool, segment);
  if (segment.gone) return;
  reportLost(spool, segment, reason);
  removeSegment(spool, segment);
}

function oldestOf({ spools }: SharedFolder): { spool: Spool; segment: Segment } | undefined {
  let oldest: { spool: Spool; segment: Segment } | undefined;
  for (const spool of spools) {
    const [segment] = spool.segments;
    if (segment === undefined) continue;
    if (oldest === undefined || stemOf(segment.file.path) < stemOf(oldest.segment.file.path)) {
      oldest = { spool, segment };
    }
  }
  return oldest;
}
