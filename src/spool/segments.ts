/** The segments of a spool: opened, read, evicted, set aside, removed. */

import { dirname, join } from 'node:path';
import { messageOf } from '../shared/errors.js';
import { systemNow } from '../shared/real-time.js';
import { TOLD } from './acks.js';
import { setAside } from './aside.js';
import { currentFolder, type Folders, removeIfEmpty } from './folders.js';
import { codeOf, isRefused, syncFolder } from './own-files.js';
import { encodeSegmentHeader, newHeader, type SegmentHeader, type SpooledBatch } from './segment.js';
import {
  acknowledge,
  type Content,
  closeFile,
  createSegmentFile,
  existingSegmentFile,
  readFile,
  removeAcks,
  removeFile,
  type SegmentFile,
  seal,
  segmentName,
  stemOf,
  syncFile,
} from './segment-file.js';
import { addBytes, type Usage, usedBytes } from './usage.js';

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
  /** A repeated `topic` only now and then. */
  warning(topic: string, message: string): void;
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

/** The segment to append to: the open one, or a new one where that is full or its folder is no longer ours. */
export function openSegment(spool: Spool): Segment {
  const { folders, maxBytes, open, client } = spool;
  const folder = currentFolder(folders);
  if (open !== undefined && dirname(open.file.path) === folder) {
    if (open.file.bytes < Math.min(MAX_SEGMENT_BYTES, maxBytes / SEGMENTS)) return open;
  }
  if (open !== undefined) syncFile(open.file);
  sealOpen(spool);
  const header = newHeader({ identity: folders.us.identity, engine: engineOf(spool), client });
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

/** Reads a segment of a process that is gone. Afterwards it has frames, or is no longer in the spool. */
export function load(spool: Spool, segment: Segment): void {
  const { file } = segment;
  let content: Content;
  try {
    content = readFile(file);
  } catch (error) {
    vanish(spool, segment, error);
    return;
  }
  const { header, foreign, batches, damaged } = content;
  if (foreign) {
    leaveAlone(spool, segment, 'was written by another version of tailrace');
    return;
  }
  const isKnown = header?.identity === spool.folders.us.identity;
  segment.damaged = damaged || (header !== undefined && !isKnown);
  segment.frames = new Map();
  const from = originOf(spool, header);
  for (const [number, { ordinals }] of isKnown ? batches : []) {
    segment.frames.set(number, { segment, number, ordinals, from, underWay: false, tries: 0 });
  }
  spool.read = { segment, batches };
  tellDamage(spool, segment, content, from);
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
      vanish(spool, segment, error);
      return undefined;
    }
  }
  const batch = spool.read.batches.get(frame.number);
  if (batch === undefined) {
    segment.damaged = true;
    segment.frames?.delete(frame.number);
    spool.report.lost([frame], `the segment ${segment.file.path} is damaged`);
    acknowledge(segment.file, { number: TOLD, events: frame.ordinals.length });
    if (segment.frames?.size === 0) removeSegment(spool, segment);
  }
  return batch;
}

/** Gives up the oldest segments of the client until the folder has room for so many bytes more. */
export function makeRoom(spool: Spool, bytes: number): void {
  const { maxBytes, sharers } = spool;
  if (bytes > maxBytes)
    throw new Error(`a batch of ${bytes} bytes is larger than maxSpoolBytes, ${maxBytes}`);
  for (;;) {
    const used = usedBytes(sharers.usage, maxBytes);
    if (used + bytes <= maxBytes) return;
    const oldest = oldestOf(sharers);
    if (oldest === undefined) {
      throw new Error(
        `it holds ${used} bytes of other processes or projects, or of damaged segments, and maxSpoolBytes is ${maxBytes}`,
      );
    }
    giveUpSegment(oldest.spool, oldest.segment, `the spool is full (${maxBytes} bytes)`);
  }
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

/** What was lost with it is told once: that it was is written down. */
function tellDamage(spool: Spool, segment: Segment, content: Content, from: Origin): void {
  const { file, frames } = segment;
  const { header, batches, tornBytes, repeated } = content;
  const { report } = spool;
  let { lost } = content;
  // A segment of another project, which was put there: it is not sent from here.
  if (frames?.size === 0) for (const { records } of batches.values()) lost += records.length;
  if (lost > 0) {
    report.missing(lost, from, `the segment ${file.path} is damaged${sizesOf(file)}`);
    acknowledge(file, { number: TOLD, events: lost });
  }
  if (repeated > 0) {
    report.warning(
      'spool-repeated',
      `${repeated} events of the spool may be sent a second time: what says that they were sent is damaged (${stemOf(file.path)}.acks)`,
    );
  }
  if (tornBytes === 0 && (header !== undefined || segment.damaged)) return;
  report.warning(
    'spool-torn',
    `a process died while it wrote to the spool: the last ${tornBytes} bytes of ${file.path} are not a whole batch and are left out`,
  );
}

function sizesOf({ bytes, sealed }: SegmentFile): string {
  return sealed === undefined || bytes === sealed.bytes
    ? ''
    : ` (${bytes} bytes, and ${sealed.bytes} when it was written)`;
}

function moveAway({ report, maxBytes, sharers }: Spool, file: SegmentFile): void {
  closeFile(file);
  const { path, removed } = setAside(file.path, maxBytes);
  sharers.usage.measuredAt = -Infinity;
  if (path !== undefined) removeAcks(file);
  report.warning(
    `spool-damaged-${stemOf(file.path)}`,
    path === undefined
      ? `a segment of the spool was damaged and cannot be set aside: what could be read has been dealt with, the rest stays in ${file.path}`
      : `a segment of the spool was damaged: what could be read has been dealt with, the rest is set aside as ${path}`,
  );
  if (removed.length === 0) return;
  report.warning(
    'spool-aside-full',
    `older damaged segments were removed to bound what is set aside: ${removed.join(', ')}`,
  );
}

/** The file is not there or cannot be read. */
function vanish(spool: Spool, segment: Segment, error: unknown): void {
  const isGone = ['ENOENT', 'ENOTDIR'].includes(codeOf(error)) || isRefused(error);
  if (!isGone) {
    leaveAlone(spool, segment, `could not be read (${messageOf(error)})`);
    return;
  }
  dropSegment(spool, segment);
  spool.sharers.usage.measuredAt = -Infinity;
  const reason = 'a segment of the spool could not be read';
  const { file, frames } = segment;
  if (frames !== undefined) giveUp(spool, segment, reason);
  else if (file.sealed !== undefined && file.sealed.events > 0) {
    spool.report.missing(file.sealed.events, 'earlier', reason);
  }
  spool.report.warning('spool-read', `a segment of the spool could not be read: ${messageOf(error)}`);
}

/** It is for another process: this one does nothing more to it. */
function leaveAlone(spool: Spool, segment: Segment, why: string): void {
  dropSegment(spool, segment);
  closeFile(segment.file);
  spool.report.warning('spool-left-alone', `the segment ${segment.file.path} ${why}: it is left where it is`);
}

function giveUpSegment(spool: Spool, segment: Segment, reason: string): void {
  if (segment === spool.open) sealOpen(spool);
  // Sealed, it may have gone by itself.
  if (!segment.gone && segment.frames === undefined) load(spool, segment);
  if (segment.gone) return;
  giveUp(spool, segment, reason);
  removeSegment(spool, segment);
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

function oldestOf({ spools }: Sharers): { spool: Spool; segment: Segment } | undefined {
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

function originOf(spool: Spool, header: SegmentHeader | undefined): Origin {
  if (header?.engine === engineOf(spool)) return 'ring';
  return header?.client === engineOf(spool) ? 'thread' : 'earlier';
}

/** As the header names the engine: a number of its own, within its process. */
export function engineOf({ folders: { us } }: Pick<Spool, 'folders'>): string {
  return `${us.pid}.${us.startedAt}.${us.engine}`;
}
