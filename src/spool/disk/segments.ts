/** The state of a spool, and the life of its segments: opened, sealed, removed, or moved to quarantine if they are damaged. */

import { dirname, join } from 'node:path';
import { message, type WarningMessage } from '../../messages/message.js';
import { systemNow } from '../../shared/runtime/real-time.js';
import { currentFolder, type Folders, removeIfEmpty } from './folders.js';
import type { Owner } from './ownership.js';
import { quarantine } from './quarantine.js';
import { syncFolder } from './safe-files.js';
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
import { encodeSegmentHeader, newHeader, type SegmentHeader, type SpooledBatch } from './segment-format.js';
import { addBytes, type Usage } from './usage.js';

/** Who accepted the records of a frame: the engine of this spool, a thread attached to it that has ended, or an earlier process. */
export type Origin = 'ring' | 'thread' | 'earlier';

/** A batch in the spool. */
export interface Frame {
  readonly segment: Segment;
  readonly number: number;
  /** For each record, the number of records that the engine had accepted before it. */
  readonly ordinals: readonly number[];
  readonly from: Origin;
  /** Whether it is being sent, from memory or from disk. */
  underWay: boolean;
  /** Failed attempts to send it from disk. */
  tries: number;
}

export interface Segment {
  readonly file: SegmentFile;
  /** The unfinished frames, by number; undefined until a segment of a dead process or worker is read. */
  frames: Map<number, Frame> | undefined;
  /** Set while frames are appended. */
  header: SegmentHeader | undefined;
  /** Number of appended frames, and of the events in them. */
  appended: number;
  appendedEvents: number;
  damaged: boolean;
  /** The spool does nothing with its files any more. */
  gone: boolean;
}

export interface Spool {
  readonly folders: Folders;
  /** The engine of the client, if this one is that of a thread that has attached to it. */
  readonly client: string;
  readonly maxBytes: number;
  readonly report: SpoolReport;
  readonly sharedFolder: SharedFolder;
  /** Oldest first. */
  segments: Segment[];
  /** The segment to which frames are appended. */
  open: Segment | undefined;
  /** The segment that was read last, cached because its batches are sent one after the other. */
  read: { readonly segment: Segment; readonly batches: ReadonlyMap<number, SpooledBatch> } | undefined;
  created: number;
  /** After a fault of the disk: nothing is written before this time (monotonic clock). Undefined while the disk works. */
  faultyUntil: number | undefined;
  /** Whether events for another destination were reported. */
  foreignReported: boolean;
  /** Things in the folder that are not of the spool and were reported. */
  readonly strangeReported: Set<string>;
  heartbeat: NodeJS.Timeout | undefined;
  closed: boolean;
}

/** The spools of one client, one for each of its rings. They share a folder and evict each other's segments to make room. */
export interface SharedFolder {
  readonly spools: Set<Spool>;
  readonly usage: Usage;
}

export interface SpoolReport {
  /** Reports a warning. Warnings with the same code are rate-limited. */
  warning(message: WarningMessage): void;
  /** Reports a warning each time. */
  tell(message: WarningMessage): void;
  /** Reports frames of the spool that will never be sent. */
  lost(frames: readonly Frame[], reason: string): void;
  /** Reports lost events of which only the number is known. */
  missing(events: number, from: Origin, reason: string): void;
}

const MAX_SEGMENT_BYTES = 8 * 1024 * 1024;
/** Least number of segments in a full spool, so that an eviction costs at most this share of it. */
const MIN_SEGMENTS = 8;

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

/** Engine in the header of a segment with parts of batches that others have spooled, whose ordinals are not of this engine. */
const INHERITED = 'inherited';

/** The segment for new frames of an origin. Opens a new one if the open one is full, in another folder, or of another origin. */
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
    if (open.file.bytes < Math.min(MAX_SEGMENT_BYTES, maxBytes / MIN_SEGMENTS)) return open;
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
  addBytes(spool.sharedFolder.usage, segment.file.bytes);
  spool.segments.push(segment);
  spool.open = segment;
  return segment;
}

function ownersOf({ folders, client }: Spool, from: Origin): { engine: string; client: string } {
  const engine = engineOf(folders.us);
  if (from === 'ring') return { engine, client };
  return { engine: INHERITED, client: from === 'thread' ? engine : INHERITED };
}

/** Seals the open segment: it may be read from then on, and is removed when all its frames are finished. */
export function sealOpen(spool: Spool): void {
  const { open } = spool;
  if (open === undefined) return;
  spool.open = undefined;
  if (open.frames?.size === 0) removeSegment(spool, open);
  else seal(open.file, eventsOf(open));
}

/** The number of unfinished events. */
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
    addBytes(spool.sharedFolder.usage, -file.bytes);
  }
  const folder = dirname(file.path);
  if (folder !== spool.folders.current) removeIfEmpty(spool.folders, folder);
}

function moveAway({ report, maxBytes, sharedFolder }: Spool, file: SegmentFile): void {
  closeFile(file);
  const { path, removed } = quarantine(file.path, maxBytes);
  sharedFolder.usage.measuredAt = -Infinity;
  if (path !== undefined) removeAcks(file);
  report.tell(
    path === undefined
      ? message('TAILRACE_SPOOL_DAMAGED_IN_PLACE', file.path)
      : message('TAILRACE_SPOOL_DAMAGED', path),
  );
  if (removed.length === 0) return;
  report.tell(message('TAILRACE_SPOOL_DAMAGED_REMOVED', removed.join(', ')));
}

/** Reports the frames of a segment as lost, except those under way: these are in memory and settle as usual. */
export function reportLost(spool: Spool, segment: Segment, reason: string): void {
  const lost = [...(segment.frames?.values() ?? [])].filter(({ underWay }) => !underWay);
  if (lost.length > 0) spool.report.lost(lost, reason);
}

export function dropSegment(spool: Spool, segment: Segment): void {
  segment.gone = true;
  if (spool.open === segment) spool.open = undefined;
  if (spool.read?.segment === segment) spool.read = undefined;
  spool.segments = spool.segments.filter((one) => one !== segment);
}

/** The engine's name in the header of a segment, unique among all processes. */
export function engineOf({ pid, startedAt, engine }: Owner): string {
  return `${pid}.${startedAt}.${engine}`;
}
