/** The segments of a spool: opened, read, evicted, set aside, removed. */

import { dirname, join } from 'node:path';
import { message, type WarningMessage } from '../messages/message.js';
import { systemNow } from '../shared/runtime/real-time.js';
import { setAside } from './aside.js';
import { currentFolder, type Folders, removeIfEmpty } from './folders.js';
import { syncFolder } from './own-files.js';
import type { Owner } from './ownership.js';
import { encodeSegmentHeader, newHeader, type SegmentHeader, type SpooledBatch } from './segment.js';
import {
  closeFile,
  createSegmentFile,
  existingSegmentFile,
  removeAcks,
  removeFile,
  type SegmentFile,
  seal,
  segmentName,
  syncFile,
} from './segment-file.js';
import { addBytes, type Usage } from './usage.js';

/**
 * Who accepted the records of a frame: the engine whose spool this is, a thread that was attached to it and has ended, or a
 * process that is gone.
 */
export type Origin = 'ring' | 'thread' | 'earlier';

/** A batch in the spool. */
export interface Frame {
  readonly segment: Segment;
  readonly number: number;
  /** Of its records: how many the engine had accepted before each. */
  readonly ordinals: readonly number[];
  readonly from: Origin;
  /** Whether it is being sent, from memory or from disk. */
  underWay: boolean;
  /** How often it was sent from disk in vain. */
  tries: number;
}

export interface Segment {
  readonly file: SegmentFile;
  /** Those that are not done; undefined: not read yet, of a process or worker that is gone. */
  frames: Map<number, Frame> | undefined;
  /** While it is appended to. */
  header: SegmentHeader | undefined;
  /** Frames that were appended, and the events in them. */
  appended: number;
  appendedEvents: number;
  damaged: boolean;
  /** Nothing is done to its files any more. */
  gone: boolean;
}

export interface Spool {
  readonly folders: Folders;
  /** The engine of the client, where this one is that of a thread that has attached to it. */
  readonly client: string;
  readonly maxBytes: number;
  readonly report: SpoolReport;
  readonly sharers: Sharers;
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
  /** What the application knows of that is not of the spool. */
  readonly strangeIsTold: Set<string>;
  heartbeat: NodeJS.Timeout | undefined;
  closed: boolean;
}

/** The spools of one client, for each of its rings, in one folder, which together make room in it. */
export interface Sharers {
  readonly spools: Set<Spool>;
  readonly usage: Usage;
}

export interface SpoolReport {
  /** A repeated code only now and then. */
  warning(message: WarningMessage): void;
  /** A warning that is told each time. */
  tell(message: WarningMessage): void;
  /** Frames that were in the spool and will never be sent. */
  lost(frames: readonly Frame[], reason: string): void;
  /** The same of events of which no more is known than how many they are. */
  missing(events: number, from: Origin, reason: string): void;
}

const MAX_SEGMENT_BYTES = 8 * 1024 * 1024;
/** How much is evicted at once: a part of the whole. */
const SEGMENTS = 8;

export function existingSegment(path: string): Segment {
  return {
    file: existingSegmentFile(path),
    frames: undefined,
    header: undefined,
    appended: 0,
    appendedEvents: 0,
    damaged: false,
    gone: false,
  };
}

/** In the header of a segment with parts of batches that others have spooled: their ordinals are not ours. */
const INHERITED = 'inherited';

/**
 * The segment to append to what is of that origin: the open one, or a new one where that is full, its folder is no longer ours
 * or what is in it is of another origin.
 */
export function openSegment(spool: Spool, from: Origin): Segment {
  const { folders, maxBytes, open } = spool;
  const folder = currentFolder(folders);
  const owners = ownersOf(spool, from);
  if (
    open !== undefined &&
    open.header?.engine === owners.engine &&
    open.header.client === owners.client &&
    dirname(open.file.path) === folder
  ) {
    if (open.file.bytes < Math.min(MAX_SEGMENT_BYTES, maxBytes / SEGMENTS)) return open;
  }
  if (open !== undefined) syncFile(open.file);
  sealOpen(spool);
  const header = newHeader({ identity: folders.us.identity, ...owners });
  const segment: Segment = {
    file: createSegmentFile(
      join(folder, segmentName(systemNow(), spool.created++)),
      encodeSegmentHeader(header),
    ),
    frames: new Map(),
    header,
    appended: 0,
    appendedEvents: 0,
    damaged: false,
    gone: false,
  };
  syncFolder(folder);
  addBytes(spool.sharers.usage, segment.file.bytes);
  spool.segments.push(segment);
  spool.open = segment;
  return segment;
}

function ownersOf({ folders, client }: Spool, from: Origin): { engine: string; client: string } {
  const engine = engineOf(folders.us);
  if (from === 'ring') return { engine, client };
  return { engine: INHERITED, client: from === 'thread' ? engine : INHERITED };
}

/** From here on nothing is appended to the open segment: it may be read, and goes once it is done. */
export function sealOpen(spool: Spool): void {
  const { open } = spool;
  if (open === undefined) return;
  spool.open = undefined;
  if (open.frames?.size === 0) removeSegment(spool, open);
  else seal(open.file, eventsOf(open));
}

/** Those of frames that are not done. */
export function eventsOf({ frames, file }: Segment): number {
  if (frames === undefined) return file.sealed?.events ?? 0;
  let events = 0;
  for (const { ordinals } of frames.values()) events += ordinals.length;
  return events;
}

export function removeSegment(spool: Spool, segment: Segment): void {
  if (segment.gone) return;
  dropSegment(spool, segment);
  const { file } = segment;
  if (segment.damaged) {
    moveAway(spool, file);
  } else {
    removeFile(file);
    addBytes(spool.sharers.usage, -file.bytes);
  }
  const folder = dirname(file.path);
  if (folder !== spool.folders.current) removeIfEmpty(spool.folders, folder);
}

function moveAway({ report, maxBytes, sharers }: Spool, file: SegmentFile): void {
  closeFile(file);
  const { path, removed } = setAside(file.path, maxBytes);
  sharers.usage.measuredAt = -Infinity;
  if (path !== undefined) removeAcks(file);
  report.tell(
    path === undefined
      ? message('TAILRACE_SPOOL_DAMAGED_IN_PLACE', file.path)
      : message('TAILRACE_SPOOL_DAMAGED', path),
  );
  if (removed.length === 0) return;
  report.tell(message('TAILRACE_SPOOL_DAMAGED_REMOVED', removed.join(', ')));
}

/** What is under way is not lost: it is in memory, and counts by what becomes of it. */
export function giveUp(spool: Spool, segment: Segment, reason: string): void {
  const lost = [...(segment.frames?.values() ?? [])].filter(({ underWay }) => !underWay);
  if (lost.length > 0) spool.report.lost(lost, reason);
}

export function dropSegment(spool: Spool, segment: Segment): void {
  segment.gone = true;
  if (spool.open === segment) spool.open = undefined;
  if (spool.read?.segment === segment) spool.read = undefined;
  spool.segments = spool.segments.filter((one) => one !== segment);
}

/** As the header names the engine: a number of its own, within its process. */
export function engineOf({ pid, startedAt, engine }: Owner): string {
  return `${pid}.${startedAt}.${engine}`;
}
