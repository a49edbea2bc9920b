/**
 * The bytes of a segment, the unit of the spool on disk: a header, then frames, one for each batch.
 *
 *   segment:  magic   frame (the header, JSON)   frame (a batch)   frame …
 *   frame:    +0 length of the payload (u32)   +4 CRC-32 of the payload   +8 CRC-32 of the 8 bytes before   +12 payload
 *   batch:    lane (text)   count (u32)   for each record: ordinal (f64)   id (text)   bytes (u32 length, bytes)
 *   text:     length in bytes (u32)   UTF-8
 *
 * All numbers are little-endian. What is kept of a batch is what its request is made of, not the request: that is made
 * anew when it is sent, with the headers and keys of the process that sends it, so no key is ever on disk.
 *
 * A frame that was being written when the process or the machine died is a prefix of a frame: it is left out, nobody
 * was told that it is kept. Everything else that does not fit its checksums is damage, and the segment is set aside.
 */
import { crc32 } from 'node:zlib';
import type { EncodedRecord } from '../shared/exporter.js';

/** The last character is the version of the format. */
const MAGIC = Buffer.from('tailrace-spool-1');
const FRAME_HEADER_BYTES = 12;

export interface SegmentHeader {
  /** Which exporter, server and project the records are for (a hash: an address may hold a password). */
  readonly identity: string;
  /** The engine that accepted the records; ordinals are its own. */
  readonly engine: string;
}

export interface SpooledBatch {
  readonly lane: string;
  readonly records: readonly EncodedRecord[];
  /** By record: how many the engine had accepted before it. */
  readonly ordinals: readonly number[];
}

export interface ReadSegment {
  /** Undefined: this is no segment. */
  readonly header: SegmentHeader | undefined;
  /** By number of the frame, those that are whole. */
  readonly batches: ReadonlyMap<number, SpooledBatch>;
  readonly damaged: boolean;
}

export function encodeSegmentHeader({ identity, engine }: SegmentHeader): Buffer {
  return Buffer.concat([MAGIC, encodeFrame(Buffer.from(JSON.stringify({ identity, engine })))]);
}

export function encodeBatch({ lane, records, ordinals }: SpooledBatch): Buffer {
  const parts = [text(lane), u32(records.length)];
  for (const [index, { id, bytes }] of records.entries()) {
    const ordinal = Buffer.alloc(8);
    ordinal.writeDoubleLE(ordinals[index] ?? -1);
    parts.push(ordinal, text(id), u32(bytes.byteLength), bytes as Buffer);
  }
  return encodeFrame(Buffer.concat(parts));
}

/** Never throws, whatever the bytes are. */
export function readSegment(bytes: Buffer): ReadSegment {
  const batches = new Map<number, SpooledBatch>();
  if (!bytes.subarray(0, MAGIC.byteLength).equals(MAGIC)) {
    return { header: undefined, batches, damaged: !MAGIC.subarray(0, bytes.byteLength).equals(bytes) };
  }
  const first = readFrame(bytes, MAGIC.byteLength);
  const header = 'payload' in first ? parseHeader(first.payload) : undefined;
  if (header === undefined) return { header, batches, damaged: first.kind !== 'torn' };
  let damaged = false;
  let frame = first;
  for (let number = 0; 'end' in frame && frame.end < bytes.byteLength; number++) {
    frame = readFrame(bytes, frame.end);
    const batch = 'payload' in frame ? decodeBatch(frame.payload) : undefined;
    if (batch !== undefined) batches.set(number, batch);
    else if (frame.kind !== 'torn') damaged = true;
  }
  return { header, batches, damaged };
}

type Frame =
  | { readonly kind: 'whole'; readonly payload: Buffer; readonly end: number }
  /** Its length is right, its payload is not: the next frame can be read. */
  | { readonly kind: 'damaged'; readonly end: number }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'torn' };

function encodeFrame(payload: Buffer): Buffer {
  const frame = Buffer.alloc(FRAME_HEADER_BYTES + payload.byteLength);
  frame.writeUInt32LE(payload.byteLength);
  frame.writeUInt32LE(crc32(payload), 4);
  frame.writeUInt32LE(crc32(frame.subarray(0, 8)), 8);
  payload.copy(frame, FRAME_HEADER_BYTES);
  return frame;
}

function readFrame(bytes: Buffer, start: number): Frame {
  if (bytes.byteLength < start + FRAME_HEADER_BYTES) return { kind: 'torn' };
  if (crc32(bytes.subarray(start, start + 8)) !== bytes.readUInt32LE(start + 8)) {
    return { kind: 'unreadable' };
  }
  const end = start + FRAME_HEADER_BYTES + bytes.readUInt32LE(start);
  if (end > bytes.byteLength) return { kind: 'torn' };
  const payload = bytes.subarray(start + FRAME_HEADER_BYTES, end);
  if (crc32(payload) !== bytes.readUInt32LE(start + 4)) return { kind: 'damaged', end };
  return { kind: 'whole', payload, end };
}

function parseHeader(payload: Buffer): SegmentHeader | undefined {
  try {
    const { identity, engine } = JSON.parse(payload.toString());
    return { identity: String(identity), engine: String(engine) };
  } catch {
    return undefined;
  }
}

/** Undefined: the checksums are right and yet this is no batch. */
function decodeBatch(payload: Buffer): SpooledBatch | undefined {
  let position = 0;
  const take = (length: number): Buffer => {
    if (position + length > payload.byteLength) throw new RangeError('the batch ends too soon');
    position += length;
    return payload.subarray(position - length, position);
  };
  const takeSized = (): Buffer => take(take(4).readUInt32LE());
  try {
    const lane = takeSized().toString();
    const records: EncodedRecord[] = [];
    const ordinals: number[] = [];
    for (let count = take(4).readUInt32LE(); count > 0; count--) {
      ordinals.push(take(8).readDoubleLE());
      records.push({ lane, id: takeSized().toString(), bytes: takeSized() });
    }
    return position === payload.byteLength ? { lane, records, ordinals } : undefined;
  } catch {
    return undefined;
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u32(bytes.byteLength), bytes]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
