/**
 * The file of one segment, and beside it the file of acknowledgements that says which frames are finished.
 *
 * When nothing is appended any more, the segment is sealed: its name says what it holds. So the loss of a part of it, or of the
 * whole file, can be distinguished from the death of a process that was writing.
 *
 *   open:    <time>-<number>.segment
 *   sealed:  <time>-<number>.<bytes>.<unfinished events>.<entries of acknowledgement by then>.segment
 *   acks:    <time>-<number>.acks
 */
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Ack, countAcks, openAcks, REPORTED_LOSS, readAcks, writeAck } from './acks.js';
import { createToAppend, kindAt, look, moveOwn, readWhole, removeOwn, succeeds } from './safe-files.js';
import { type ReadSegment, readSegment, type SpooledBatch } from './segment-format.js';
import { readFirstAcks, readFirstFormat } from './segment-format-v1.js';

export interface SegmentFile {
  path: string;
  bytes: number;
  /** What its name says; undefined if it is not sealed. */
  sealed: Sealed | undefined;
  /** Open while frames are appended. */
  fd: number | undefined;
  /** Open once a frame is finished. */
  ackFd: number | undefined;
}

interface Sealed {
  readonly bytes: number;
  readonly events: number;
  readonly acks: number;
}

/** The unfinished content of a segment. */
export interface Content extends Pick<ReadSegment, 'header' | 'foreign'> {
  readonly batches: ReadonlyMap<number, SpooledBatch>;
  /** Whether something is wrong that the death of a process does not explain. */
  readonly damaged: boolean;
  /** Events that cannot be read any more and whose loss was not reported yet. */
  readonly lost: number;
  /** Finished events that will be sent again because the acknowledgements are damaged. */
  readonly repeated: number;
  /** Bytes of a batch that was being written when the process died. */
  readonly tornBytes: number;
}

const SEGMENT = '.segment';
const ACKS = '.acks';
const NAME = /^(\d{15}-\d{9})(?:\.(\d{1,15})\.(\d{1,10})\.(\d{1,10}))?\.segment$/;

/** Sorted by name, segments of all processes are in the order in which they were made. */
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
  const isCut = whole.some(({ number }) => number !== REPORTED_LOSS && number >= next);
  if (sealed === undefined) {
    // Frames that can no longer be read may be finished.
    const gone = whole.filter(({ number }) => number === REPORTED_LOSS || !batches.has(number));
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

/** Writes that a frame is finished, or that its loss was reported. */
export function acknowledge(file: SegmentFile, ack: Ack): void {
  succeeds(() => {
    file.ackFd ??= openAcks(acksOf(file.path));
    writeAck(file.ackFd, ack);
  });
}

/** Seals a segment: nothing is appended after this. `events`: the unfinished ones. */
export function seal(file: SegmentFile, events: number): void {
  const { fd, path } = file;
  file.fd = undefined;
  if (fd !== undefined) succeeds(() => fs.closeSync(fd));
  // A sealed segment that was damaged since keeps the size in its name.
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

/** To be called before a name says how many acknowledgements there are. */
export function syncAcks({ ackFd }: SegmentFile): void {
  if (ackFd !== undefined) succeeds(() => fs.fdatasyncSync(ackFd));
}

export function closeFile(file: SegmentFile): void {
  const { fd, ackFd } = file;
  file.fd = undefined;
  file.ackFd = undefined;
  for (const one of [fd, ackFd]) if (one !== undefined) succeeds(() => fs.closeSync(one));
}

/** The segment goes first: without its acknowledgements it would be sent again as a whole. */
export function removeFile(file: SegmentFile): void {
  closeFile(file);
  removeOwn(file.path);
  removeAcks(file);
}

/** To be called when the segment is gone. */
export function removeAcks({ path }: SegmentFile): void {
  removeOwn(acksOf(path));
  removeOwn(firstAcksOf(path));
}

export interface Listed {
  /** Oldest first. */
  readonly segments: string[];
  /** Things in the folder that are not of the spool, with what they are. */
  readonly strange: string[];
  /** How many of these are files. */
  readonly files: number;
}

/** Lists a folder of the spool, and removes acknowledgements without a segment. */
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

/** The acknowledgements of version 1 of the format. */
function firstAcksOf(path: string): string {
  return join(dirname(path), stemOf(path) + SEGMENT + ACKS);
}

function eventsIn(batches: Iterable<SpooledBatch>): number {
  let events = 0;
  for (const { records } of batches) events += records.length;
  return events;
}
