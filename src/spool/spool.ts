/**
 * The spool: batches on disk that could not be delivered, or not yet, until they are. It is synchronous, as it runs where
 * nobody waits but the batch. No fault of the disk goes further than this: what cannot be written is not kept, and the
 * application is told.
 *
 * A batch is a frame of a segment. Frames are appended to the newest segment; once all frames of a segment are done it is
 * deleted. The oldest segment is given up when there is more than `maxBytes` in the folder.
 */

import { dirname } from 'node:path';
import { messageOf } from '../shared/errors.js';
import { clearInterval, monotonicNow, setInterval } from '../shared/real-time.js';
import { faultMessage } from './faults.js';
import {
  createFolders,
  heartbeat,
  isOpenToAll,
  leaveFolders,
  makeRoot,
  removeIfEmpty,
  type Taken,
  takeFolder,
  takeOver,
} from './folders.js';
import { HEARTBEAT_MS, type Owner } from './ownership.js';
import {
  encodeBatch,
  encodeFrame,
  FRAME_HEADER_BYTES,
  type SegmentHeader,
  type SpooledBatch,
} from './segment.js';
import {
  acknowledge,
  appendTo,
  closeFile,
  type Listed,
  listSegments,
  seal,
  stemOf,
  syncAcks,
  syncFile,
} from './segment-file.js';
import {
  batchOf,
  engineOf,
  eventsOf,
  existingSegment,
  type Frame,
  load,
  makeRoom,
  openSegment,
  removeSegment,
  type Sharers,
  type Spool,
  type SpoolReport,
  sealOpen,
} from './segments.js';
import { addBytes, createUsage } from './usage.js';

/** The topic of a warning that is of the folder alone, whatever is in it. */
export const OPEN_TO_ALL = 'spool-open-to-all';
const FAULT_PAUSE_MS = 5_000;
/** Of what is named that is not of the spool. */
const NAMED_IN_A_MESSAGE = 3;

/** By folder and client, those of this thread. */
const sharers = new Map<string, Sharers>();

/** `client`: the engine of the client, where `us` is a thread that has attached to it. */
export function openSpool(
  dir: string,
  us: Owner,
  maxBytes: number,
  report: SpoolReport,
  client: Owner = us,
): Spool {
  const folders = createFolders(dir, us);
  const spool: Spool = {
    folders,
    client: engineOf({ folders: { ...folders, us: client } }),
    maxBytes,
    report,
    sharers: sharersOf(dir, client),
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
      report.warning(
        OPEN_TO_ALL,
        `anybody on this machine may take events out of the spool in ${dir}, or put some in: let only its owner write to it (chmod 700)`,
      );
    }
    adopt(spool);
  }
  spool.heartbeat = setInterval(heartbeat, HEARTBEAT_MS, folders).unref();
  return spool;
}

/** Takes over what dead processes have left behind. */
export function adopt(spool: Spool): void {
  guard(spool, () => {
    const { taken, foreign, strange } = takeOver(spool.folders);
    tellStrange(spool, [...taken.flatMap((folder) => addFolder(spool, folder)), ...strange]);
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

/** Leaves what is undelivered to the next process, or to the spool of the client whose thread has ended. */
export function closeSpool(spool: Spool, heir?: Spool): void {
  if (spool.closed) return;
  spool.closed = true;
  clearInterval(spool.heartbeat);
  sealOpen(spool);
  for (const segment of spool.segments) {
    syncAcks(segment.file);
    // Of one that was not read nothing has changed.
    if (segment.frames !== undefined) seal(segment.file, eventsOf(segment));
    closeFile(segment.file);
    segment.gone = true;
  }
  spool.sharers.spools.delete(spool);
  if (spool.sharers.spools.size === 0) sharers.delete(sharersKey(spool.folders.dir, spool.client));
  if (heir === undefined || heir.closed) leaveFolders(spool.folders, (folder) => sealedEvents(spool, folder));
  else handOver(spool, heir);
}

function handOver({ folders }: Spool, heir: Spool): void {
  guard(heir, () => {
    for (const folder of folders.owned) {
      if (removeIfEmpty(folders, folder)) continue;
      const path = takeFolder(heir.folders, folder);
      if (path !== undefined) tellStrange(heir, addFolder(heir, { path, events: undefined }));
    }
  });
  folders.owned.clear();
}

/** What is in it and not of the spool. */
function addFolder(spool: Spool, { path, events }: Taken): readonly string[] {
  let listed: Listed;
  try {
    listed = listSegments(path);
  } catch (error) {
    return [`${path} (${messageOf(error)})`];
  }
  const { segments, strange, files } = listed;
  spool.segments.push(...segments.map(existingSegment));
  spool.segments.sort((a, b) => (stemOf(a.file.path) < stemOf(b.file.path) ? -1 : 1));
  const missing = (events ?? 0) - sealedEvents(spool, path);
  // They may be in files that another version of tailrace named.
  if (missing > 0 && files === 0) {
    spool.report.missing(missing, 'earlier', `segments are gone from ${path}`);
  }
  removeIfEmpty(spool.folders, path);
  return strange;
}

/** As the names of segments in a folder have it. */
function sealedEvents({ segments }: Spool, folder: string): number {
  const inFolder = segments.filter(({ file }) => dirname(file.path) === folder);
  return inFolder.reduce((sum, { file }) => sum + (file.sealed?.events ?? 0), 0);
}

function tellStrange({ strangeIsTold, report }: Spool, strange: readonly string[]): void {
  const news = strange.filter((one) => !strangeIsTold.has(one));
  if (news.length === 0) return;
  for (const one of news) strangeIsTold.add(one);
  const others = news.length > NAMED_IN_A_MESSAGE ? ` and ${news.length - NAMED_IN_A_MESSAGE} more` : '';
  report.warning(
    'spool-strange',
    `the spool's folder holds what is not of the spool, which is left where it is: ${news.slice(0, NAMED_IN_A_MESSAGE).join(', ')}${others}`,
  );
}

function sharersOf(dir: string, client: Owner): Sharers {
  const key = sharersKey(dir, engineOf({ folders: createFolders(dir, client) }));
  const known = sharers.get(key) ?? { spools: new Set(), usage: createUsage(dir) };
  sharers.set(key, known);
  return known;
}

function sharersKey(dir: string, client: string): string {
  return `${client} ${dir}`;
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
  const { ordinals, records } = batch;
  const payload = encodeBatch(batch);
  makeRoom(spool, FRAME_HEADER_BYTES + payload.byteLength);
  const segment = openSegment(spool);
  const place = { number: segment.appended, before: segment.appendedEvents };
  const bytes = encodeFrame(segment.header as SegmentHeader, place, records.length, payload);
  appendTo(segment.file, bytes);
  addBytes(spool.sharers.usage, bytes.byteLength);
  segment.appended++;
  segment.appendedEvents += records.length;
  const frame: Frame = { segment, number: place.number, ordinals, from: 'ring', underWay: true, tries: 0 };
  segment.frames?.set(place.number, frame);
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
      `the spool in ${spool.folders.dir} cannot be used, delivery goes on without it: ${faultMessage(error)}`,
    );
    return false;
  }
}
