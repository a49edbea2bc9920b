/** One segment on disk: appended to while it is open, read back, and beside it a file that says which frames are done. */
import fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { succeeds } from './folders.js';
import { type ReadSegment, readSegment } from './segment.js';

export interface SegmentFile {
  readonly path: string;
  bytes: number;
  /** While it is appended to. */
  fd: number | undefined;
  /** While frames are being done. */
  ackFd: number | undefined;
}

export const SEGMENT = '.segment';
const ACKS = '.acks';
const PRIVATE_FILE = 0o600;
const ACK_BYTES = 4;

export function createSegmentFile(path: string, header: Buffer): SegmentFile {
  const fd = fs.openSync(path, 'ax', PRIVATE_FILE);
  const file: SegmentFile = { path, bytes: 0, fd, ackFd: undefined };
  try {
    appendTo(file, header);
    return file;
  } catch (error) {
    closeFile(file);
    succeeds(() => fs.unlinkSync(path));
    throw error;
  }
}

export function existingSegmentFile(path: string): SegmentFile {
  return { path, bytes: fs.statSync(path).size, fd: undefined, ackFd: undefined };
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

/** What is in it and not done. */
export function readFile({ path }: SegmentFile): ReadSegment {
  const { header, batches, damaged } = readSegment(fs.readFileSync(path));
  const done = readAcks(path);
  return { header, batches: new Map([...batches].filter(([number]) => !done.has(number))), damaged };
}

/**
 * Not synchronised: after a power failure some batches are sent twice. It makes sure that they are not after the death of
 * a process, however many it had sent of a segment.
 */
export function acknowledge(file: SegmentFile, number: number): void {
  succeeds(() => {
    file.ackFd ??= fs.openSync(file.path + ACKS, 'a', PRIVATE_FILE);
    const ack = Buffer.alloc(ACK_BYTES);
    ack.writeUInt32LE(number);
    fs.writeSync(file.ackFd, ack);
  });
}

export function seal(file: SegmentFile): void {
  const { fd } = file;
  file.fd = undefined;
  if (fd !== undefined) succeeds(() => fs.closeSync(fd));
}

export function closeFile(file: SegmentFile): void {
  seal(file);
  const { ackFd } = file;
  file.ackFd = undefined;
  if (ackFd !== undefined) succeeds(() => fs.closeSync(ackFd));
}

/** The segment first: acknowledgements without it mean nothing, it without them means sending it all again. */
export function removeFile(file: SegmentFile): void {
  closeFile(file);
  succeeds(() => fs.unlinkSync(file.path));
  succeeds(() => fs.unlinkSync(file.path + ACKS));
}

/** Moves a damaged segment out of the way. Returns where it is now. */
export function setAside(file: SegmentFile): string {
  closeFile(file);
  const folder = dirname(file.path);
  const aside = join(dirname(folder), `${basename(folder)}.${basename(file.path)}.corrupt`);
  const isMoved = succeeds(() => fs.renameSync(file.path, aside));
  succeeds(() => fs.unlinkSync(file.path + ACKS));
  return isMoved ? aside : file.path;
}

/** Segments of a folder, oldest first; acknowledgements that outlived their segment go. */
export function listSegments(folder: string): string[] {
  const names = fs.readdirSync(folder).sort();
  for (const name of names) {
    if (!name.endsWith(ACKS) || names.includes(name.slice(0, -ACKS.length))) continue;
    succeeds(() => fs.unlinkSync(join(folder, name)));
  }
  return names.filter((name) => name.endsWith(SEGMENT)).map((name) => join(folder, name));
}

function readAcks(path: string): Set<number> {
  const done = new Set<number>();
  succeeds(() => {
    const acks = fs.readFileSync(path + ACKS);
    for (let at = 0; at + ACK_BYTES <= acks.byteLength; at += ACK_BYTES) done.add(acks.readUInt32LE(at));
  });
  return done;
}
