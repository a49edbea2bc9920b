/**
 * The spool: batches on disk that could not be delivered, or not yet, until they are. It is synchronous, as it runs where
 * nobody waits but the batch. No fault of the disk goes further than this: what cannot be written is not kept, and the
 * application is told.
 *
 * A batch is a frame of a segment. Frames are appended to the newest segment; once all frames of a segment are done it is
 * deleted. The oldest segment is given up when there is more than `maxBytes` in the folder.
 */

import { message } from '../messages/message.js';
import { monotonicNow, setInterval } from '../shared/runtime/real-time.js';
import { guard } from './faults.js';
import { createFolders, heartbeat, isOpenToAll, makeRoot, rootOf } from './folders.js';
import { HEARTBEAT_MS, type Owner } from './ownership.js';
import { batchOf, load } from './reading.js';
import { makeRoom } from './room.js';
import {
  encodeBatch,
  encodeFrame,
  FRAME_HEADER_BYTES,
  type SegmentHeader,
  type SpooledBatch,
} from './segment.js';
import { acknowledge, appendTo, syncFile } from './segment-file.js';
import {
  engineOf,
  type Frame,
  type Origin,
  openSegment,
  removeSegment,
  type Spool,
  type SpoolReport,
  sealOpen,
} from './segments.js';
import { sharersOf } from './sharers.js';
import { adopt } from './succession.js';
import { addBytes } from './usage.js';

export { adopt, closeSpool } from './succession.js';

/** `client`: the engine of the client, where `us` is a thread that has attached to it. */
export function openSpool(
  spoolDir: string,
  us: Owner,
  maxBytes: number,
  report: SpoolReport,
  client: Owner = us,
): Spool {
  const dir = rootOf(spoolDir);
  const folders = createFolders(dir, us);
  const clientEngine = engineOf(client);
  const spool: Spool = {
    folders,
    client: clientEngine,
    maxBytes,
    report,
    sharers: sharersOf(dir, clientEngine),
    segments: [],
    open: undefined,
    read: undefined,
    created: 0,
    faultyUntil: undefined,
    foreignIsTold: false,
    strangeIsTold: new Set(),
    heartbeat: undefined,
    closed: false,
  };
  spool.sharers.spools.add(spool);
  if (guard(spool, () => makeRoot(folders))) {
    if (isOpenToAll(folders)) {
      report.warning(message('TAILRACE_SPOOL_OPEN_TO_ALL', dir));
    }
    adopt(spool);
  }
  spool.heartbeat = setInterval(heartbeat, HEARTBEAT_MS, folders).unref();
  return spool;
}

/** Keeps batches, all or none. On disk when this returns, and taken to be under way. Undefined: they are not kept. */
export function keep(
  spool: Spool,
  batches: readonly SpooledBatch[],
  from: Origin = 'ring',
): Frame[] | undefined {
  if (spool.faultyUntil !== undefined && monotonicNow() < spool.faultyUntil) return undefined;
  const kept: Frame[] = [];
  const isKept = guard(spool, () => {
    for (const batch of batches) kept.push(append(spool, batch, from));
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
export function finish(spool: Spool, { segment, number, ordinals }: Frame): void {
  if (!segment.frames?.delete(number) || segment.gone) return;
  if (segment.frames.size === 0 && segment !== spool.open) removeSegment(spool, segment);
  else acknowledge(segment.file, { number, events: ordinals.length });
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
  return spool.segments
    .flatMap(({ frames }) => [...(frames?.values() ?? [])])
    .filter(({ from }) => from === 'ring');
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

function append(spool: Spool, batch: SpooledBatch, from: Origin): Frame {
  const { ordinals, records } = batch;
  const payload = encodeBatch(batch);
  makeRoom(spool, FRAME_HEADER_BYTES + payload.byteLength);
  const segment = openSegment(spool, from);
  const place = { number: segment.appended, before: segment.appendedEvents };
  const bytes = encodeFrame(segment.header as SegmentHeader, place, records.length, payload);
  appendTo(segment.file, bytes);
  addBytes(spool.sharers.usage, bytes.byteLength);
  segment.appended++;
  segment.appendedEvents += records.length;
  const frame: Frame = { segment, number: place.number, ordinals, from, underWay: true, tries: 0 };
  segment.frames?.set(place.number, frame);
  return frame;
}
