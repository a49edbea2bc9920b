/** Folders that the first version of the spool's format has left: an upgrade sends what is in them. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { hashOf } from '../../../../src/spool/disk/ownership.js';
import { encodeBatch } from '../../../../src/spool/disk/segment-format.js';
import { closeSpool } from '../../../../src/spool/spool.js';
import { batch, filesIn, newDir, open, takeAll } from '../../../support/spools.js';

const NAME = '000001700000000-000000000.segment';

function frame(payload: Buffer): Buffer {
  const start = Buffer.alloc(12);
  start.writeUInt32LE(payload.byteLength);
  start.writeUInt32LE(crc32(payload), 4);
  start.writeUInt32LE(crc32(start.subarray(0, 8)), 8);
  return Buffer.concat([start, payload]);
}

function segmentOf(...ids: string[]): Buffer {
  const header = Buffer.from(JSON.stringify({ identity: hashOf('here'), engine: '1.1.1' }));
  const frames = ids.map((id) => frame(encodeBatch(batch(id))));
  return Buffer.concat([Buffer.from('tailrace-spool-1'), frame(header), ...frames]);
}

/** `done`: numbers of frames. */
function leftBehind(bytes: Buffer, done: readonly number[] = []): string {
  const dir = newDir();
  const folder = join(dir, `${hashOf('here')}.free.0123456789ab`);
  mkdirSync(folder);
  writeFileSync(join(folder, NAME), bytes);
  const acks = Buffer.from(Uint32Array.from(done).buffer);
  if (done.length > 0) writeFileSync(join(folder, `${NAME}.acks`), acks);
  return dir;
}

describe('a segment of the first format', () => {
  it('is sent and removed', () => {
    const dir = leftBehind(segmentOf('a', 'b', 'c'));
    const { spool, warnings, lost } = open(dir);
    expect(takeAll(spool)).toEqual(['a', 'b', 'c']);
    expect([warnings, lost, filesIn(dir)]).toEqual([[], [], []]);
  });

  it('is sent but for what was sent already, over several processes', () => {
    const dir = leftBehind(segmentOf('a', 'b', 'c', 'd'), [1]);
    const first = open(dir);
    expect(takeAll(first.spool, 1)).toEqual(['a']);
    closeSpool(first.spool);
    const second = open(dir, { engine: '2' });
    expect(takeAll(second.spool)).toEqual(['c', 'd']);
    const told = [first, second].flatMap(({ warnings, lost }) => [...warnings, ...lost]);
    expect([told, filesIn(dir)]).toEqual([[], []]);
  });

  it('that nobody reads keeps what says what was sent', () => {
    const dir = leftBehind(segmentOf('a', 'b'), [0]);
    closeSpool(open(dir).spool);
    const { spool, lost } = open(dir, { engine: '2' });
    expect([takeAll(spool), lost]).toEqual([['b'], []]);
  });

  it('of which a process did not write the last batch to its end is sent without it', () => {
    const bytes = segmentOf('a', 'b');
    const dir = leftBehind(bytes.subarray(0, -1));
    const { spool, warnings } = open(dir);
    expect(takeAll(spool)).toEqual(['a']);
    expect(warnings).toEqual([expect.stringContaining('are not a whole batch')]);
    expect(filesIn(dir)).toEqual([]);
  });

  it('that is damaged is sent as far as it can be read, and set aside', () => {
    const bytes = segmentOf('a', 'b', 'c');
    const last = bytes.byteLength - 1;
    bytes[last] = (bytes[last] as number) ^ 1;
    const dir = leftBehind(bytes);
    const { spool, warnings } = open(dir);
    expect(takeAll(spool)).toEqual(['a', 'b']);
    expect(warnings).toEqual([expect.stringContaining('is set aside')]);
    const [aside = ''] = readdirSync(dir).filter((name) => name.endsWith('.corrupt'));
    expect(readFileSync(join(dir, aside))).toEqual(bytes);
  });

  it('never makes a reader throw, cut or changed anywhere', () => {
    const bytes = segmentOf('a', 'b');
    for (let at = 16; at < bytes.byteLength; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ 0x10;
      for (const one of [bytes.subarray(0, at), changed]) {
        expect(() => takeAll(open(leftBehind(one), { engine: '3' }).spool)).not.toThrow();
      }
    }
  });
});
