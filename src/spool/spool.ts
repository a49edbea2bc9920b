/**
 * The spool: batches on disk that could not be delivered, or not yet, until they are. It is synchronous, as it runs where
 * nobody waits but the batch. No fault of the disk goes further than this: what cannot be written is not kept, and the
 * application is told.
 *
 * A batch is a frame of a segment. Frames are appended to the newest segment; once all frames of a segment are done it is
 * deleted. The oldest segment is given up when there is more than `maxBytes`.
 */

import { basename } from 'node:path';
import { messageOf } from '../shared/errors.js';
import { clearInterval, monotonicNow, setInterval } from '../shared/real-time.js';
import { createFolders, heartbeat, leaveFolders, makeRoot, removeIfEmpty, takeOver } from './folders.js';
import { HEARTBEAT_MS, type Owner } from './ownership.js';
import { encodeBatch, type SpooledBatch } from './segment.js';
import { acknowledge, appendTo, closeFile, listSegments, syncFile } from './segment-file.js';
import {
  batchOf,
  existingSegment,
  type Frame,
  load,
  makeRoom,
  openSegment,
  removeSegment,
  type Segment,
  type Spool,
  type SpoolReport,
  sealOpen,
} from './segments.js';

const FAULT_PAUSE_MS = 5_000;

export function openSpool(dir: string, us: Owner, maxBytes: number, report: SpoolReport): Spool {
  const spool: Spool = {
    folders: createFolders(dir, us),
    maxBytes,
    report,
    segments: [],
    open: undefined,
    read: undefined,
    created: 0,
    faultyUntil: undefined,
    foreignIsTold: false,
    heartbeat: undefined,
  };
  if (guard(spool, () => makeRoot(spool.folders))) adopt(spool);
  spool.heartbeat = setInterval(heartbeat, HEARTBEAT_MS, spool.folders).unref();
  return spool;
}

/** Takes over what dead processes have left behind. */
export function adopt(spool: Spool): void {
  guard(spool, () => {
    const { taken, foreign } = takeOver(spool.folders);
    for (const folder of taken) {
      spool.segments.push(...listSegments(folder).map(existingSegment));
      removeIfEmpty(spool.folders, folder);
    }
    const nameOf = ({ file }: Segment): string => basename(file.path);
    spool.segments.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    makeRoom(spool, 0);
    if (foreign.length === 0 || spool.foreignIsTold) return;
    spool.foreignIsTold = true;
    const others = foreign.length > 1 ? ` and ${foreign.length - 1} more` : '';
    spool.report.warning(
      'spool-foreign',
      `the spool holds events for another server, project or exporter, which are left where they are: ${foreign[0]}${others}`,
    );
  });
}

/** Keeps batches, all or none. On disk when this returns, and taken to be under way. Undefined: they are not kept. */
export function keep(spool: Spool, batches: readonly SpooledBatch[]): Frame[] | undefined {
  if (spool.faultyUntil !== undefined && monotonicNow() < spool.faultyUntil) return undefined;
  const kept: Frame[] = [];
  const isKept = guard(spool, () => {
    for (const batch of batches) kept.push(append(spool, batch));
    if (spool.open !== undefined) syncFile(spool.open.file);
  });
  if (isKept) {
    spool.faultyUntil = undefined;
    return kept;
  }
  for (const frame of kept) finish(spool, frame);
  // There may be half a frame at its end, and only there may it be.
  sealOpen(spool);
  return undefined;
}

/** The frame has been dealt with for good. */
export function finish(spool: Spool, { segment, number }: Frame): void {
  if (!segment.frames?.delete(number) || segment.gone) return;
  if (segment.frames.size === 0 && segment !== spool.open) removeSegment(spool, segment);
  else acknowledge(segment.file, number);
}

/** The frame was not delivered: it is there for `takeOldest` again. */
export function release(spool: Spool, frame: Frame): void {
  frame.underWay = false;
  frame.tries++;
  // Its segment was given up meanwhile.
  if (frame.segment.gone) spool.report.lost([frame], 'the spool is full or could not be read');
}

/**
 * The next batch to be sent from disk: the oldest of those tried least, so that one that a server never takes does not
 * hold up the others.
 */
export function takeOldest(spool: Spool): { frame: Frame; batch: SpooledBatch } | undefined {
  for (let frame = leastTried(spool); frame !== undefined; frame = leastTried(spool)) {
    const batch = batchOf(spool, frame);
    if (batch === undefined) continue;
    frame.underWay = true;
    return { frame, batch };
  }
  return undefined;
}

/** Whether there is something for `takeOldest`. */
export function isWaiting({ segments }: Spool): boolean {
  for (const { frames } of segments) {
    if (frames === undefined) return true;
    for (const frame of frames.values()) if (!frame.underWay) return true;
  }
  return false;
}

/** Whether no frame is left, neither waiting nor under way. */
export function isEmpty({ segments }: Spool): boolean {
  return segments.every(({ frames }) => frames?.size === 0);
}

/** The frames of this engine that are not done; reads what dead workers and processes have left. */
export function ourFrames(spool: Spool): Frame[] {
  for (const segment of [...spool.segments]) if (segment.frames === undefined) load(spool, segment);
  return spool.segments.flatMap(({ frames }) => [...(frames?.values() ?? [])]).filter(({ ours }) => ours);
}

/** Leaves what is undelivered to the next process. */
export function closeSpool(spool: Spool): void {
  clearInterval(spool.heartbeat);
  sealOpen(spool);
  for (const segment of spool.segments) {
    closeFile(segment.file);
    segment.gone = true;
  }
  leaveFolders(spool.folders);
}

function leastTried(spool: Spool): Frame | undefined {
  let least: Frame | undefined;
  for (const segment of [...spool.segments]) {
    if (segment.frames === undefined) load(spool, segment);
    for (const frame of segment.frames?.values() ?? []) {
      if (frame.underWay || (least !== undefined && least.tries <= frame.tries)) continue;
      if (frame.tries === 0) return frame;
      least = frame;
    }
  }
  return least;
}

function append(spool: Spool, batch: SpooledBatch): Frame {
  const bytes = encodeBatch(batch);
  makeRoom(spool, bytes.byteLength);
  const segment = openSegment(spool);
  appendTo(segment.file, bytes);
  const number = segment.appended++;
  const frame: Frame = { segment, number, ordinals: batch.ordinals, ours: true, underWay: true, tries: 0 };
  segment.frames?.set(number, frame);
  return frame;
}

/** Whether it went well. A fault is told once, until the disk is sound again; for a while nothing is written. */
function guard(spool: Spool, action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    const isTold = spool.faultyUntil !== undefined;
    spool.faultyUntil = monotonicNow() + FAULT_PAUSE_MS;
    if (isTold) return false;
    spool.report.warning(
      'spool',
      `the spool in ${spool.folders.dir} cannot be used, delivery goes on without it: ${messageOf(error)}`,
    );
    return false;
  }
}
