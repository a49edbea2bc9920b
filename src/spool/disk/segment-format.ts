/**
 * The bytes of a segment, the unit of the spool on disk: a header, then frames, one for each batch.
 *
 *   segment:  magic (16)   +16 length of the header (u32)   +20 CRC-32 of the header   +24 CRC-32 of the 8 bytes before
 *             +28 header (JSON)   frame   frame …
 *   frame:    +0 mark (8)   +8 length of the payload (u32)   +12 number of the frame (u32)
 *             +16 events in the frames before it (u32)   +20 events in it (u32)
 *             +24 CRC-32 of the payload   +28 CRC-32 of the bytes from 8 on   +32 payload: a batch
 *   batch:    lane (text)   count (u32)   for each record: ordinal (f64)   id (text)   bytes (u32 length, bytes)
 *   text:     length in bytes (u32)   UTF-8
 *
 * All numbers are little-endian. A frame has the encoded records of a batch, not its request: the process that sends the batch
 * makes the request anew, with its own headers and keys, so no key is ever on disk.
 *
 * If the process or the machine dies while it writes, the segment ends with a part of a frame ("torn"), which is ignored: its
 * batch was not counted as spooled. Everything else that does not fit its checksums is damage. The reader finds the next frame
 * after the damage by the mark, which is random and different for each segment, so that no event can contain it. The numbers in
 * that frame say how many events are lost.
 */
import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { EncodedRecord } from '../../shared/contract/exporter.js';

/** The last character is the version of the format. */
const FORMAT = 2;
const MAGIC = Buffer.from(`tailrace-spool-${FORMAT}`);
const FAMILY = MAGIC.subarray(0, -1);
const HEADER_OFFSET = MAGIC.byteLength + 12;
const MARK_BYTES = 8;
export const FRAME_HEADER_BYTES = 32;

export interface SegmentHeader {
  /** Hash of the exporter, server and project that the records are for. A hash, because a URL may hold a password. */
  readonly identity: string;
  /** The engine that accepted the records, and to which the ordinals belong. */
  readonly engine: string;
  /** The engine of the client, if `engine` is that of a thread that has attached to it. */
  readonly client: string;
  /** Hexadecimal. */
  readonly mark: string;
}

export interface SpooledBatch {
  readonly lane: string;
  readonly records: readonly EncodedRecord[];
  /** For each record, the number of records that the engine had accepted before it. */
  readonly ordinals: readonly number[];
}

/** Position of a frame in its segment. */
interface FramePosition {
  readonly number: number;
  /** Number of events in the frames before it. */
  readonly before: number;
}

export interface ReadSegment {
  /** Undefined if this is no segment or its header is damaged. */
  readonly header: SegmentHeader | undefined;
  /** Whether it has another version of the format. */
  readonly foreign: boolean;
  /** Undamaged batches, by number of the frame. */
  readonly batches: ReadonlyMap<number, SpooledBatch>;
  readonly damaged: boolean;
  /** The number that the next frame would have. */
  readonly next: number;
  /** Events of damaged frames that are followed by others. */
  readonly missing: number;
  /** Bytes of a half-written frame at the end. */
  readonly tornBytes: number;
}

export function newHeader(parts: Omit<SegmentHeader, 'mark'>): SegmentHeader {
  return { ...parts, mark: randomBytes(MARK_BYTES).toString('hex') };
}

export function encodeSegmentHeader({ identity, engine, client, mark }: SegmentHeader): Buffer {
  const payload = Buffer.from(JSON.stringify({ format: FORMAT, identity, engine, client, mark }));
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32LE(payload.byteLength);
  lengths.writeUInt32LE(crc32(payload), 4);
  return Buffer.concat([MAGIC, lengths, u32(crc32(lengths)), payload]);
}

export function encodeBatch({ lane, records, ordinals }: SpooledBatch): Buffer {
  const parts = [text(lane), u32(records.length)];
  for (const [index, { id, bytes }] of records.entries()) {
    const ordinal = Buffer.alloc(8);
    ordinal.writeDoubleLE(ordinals[index] ?? -1);
    parts.push(ordinal, text(id), u32(bytes.byteLength), bytes as Buffer);
  }
  return Buffer.concat(parts);
}

/** `payload`: an encoded batch with this number of events. */
export function encodeFrame(
  { mark }: SegmentHeader,
  { number, before }: FramePosition,
  events: number,
  payload: Buffer,
): Buffer {
  const start = Buffer.alloc(FRAME_HEADER_BYTES);
  start.write(mark, 'hex');
  for (const [index, value] of [payload.byteLength, number, before, events].entries()) {
    start.writeUInt32LE(value, MARK_BYTES + 4 * index);
  }
  start.writeUInt32LE(crc32(payload), 24);
  start.writeUInt32LE(crc32(start.subarray(MARK_BYTES, 28)), 28);
  return Buffer.concat([start, payload]);
}

/** Never throws, whatever the bytes are. */
export function readSegment(bytes: Buffer): ReadSegment {
  const batches = new Map<number, SpooledBatch>();
  const isMagic = bytes.subarray(0, MAGIC.byteLength).equals(MAGIC);
  const first = readHeader(bytes);
  if (first === undefined) {
    const isFamily = bytes.subarray(0, FAMILY.byteLength).equals(FAMILY);
    const foreign = !isMagic && isFamily && bytes.byteLength >= MAGIC.byteLength;
    const isTorn = isMagic ? isHeaderTorn(bytes) : MAGIC.subarray(0, bytes.byteLength).equals(bytes);
    const tornBytes = isTorn ? bytes.byteLength : 0;
    return {
      header: undefined,
      foreign,
      batches,
      damaged: !isTorn && !foreign,
      next: 0,
      missing: 0,
      tornBytes,
    };
  }
  const { header, end } = first;
  const mark = Buffer.from(header.mark, 'hex');
  let damaged = !isMagic;
  let next = 0;
  let before = 0;
  let missing = 0;
  for (let at = end; ; ) {
    const frame = at < bytes.byteLength ? readFrame(bytes, at) : 'torn';
    if (frame === 'torn') {
      return { header, foreign: false, batches, damaged, next, missing, tornBytes: bytes.byteLength - at };
    }
    if (frame === undefined || frame.number < next || frame.before < before) {
      damaged = true;
      at = bytes.indexOf(mark, at + 1);
      if (at >= 0) continue;
      return { header, foreign: false, batches, damaged, next, missing, tornBytes: 0 };
    }
    const batch = frame.isWhole ? decodeBatch(frame.payload) : undefined;
    missing += frame.before - before;
    if (batch !== undefined) batches.set(frame.number, batch);
    else missing += frame.events;
    damaged ||=
      batch === undefined || frame.before > before || !bytes.subarray(at, at + MARK_BYTES).equals(mark);
    next = frame.number + 1;
    before = frame.before + frame.events;
    at = frame.end;
  }
}

interface Frame extends FramePosition {
  readonly events: number;
  readonly payload: Buffer;
  readonly isWhole: boolean;
  readonly end: number;
}

/** Undefined if no frame begins there. */
function readFrame(bytes: Buffer, start: number): Frame | 'torn' | undefined {
  if (bytes.byteLength < start + FRAME_HEADER_BYTES) return 'torn';
  if (crc32(bytes.subarray(start + MARK_BYTES, start + 28)) !== bytes.readUInt32LE(start + 28)) {
    return undefined;
  }
  const [length = 0, number = 0, before = 0, events = 0] = [0, 1, 2, 3].map((index) =>
    bytes.readUInt32LE(start + MARK_BYTES + 4 * index),
  );
  const end = start + FRAME_HEADER_BYTES + length;
  if (end > bytes.byteLength) return 'torn';
  const payload = bytes.subarray(start + FRAME_HEADER_BYTES, end);
  const isWhole = crc32(payload) === bytes.readUInt32LE(start + 24);
  return { number, before, events, payload, isWhole, end };
}

/** Does not check the magic, in which a bit may be wrong. */
function readHeader(bytes: Buffer): { header: SegmentHeader; end: number } | undefined {
  const start = MAGIC.byteLength;
  if (bytes.byteLength < HEADER_OFFSET) return undefined;
  if (crc32(bytes.subarray(start, start + 8)) !== bytes.readUInt32LE(start + 8)) return undefined;
  const end = HEADER_OFFSET + bytes.readUInt32LE(start);
  const payload = bytes.subarray(HEADER_OFFSET, end);
  if (end > bytes.byteLength || crc32(payload) !== bytes.readUInt32LE(start + 4)) return undefined;
  try {
    const { format, identity, engine, client, mark } = JSON.parse(payload.toString());
    if (format !== FORMAT || !/^[0-9a-f]{16}$/.test(mark)) return undefined;
    return {
      header: { identity: String(identity), engine: String(engine), client: String(client), mark },
      end,
    };
  } catch {
    return undefined;
  }
}

/** Whether bytes that begin with the magic end within the header. */
function isHeaderTorn(bytes: Buffer): boolean {
  const start = MAGIC.byteLength;
  if (bytes.byteLength < HEADER_OFFSET) return true;
  const isLengthRight = crc32(bytes.subarray(start, start + 8)) === bytes.readUInt32LE(start + 8);
  return isLengthRight && bytes.byteLength < HEADER_OFFSET + bytes.readUInt32LE(start);
}

/** Undefined if the bytes are not a batch although their checksum is right. */
export function decodeBatch(payload: Buffer): SpooledBatch | undefined {
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
