/**
 * How a payload is stored: as ranges of bodies. A body holds the bytes that were new in one payload, compressed. Each turn of a
 * conversation sends all messages before it again, so most of its payload is ranges of earlier bodies.
 *
 *     payload:  total bytes │ body, start, length │ body, start, length │ …      all of them varints
 *     body:     how (0: as it is, 1: deflated) │ bytes
 */

import { deflateRawSync, inflateRawSync } from 'node:zlib';

export interface Range {
  body: number;
  start: number;
  length: number;
}

/** Where two messages of a list meet, and where the last one ends. A part ends before the comma or the bracket. */
const BETWEEN = Buffer.from('},{');
const LAST = Buffer.from('}]');
/** Shorter parts cost more to find again than they save. */
const MIN_PART_BYTES = 64;

/** Offsets at which the parts end. A list that begins with another list has the parts of that one first. */
export function partEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  let start = 0;
  const last = bytes.lastIndexOf(LAST);
  for (let at = bytes.indexOf(BETWEEN); at !== -1; at = bytes.indexOf(BETWEEN, at + 1)) {
    const end = at + 1;
    if (end - start < MIN_PART_BYTES) continue;
    ends.push(end);
    start = end;
  }
  if (last >= start) {
    start = last + 1;
    ends.push(start);
  }
  if (start < bytes.length) ends.push(bytes.length);
  return ends;
}

export function writeRanges(totalBytes: number, ranges: readonly Range[]): Uint8Array {
  const bytes: number[] = [];
  pushVarint(bytes, totalBytes);
  for (const { body, start, length } of ranges) {
    pushVarint(bytes, body);
    pushVarint(bytes, start);
    pushVarint(bytes, length);
  }
  return Uint8Array.from(bytes);
}

export function readTotalBytes(payload: Uint8Array): number {
  return varintsOf(payload).next().value ?? 0;
}

export function* readRanges(payload: Uint8Array): Generator<Range, void, void> {
  const [, ...numbers] = varintsOf(payload);
  for (let at = 0; at + 2 < numbers.length; at += 3) {
    yield {
      body: numbers[at] as number,
      start: numbers[at + 1] as number,
      length: numbers[at + 2] as number,
    };
  }
}

function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  bytes.push(rest);
}

function* varintsOf(bytes: Uint8Array): Generator<number, undefined, void> {
  let [value, factor] = [0, 1];
  for (const byte of bytes) {
    value += (byte & 0x7f) * factor;
    factor *= 0x80;
    if (byte >= 0x80) continue;
    yield value;
    [value, factor] = [0, 1];
  }
  return undefined;
}

const AS_IS = Buffer.from([0]);
const DEFLATED = Buffer.from([1]);
/** Level 6 makes messages of agents 4 % smaller in 20 % more time. */
const DEFLATE_LEVEL = 1;

export function packBody(bytes: Buffer): Uint8Array {
  const deflated = deflateRawSync(bytes, { level: DEFLATE_LEVEL });
  return deflated.length < bytes.length ? Buffer.concat([DEFLATED, deflated]) : Buffer.concat([AS_IS, bytes]);
}

export function unpackBody(body: Uint8Array): Buffer {
  const packed = Buffer.from(body.buffer, body.byteOffset + 1, body.byteLength - 1);
  return body[0] === DEFLATED[0] ? inflateRawSync(packed) : packed;
}
