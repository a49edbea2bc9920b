/**
 * Version 1 of the segment format, which is only read, so that an upgrade loses no events.
 *
 *   segment:  magic (16)   frame (the header, JSON)   frame (a batch)   frame …
 *   frame:    +0 length of the payload (u32)   +4 CRC-32 of the payload   +8 CRC-32 of the 8 bytes before   +12 payload
 *   finished: <name of the segment>.acks: numbers of frames (u32)
 *
 * A batch is encoded as in version 2. The number of events in a damaged frame is unknown.
 */
import { crc32 } from 'node:zlib';
import { isFile, readWhole, succeeds } from './safe-files.js';
import { decodeBatch, type ReadSegment, type SegmentHeader, type SpooledBatch } from './segment-format.js';

const MAGIC = Buffer.from('tailrace-spool-1');
const FRAME_HEADER_BYTES = 12;
const ACK_BYTES = 4;

/** Undefined if the bytes are not of this format. Never throws, whatever the bytes are. */
export function readFirstFormat(bytes: Buffer): ReadSegment | undefined {
  if (!bytes.subarray(0, MAGIC.byteLength).equals(MAGIC)) return undefined;
  const batches = new Map<number, SpooledBatch>();
  let header: SegmentHeader | undefined;
  let damaged = false;
  let tornBytes = 0;
  let next = -1;
  for (let at = MAGIC.byteLength; at < bytes.byteLength || next < 0; next++) {
    const frame = readFrame(bytes, at);
    if (frame === 'torn') {
      tornBytes = bytes.byteLength - at;
      break;
    }
    const { payload, end } = frame ?? {};
    if (next < 0) header = payload && readHeader(payload);
    const batch = next < 0 ? undefined : payload && decodeBatch(payload);
    if (batch !== undefined) batches.set(next, batch);
    damaged ||= next < 0 ? header === undefined : batch === undefined;
    if (end === undefined || header === undefined) break;
    at = end;
  }
  return { header, foreign: false, batches, damaged, next: Math.max(0, next), missing: 0, tornBytes };
}

/** The numbers of the finished frames. */
export function readFirstAcks(path: string): number[] {
  const numbers: number[] = [];
  if (!isFile(path)) return numbers;
  succeeds(() => {
    const bytes = readWhole(path);
    for (let at = 0; at + ACK_BYTES <= bytes.byteLength; at += ACK_BYTES)
      numbers.push(bytes.readUInt32LE(at));
  });
  return numbers;
}

/** Without a payload if the checksum does not fit. Undefined if no frame begins there. */
function readFrame(bytes: Buffer, start: number): { payload?: Buffer; end: number } | 'torn' | undefined {
  if (bytes.byteLength < start + FRAME_HEADER_BYTES) return 'torn';
  if (crc32(bytes.subarray(start, start + 8)) !== bytes.readUInt32LE(start + 8)) return undefined;
  const end = start + FRAME_HEADER_BYTES + bytes.readUInt32LE(start);
  if (end > bytes.byteLength) return 'torn';
  const payload = bytes.subarray(start + FRAME_HEADER_BYTES, end);
  return crc32(payload) === bytes.readUInt32LE(start + 4) ? { payload, end } : { end };
}

function readHeader(payload: Buffer): SegmentHeader | undefined {
  try {
    const { identity, engine } = JSON.parse(payload.toString());
    return { identity: String(identity), engine: String(engine), client: '', mark: '' };
  } catch {
    return undefined;
  }
}
