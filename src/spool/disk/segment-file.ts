/**
 * One segment on disk: appended to while it is open, read back, and beside it a file that says which frames are done.
 *
 * Its name says what it holds once nothing is appended to it any more: so the loss of a part of it, or of all, can be told
 * from the end of a process that died while it wrote.
 *
 *   open:    <time>-<number>.segment
 *   sealed:  <time>-<number>.<bytes>.<events that are not done>.<entries of acknowledgement by then>.segment
 *   done:    <time>-<number>.acks
 */
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Ack, countAcks, openAcks, readAcks, TOLD, writeAck } from './acks.js';
import { createToAppend, kindAt, look, moveOwn, readWhole, removeOwn, succeeds } from './safe-files.js';
import { type ReadSegment, readSegment, type SpooledBatch } from './segment-format.js';
import { readFirstAcks, readFirstFormat } from './segment-format-v1.js';

export interface SegmentFile {
  path: string;
  bytes: number;
  /** What its name says; undefined: it was not sealed. */
  sealed: Sealed | undefined;
  /** While it is appended to. */
  fd: number | undefined;
  /** While frames are being done. */
  ackFd: number | undefined;
}

interface Sealed {
  readonly bytes: number;
  readonly events: number;
  readonly acks: number;
}

/** What is in a segment and not done. */
export interface Content extends Pick<ReadSegment, 'header' | 'foreign'> {
  readonly batches: ReadonlyMap<number, SpooledBatch>;
  /** Whether something is wrong that the end of a process does not explain. */
  readonly damaged: boolean;
  /** Events that were in it and cannot be read, and that nobody was told of. */
  readonly lost: number;
  /** Events in it that were done, which are there again: what says so is damaged. */
  readonly repeated: number;
  /** Bytes of a batch that was being written when its process died. */
  readonly tornBytes: number;
}

const SEGMENT = '.segment';
const ACKS = '.acks';
const NAME = /^(\d{15}-\d{9})(?:\.(\d{1,15})\.(\d{1,10})\.(\d{1,10}))?\.segment$/;

/** By their names segments stand in the order in which they were made, whoever made them. */
export function segmentName(time: number, number: number): string {
  return `${String(time).padStart(15, '0')}-${String(number).padStart(9, '0')}${SEGMENT}`;
}

export function createSegmentFile(path: string, header: Buffer): SegmentFile {
  const fd = createToAppend(path);
  const file: SegmentFile = { path, bytes: 0, sealed: undefined, fd, ackFd: undefined };
  try {
    appendTo(file, header);
    return file;
  } catch (error) {
    closeFile(file);
    removeOwn(path);
    throw error;
  }
}

export function existingSegmentFile(path: string): SegmentFile {
  const [, , bytes, events, acks] = NAME.exec(basename(path)) ?? [];
  const sealed =
    bytes === undefined ? undefined : { bytes: Number(bytes), events: Number(events), acks: Number(acks) };
  return { path, bytes: look(path)?.size ?? 0, sealed, fd: undefined, ackFd: undefined };
}

export function appendTo(file: SegmentFile, bytes: Buffer): void {
  for (let written = 0; written < bytes.byteLength; ) {
    const count = fs.writeSync(file.fd as number, bytes, written);
    written += count;
    file.bytes += count;
  }
}

export function syncFile({ fd }: SegmentFile): void {
  if (fd !== undefined) fs.fdatasyncSync(fd);
}

export function readFile({ path, sealed }: SegmentFile): Content {
  const bytes = readWhole(path);
  const { header, foreign, batches, damaged, missing, next, tornBytes } =
    readFirstFormat(bytes) ?? readSegment(bytes);
  const acks = readAcks(acksOf(path));
  const whole = acks.filter((ack) => ack !== undefined);
  const done = new Set([...whole.map(({ number }) => number), ...readFirstAcks(firstAcksOf(path))]);
  const left = new Map([...batches].filter(([number]) => !done.has(number)));
  const found = eventsIn(left.values());
  const isCut = whole.some(({ number }) => number !== TOLD && number >= next);
  if (sealed === undefined) {
    // A frame may be done that can no longer be read.
    const gone = whole.filter(({ number }) => number === TOLD || !batches.has(number));
    const lost = Math.max(0, missing - gone.reduce((sum, { events }) => sum + events, 0));
    return { header, foreign, batches: left, damaged: damaged || isCut, lost, repeated: 0, tornBytes };
  }
  const since = acks.slice(sealed.acks).reduce((sum, ack) => sum + (ack?.events ?? 0), 0);
  const balance = sealed.events - since - found;
  return {
    header,
    foreign,
    batches: left,
    damaged: damaged || isCut || balance > 0 || bytes.byteLength !== sealed.bytes,
    lost: Math.max(0, balance),
    repeated: Math.max(0, -balance),
    tornBytes: 0,
  };
}

/** The frame is done, or the application knows that it will not be. */
export function acknowledge(file: SegmentFile, ack: Ack): void {
  succeeds(() => {
    file.ackFd ??= openAcks(acksOf(file.path));
    writeAck(file.ackFd, ack);
  });
}

/** From here on nothing is appended to it. `events`: those that are not done. */
export function seal(file: SegmentFile, events: number): void {
  const { fd, path } = file;
  file.fd = undefined;
  if (fd !== undefined) succeeds(() => fs.closeSync(fd));
  // Of one that was damaged since, what it had.
  const bytes = file.sealed?.bytes ?? file.bytes;
  const sealed = { bytes, events, acks: countAcks(acksOf(path)) };
  const name = `${stemOf(path)}.${sealed.bytes}.${sealed.events}.${sealed.acks}${SEGMENT}`;
  if (name === basename(path)) return;
  succeeds(() => {
    moveOwn(path, join(dirname(path), name));
    file.path = join(dirname(path), name);
    file.sealed = sealed;
  });
}

/** Before a name says how many of them there are. */
export function syncAcks({ ackFd }: SegmentFile): void {
  if (ackFd !== undefined) succeeds(() => fs.fdatasyncSync(ackFd));
}

export function closeFile(file: SegmentFile): void {
  const { fd, ackFd } = file;
  file.fd = undefined;
  file.ackFd = undefined;
  for (const one of [fd, ackFd]) if (one !== undefined) succeeds(() => fs.closeSync(one));
}

/** The segment first: acknowledgements without it mean nothing, it without them means sending it all again. */
export function removeFile(file: SegmentFile): void {
  closeFile(file);
  removeOwn(file.path);
  removeAcks(file);
}

/** Once the segment is out of the way. */
export function removeAcks({ path }: SegmentFile): void {
  removeOwn(acksOf(path));
  removeOwn(firstAcksOf(path));
}

export interface Listed {
  /** Oldest first. */
  readonly segments: string[];
  /** What is in the folder and not of the spool, with what it is. */
  readonly strange: string[];
  /** How many of these are files. */
  readonly files: number;
}

/** What is in a folder of the spool; acknowledgements that outlived their segment go. */
export function listSegments(folder: string): Listed {
  const names = fs.readdirSync(folder).sort();
  const isOurs = (name: string): boolean => kindAt(join(folder, name)) === 'a file';
  const segments = names.filter((name) => NAME.test(name) && isOurs(name));
  const stems = new Set(segments.map(stemOf));
  const strange: string[] = [];
  let files = 0;
  for (const name of names) {
    if (segments.includes(name)) continue;
    const path = join(folder, name);
    if (name.endsWith(ACKS) && isOurs(name)) {
      if (!stems.has(name.slice(0, name.indexOf('.')))) removeOwn(path);
      continue;
    }
    strange.push(`${path} (${kindAt(path)})`);
    if (isOurs(name)) files++;
  }
  return { segments: segments.map((name) => join(folder, name)), strange, files };
}

export function stemOf(path: string): string {
  return NAME.exec(basename(path))?.[1] ?? basename(path);
}

function acksOf(path: string): string {
  return join(dirname(path), stemOf(path) + ACKS);
}

/** Of the first version of the format. */
function firstAcksOf(path: string): string {
  return join(dirname(path), stemOf(path) + SEGMENT + ACKS);
}

function eventsIn(batches: Iterable<SpooledBatch>): number {
  let events = 0;
  for (const { records } of batches) events += records.length;
  return events;
}
