/** The segments of a spool: opened, read, evicted, set aside, removed. */

import { basename, dirname, join } from 'node:path';
import { messageOf } from '../shared/errors.js';
import { systemNow } from '../shared/real-time.js';
import { currentFolder, type Folders, removeIfEmpty, syncFolder } from './folders.js';
import { encodeSegmentHeader, type SpooledBatch } from './segment.js';
import {
  createSegmentFile,
  existingSegmentFile,
  readFile,
  removeFile,
  SEGMENT,
  type SegmentFile,
  seal,
  setAside,
  syncFile,
} from './segment-file.js';

/** A batch in the spool. */
export interface Frame {
  readonly segment: Segment;
  readonly number: number;
  /** Of its records: how many the engine had accepted before each. */
  readonly ordinals: readonly number[];
  /** Whether this engine accepted the records; else a process did that is gone. */
  readonly ours: boolean;
  /** Whether it is being sent, from memory or from disk. */
  underWay: boolean;
  /** How often it was sent from disk in vain. */
  tries: number;
}

export interface Segment {
  readonly file: SegmentFile;
  /** Those that are not done; undefined: not read yet, of a process or worker that is gone. */
  frames: Map<number, Frame> | undefined;
  appended: number;
  damaged: boolean;
  /** Nothing is done to its files any more. */
  gone: boolean;
}

export interface Spool {
  readonly folders: Folders;
  readonly maxBytes: number;
  readonly report: SpoolReport;
  /** Oldest first. */
  segments: Segment[];
  /** The one that is appended to. */
  open: Segment | undefined;
  /** The one that was read last, so that its batches are not read one by one. */
  read: { readonly segment: Segment; readonly batches: ReadonlyMap<number, SpooledBatch> } | undefined;
  created: number;
  /** After a fault of the disk nothing is written until then, by the monotonic clock; undefined: it is sound. */
  faultyUntil: number | undefined;
  /** Whether the application knows of events that are for others. */
  foreignIsTold: boolean;
  heartbeat: NodeJS.Timeout | undefined;
}

export interface SpoolReport {
  /** A repeated `topic` only now and then. */
  warning(topic: string, message: string): void;
  /** Frames that were in the spool and will never be sent. */
  lost(frames: readonly Frame[], reason: string): void;
}

const MAX_SEGMENT_BYTES = 8 * 1024 * 1024;
/** How much is evicted at once: a part of the whole. */
const SEGMENTS = 8;

export function existingSegment(path: string): Segment {
  return { file: existingSegmentFile(path), frames: undefined, appended: 0, damaged: false, gone: false };
}

/** The segment to append to: the open one, or a new one where that is full or its folder is no longer ours. */
export function openSegment(spool: Spool): Segment {
  const { folders, maxBytes, open } = spool;
  const folder = currentFolder(folders);
  if (open !== undefined && dirname(open.file.path) === folder) {
    if (open.file.bytes < Math.min(MAX_SEGMENT_BYTES, maxBytes / SEGMENTS)) return open;
  }
  if (open !== undefined) syncFile(open.file);
  sealOpen(spool);
  // By name they stand in the order in which they were made, whoever made them.
  const name = `${String(systemNow()).padStart(15, '0')}-${String(spool.created++).padStart(9, '0')}${SEGMENT}`;
  const { us } = folders;
  const header = encodeSegmentHeader({ identity: us.identity, engine: engineOf(spool) });
  const segment: Segment = {
    file: createSegmentFile(join(folder, name), header),
    frames: new Map(),
    appended: 0,
    damaged: false,
    gone: false,
  };
  syncFolder(folder);
  spool.segments.push(segment);
  spool.open = segment;
  return segment;
}

/** From here on nothing is appended to the open segment: it may be read, and goes once it is done. */
export function sealOpen(spool: Spool): void {
  const { open } = spool;
  if (open === undefined) return;
  spool.open = undefined;
  seal(open.file);
  if (open.frames?.size === 0) removeSegment(spool, open);
}

/** Reads a segment of a process that is gone. Afterwards it has frames, or is no longer in the spool. */
export function load(spool: Spool, segment: Segment): void {
  let content: ReturnType<typeof readFile>;
  try {
    content = readFile(segment.file);
  } catch (error) {
    vanish(spool, segment, messageOf(error));
    return;
  }
  const { header, batches, damaged } = content;
  const isOurs = header?.engine === engineOf(spool);
  const isKnown = header?.identity === spool.folders.us.identity;
  segment.damaged = damaged || (header !== undefined && !isKnown);
  segment.frames = new Map();
  for (const [number, { ordinals }] of isKnown ? batches : []) {
    segment.frames.set(number, { segment, number, ordinals, ours: isOurs, underWay: false, tries: 0 });
  }
  spool.read = { segment, batches };
  if (segment.frames.size === 0) removeSegment(spool, segment);
}

/** What a frame holds, from disk. Undefined: it is lost, and reported. */
export function batchOf(spool: Spool, frame: Frame): SpooledBatch | undefined {
  const { segment } = frame;
  if (spool.open === segment) sealOpen(spool);
  if (spool.read?.segment !== segment) {
    try {
      const { batches, damaged } = readFile(segment.file);
      spool.read = { segment, batches };
      segment.damaged ||= damaged;
    } catch (error) {
      vanish(spool, segment, messageOf(error));
      return undefined;
    }
  }
  const batch = spool.read.batches.get(frame.number);
  if (batch === undefined) {
    segment.damaged = true;
    segment.frames?.delete(frame.number);
    spool.report.lost([frame], `the segment ${segment.file.path} is damaged`);
    if (segment.frames?.size === 0) removeSegment(spool, segment);
  }
  return batch;
}

/** Gives up the oldest segments until there is room for so many bytes more. */
export function makeRoom(spool: Spool, bytes: number): void {
  const { maxBytes } = spool;
  if (bytes > maxBytes)
    throw new Error(`a batch of ${bytes} bytes is larger than maxSpoolBytes, ${maxBytes}`);
  while (spool.segments.reduce((sum, { file }) => sum + file.bytes, bytes) > maxBytes) {
    const oldest = spool.segments[0] as Segment;
    if (oldest === spool.open) sealOpen(spool);
    // Sealed, it may have gone by itself.
    if (spool.segments[0] !== oldest) continue;
    if (oldest.frames === undefined) load(spool, oldest);
    if (spool.segments[0] !== oldest) continue;
    giveUp(spool, oldest, `the spool is full (${maxBytes} bytes)`);
    removeSegment(spool, oldest);
  }
}

export function removeSegment(spool: Spool, segment: Segment): void {
  if (segment.gone) return;
  dropSegment(spool, segment);
  if (segment.damaged) {
    const { path } = segment.file;
    const aside = setAside(segment.file);
    spool.report.warning(
      `spool-damaged-${basename(path)}`,
      `a segment of the spool was damaged: what could be read has been dealt with, the rest is set aside as ${aside}`,
    );
  } else {
    removeFile(segment.file);
  }
  const folder = dirname(segment.file.path);
  if (folder !== spool.folders.current) removeIfEmpty(spool.folders, folder);
}

/** The file is not there or cannot be read. */
function vanish(spool: Spool, segment: Segment, reason: string): void {
  dropSegment(spool, segment);
  giveUp(spool, segment, 'a segment of the spool could not be read');
  spool.report.warning('spool-read', `a segment of the spool could not be read: ${reason}`);
}

/** What is under way is not lost: it is in memory, and counts by what becomes of it. */
function giveUp(spool: Spool, segment: Segment, reason: string): void {
  const lost = [...(segment.frames?.values() ?? [])].filter(({ underWay }) => !underWay);
  if (lost.length > 0) spool.report.lost(lost, reason);
}

function dropSegment(spool: Spool, segment: Segment): void {
  segment.gone = true;
  if (spool.open === segment) spool.open = undefined;
  if (spool.read?.segment === segment) spool.read = undefined;
  spool.segments = spool.segments.filter((one) => one !== segment);
}

/** As the header names the engine: a number of its own, within its process. */
function engineOf({ folders: { us } }: Spool): string {
  return `${us.pid}.${us.startedAt}.${us.engine}`;
}
