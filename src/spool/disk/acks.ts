/**
 * Acknowledgements: a file beside each segment says which of its frames are finished, in entries of 12 bytes.
 *
 *   entry:  +0 number of the frame (u32)   +4 its events (u32)   +8 CRC-32 of the 8 bytes before
 *
 * After the death of a process no finished batch is sent again. The file is not synced while it grows, so after a power failure
 * some batches are sent twice.
 */
import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { isFile, openToAppend, readWhole, succeeds } from './safe-files.js';

export interface Ack {
  readonly number: number;
  readonly events: number;
}

/** Instead of a frame's number: events of unreadable frames, whose loss was reported to the application. */
export const REPORTED_LOSS = 0xffffffff;

const ENTRY_BYTES = 12;

/** The entries of a file, with undefined for each damaged one. */
export function readAcks(path: string): (Ack | undefined)[] {
  const acks: (Ack | undefined)[] = [];
  if (!isFile(path)) return acks;
  succeeds(() => {
    const bytes = readWhole(path);
    for (let at = 0; at + ENTRY_BYTES <= bytes.byteLength; at += ENTRY_BYTES) {
      const isWhole = crc32(bytes.subarray(at, at + 8)) === bytes.readUInt32LE(at + 8);
      acks.push(isWhole ? { number: bytes.readUInt32LE(at), events: bytes.readUInt32LE(at + 4) } : undefined);
    }
  });
  return acks;
}

/** Opens the file to append. Pads a half-written entry at its end, which would shift all entries after it. */
export function openAcks(path: string): number {
  const fd = openToAppend(path);
  const { size } = fs.fstatSync(fd);
  if (size % ENTRY_BYTES !== 0) fs.writeSync(fd, Buffer.alloc(ENTRY_BYTES - (size % ENTRY_BYTES)));
  return fd;
}

export function writeAck(fd: number, { number, events }: Ack): void {
  const entry = Buffer.alloc(ENTRY_BYTES);
  entry.writeUInt32LE(number);
  entry.writeUInt32LE(events, 4);
  entry.writeUInt32LE(crc32(entry.subarray(0, 8)), 8);
  fs.writeSync(fd, entry);
}

/** The number of entries in the file. */
export function countAcks(path: string): number {
  try {
    return Math.floor(fs.lstatSync(path).size / ENTRY_BYTES);
  } catch {
    return 0;
  }
}
