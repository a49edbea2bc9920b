/**
 * The spool: keeps batches on disk until they are delivered. It is synchronous, because it runs in the worker, where only the
 * batch waits for it. Faults of the disk end here: a batch that cannot be written is not kept, and the application gets a warning.
 *
 * A batch is one frame of a segment. Frames are appended to the newest segment. A segment is deleted when all its frames are
 * finished. If the folder holds more than `maxBytes`, the oldest segment is evicted.
 *
 *   keep ──▶ under way ──finish──▶ finished
 *               │   ▲
 *        putBack│   │takeOldest
 *               ▼   │
 *              waiting
 */

import { message } from '../messages/message.js';
import { monotonicNow, setInterval } from '../shared/runtime/real-time.js';
import { makeRoom, sharedFolderOf } from './disk/capacity.js';
import { guard } from './disk/disk-faults.js';
import { createFolders, heartbeat, isOpenToAll, makeRoot, rootOf } from './disk/folders.js';
import { batchOf, load } from './disk/load-segment.js';
import { HEARTBEAT_MS, type Owner } from './disk/ownership.js';
import { acknowledge, appendTo, syncFile } from './disk/segment-file.js';
import {
  encodeBatch,
  encodeFrame,
  FRAME_HEADER_BYTES,
  type SegmentHeader,
  type SpooledBatch,
} from './disk/segment-format.js';
import {
  engineOf,
  type Frame,
  type Origin,
  openSegment,
  removeSegment,
  type Spool,
  type SpoolReport,
  sealOpen,
} from './disk/segments.js';
import { adopt } from './disk/takeover.js';
import { addBytes } from './disk/usage.js';

export { adopt, closeSpool } from './disk/takeover.js';

/** `client`: the engine of the client, if `us` is a thread that has attached to it. */
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
    sharedFolder: sharedFolderOf(dir, clientEngine),
    segments: [],
    open: undefined,
    read: undefined,
    created: 0,
    faultyUntil: undefined,
    foreignReported: false,
    strangeReported: new Set(),
    heartbeat: undefined,
    closed: false,
  };
  spool.sharedFolder.spools.add(spool);
  if (guard(spool, () => makeRoot(folders))) {
    if (isOpenToAll(folders)) {
      report.warning(message('TAILRACE_SPOOL_OPEN_TO_ALL', dir));
    }
    adopt(spool);
  }
  spool.heartbeat = setInterval(heartbeat, HEARTBEAT_MS, folders).unref();
  return spool;
}

/** Keeps all of the batches or none. On return they are on disk, and under way. Undefined if they were not kept. */
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
  // The segment may end with half a frame. Nothing may follow it.
  sealOpen(spool);
  return undefined;
}

/** Finishes a frame: its batch is delivered, or has failed for good. */
export function finish(spool: Spool, { segment, number, ordinals }: Frame): void {
  if (!segment.frames?.delete(number) || segment.gone) return;
  if (segment.frames.size === 0 && segment !== spool.open) removeSegment(spool, segment);
  else acknowledge(segment.file, { number, events: ordinals.length });
}

/** Puts a frame back that was not delivered: `takeOldest` returns it again. */
export function putBack(spool: Spool, frame: Frame): void {
  frame.underWay = false;
  frame.tries++;
  // Its segment was evicted meanwhile.
  if (frame.segment.gone) spool.report.lost([frame], 'the spool is full or could not be read');
}

/**
 * Takes the next batch to be sent from disk: the oldest of those with the fewest tries, so that a batch that the server never
 * accepts does not hold up the others.
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

/** Whether there is a frame for `takeOldest`. */
export function isWaiting({ segments }: Spool): boolean {
  for (const { frames } of segments) {
    if (frames === undefined) return true;
    for (const frame of frames.values()) if (!frame.underWay) return true;
  }
  return false;
}

/** Whether no frame is waiting or under way. */
export function isEmpty({ segments }: Spool): boolean {
  return segments.every(({ frames }) => frames?.size === 0);
}

/** The unfinished frames of this engine. Loads the segments that dead workers and processes have left. */
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
  const position = { number: segment.appended, before: segment.appendedEvents };
  const bytes = encodeFrame(segment.header as SegmentHeader, position, records.length, payload);
  appendTo(segment.file, bytes);
  addBytes(spool.sharedFolder.usage, bytes.byteLength);
  segment.appended++;
  segment.appendedEvents += records.length;
  const frame: Frame = { segment, number: position.number, ordinals, from, underWay: true, tries: 0 };
  segment.frames?.set(position.number, frame);
  return frame;
}
