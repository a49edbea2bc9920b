/** A spool whose files were cut short, changed, removed or replaced since: what was told as spooled arrives or is told as lost. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFolderName } from '../../../src/spool/disk/ownership.js';
import { closeSpool, isEmpty, keep, takeOldest } from '../../../src/spool/spool.js';
import { batchOf, crashed, filesIn, keepForLater, MiB, newDir, open, takeAll } from '../../support/spools.js';

/** A spool of 3 batches of 20 events, which was closed. */
function closed(done = 0): { dir: string; path: string; acks: string } {
  const dir = newDir();
  const { spool } = open(dir);
  keepSixty(dir, spool);
  takeAll(spool, done);
  closeSpool(spool);
  const path = filesIn(dir).find((name) => name.endsWith('.segment')) ?? '';
  const acks = filesIn(dir).find((name) => name.endsWith('.acks')) ?? '';
  return { dir, path: join(dir, path), acks: join(dir, acks) };
}

function keepSixty(_: string, spool: ReturnType<typeof open>['spool']): void {
  const ids = Array.from({ length: 60 }, (_, i) => `${i}`);
  for (const from of [0, 20, 40]) {
    for (const frame of keep(spool, [batchOf(ids.slice(from, from + 20))]) ?? []) frame.underWay = false;
  }
}

/** What the next process makes of it. */
function recover(dir: string) {
  const next = open(dir, { engine: '2' });
  const ids = takeAll(next.spool);
  return { ids, ...next };
}

describe('a spool that was closed', () => {
  it.each([
    ['nothing', 0, 0],
    ['less than its header', 0.01, 0],
    ['a half', 0.5, 20],
    ['all but a byte', 0.999, 40],
  ])('and cut to %s: the rest is set aside, named and counted', (_, part, left) => {
    const { dir, path } = closed();
    truncateSync(path, Math.floor(statSync(path).size * part));
    const { ids, warnings, lost, told } = recover(dir);
    expect([ids.length, told.events]).toEqual([left, 60 - left]);
    expect(lost).toEqual([expect.stringMatching(/^\d+ earlier: the segment .* is damaged \(\d+ bytes, and/)]);
    const [aside = ''] = filesIn(dir);
    expect(aside).toMatch(/\.corrupt$/);
    expect(warnings.join()).toContain(aside);
  });

  it('is told of once, also where the process that did so left it to another', () => {
    const { dir, path } = closed();
    truncateSync(path, Math.floor(statSync(path).size / 2));
    const second = open(dir, { engine: '2' });
    expect(takeOldest(second.spool)).toBeDefined();
    expect(second.told.events).toBe(40);
    closeSpool(second.spool);
    const third = recover(dir);
    expect([third.ids.length, third.told.events]).toEqual([20, 0]);
    expect(filesIn(dir)).toEqual([expect.stringMatching(/\.corrupt$/)]);
    expect(recover(dir)).toMatchObject({ ids: [], warnings: [] });
  });

  it('counts no event as lost that was done before', () => {
    const { dir, path } = closed(1);
    truncateSync(path, 0);
    expect(recover(dir).told.events).toBe(40);
  });

  it('and has a wrong bit in a batch: the others are sent, it is counted', () => {
    const { dir, path } = closed();
    const bytes = readFileSync(path);
    const middle = Math.floor(bytes.byteLength / 2);
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 4, middle);
    writeFileSync(path, bytes);
    const { ids, told } = recover(dir);
    expect([ids.length, told.events]).toEqual([40, 20]);
    expect(filesIn(dir)).toEqual([expect.stringMatching(/\.corrupt$/)]);
  });

  it('and has something behind its end: all is sent, and it is set aside', () => {
    const { dir, path } = closed();
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(100)]));
    const { ids, told } = recover(dir);
    expect([ids.length, told.events]).toEqual([60, 0]);
    expect(filesIn(dir)).toEqual([expect.stringMatching(/\.corrupt$/)]);
  });

  it('misses a segment', () => {
    const { dir, path } = closed();
    rmSync(path);
    const { ids, lost } = recover(dir);
    expect(ids).toEqual([]);
    expect(lost).toEqual([expect.stringContaining('60 earlier: segments are gone from')]);
    expect(recover(dir).lost).toEqual([]);
  });

  it('misses what says which batches were done: they are sent again, and that is said', () => {
    const { dir, acks } = closed(2);
    truncateSync(acks, 15);
    const { ids, told, warnings } = recover(dir);
    expect([ids.length, told.events]).toEqual([40, 0]);
    expect(warnings.join()).toContain('20 events of the spool may be sent a second time');
  });

  it('goes on writing what is done where that was cut in the middle of an entry', () => {
    const { dir, acks } = closed(1);
    truncateSync(acks, 5);
    const second = open(dir, { engine: '2' });
    takeAll(second.spool, 2);
    closeSpool(second.spool);
    expect(recover(dir).ids).toHaveLength(20);
  });

  it('is left alone where another version of tailrace wrote it', () => {
    const { dir, path } = closed();
    const bytes = Buffer.concat([Buffer.from('tailrace-spool-3'), readFileSync(path).subarray(40)]);
    writeFileSync(path, bytes);
    const { ids, told, warnings, spool } = recover(dir);
    expect([ids, told.events, isEmpty(spool)]).toEqual([[], 0, true]);
    expect(warnings.join()).toContain('was written by another version of tailrace');
    closeSpool(spool);
    const [left = ''] = filesIn(dir);
    expect(readFileSync(join(dir, left)).equals(bytes)).toBe(true);
  });

  it('is not missed where another version of tailrace has given its file a name', () => {
    const { dir, path } = closed();
    renameSync(path, `${path}-v3`);
    const { ids, lost, warnings } = recover(dir);
    expect([ids, lost]).toEqual([[], []]);
    expect(warnings).toEqual([expect.stringContaining('.segment-v3 (a file)')]);
  });

  it('is set aside where it is none, and its events are counted', () => {
    const { dir, path } = closed();
    writeFileSync(path, 'nonsense');
    expect(recover(dir)).toMatchObject({ ids: [], told: { events: 60 } });
    expect(filesIn(dir)).toEqual([expect.stringMatching(/\.corrupt$/)]);
  });

  it('is set aside where it is for another project: it is not sent from here', () => {
    const there = newDir();
    const other = open(there, { identity: 'there' });
    keepForLater(other.spool, 'secret');
    closeSpool(other.spool);
    const { dir, path } = closed();
    rmSync(path);
    const [file = ''] = filesIn(there);
    renameSync(join(there, file), path);
    expect(recover(dir)).toMatchObject({ ids: [] });
    expect(filesIn(dir)).toEqual([expect.stringMatching(/\.corrupt$/)]);
  });
});

describe('a spool whose process died', () => {
  it('ends in the middle of what was being written: that is said, and is no damage', () => {
    const dir = newDir();
    keepSixty(dir, open(dir).spool);
    const copy = crashed(dir);
    const [name = ''] = filesIn(copy);
    truncateSync(join(copy, name), statSync(join(copy, name)).size - 5);
    const { ids, told, warnings } = recover(copy);
    expect([ids.length, told.events]).toEqual([40, 0]);
    expect(warnings).toEqual([expect.stringMatching(/died while it wrote .* the last \d+ bytes/)]);
    expect(filesIn(copy)).toEqual([]);
  });

  it('had only made a file: that is said as well', () => {
    const dir = newDir();
    keepSixty(dir, open(dir).spool);
    const copy = crashed(dir);
    const [name = ''] = filesIn(copy);
    truncateSync(join(copy, name), 0);
    expect(recover(copy).warnings).toEqual([expect.stringContaining('died while it wrote')]);
  });

  it('has wrong bytes between its batches: what was there is counted by what comes behind', () => {
    const dir = newDir();
    keepSixty(dir, open(dir).spool);
    const copy = crashed(dir);
    const [name = ''] = filesIn(copy);
    const bytes = readFileSync(join(copy, name));
    const middle = Math.floor(bytes.byteLength / 2);
    bytes.fill(7, middle - 350, middle + 100);
    writeFileSync(join(copy, name), bytes);
    const { ids, told } = recover(copy);
    expect([ids, told.events]).toEqual([Array.from({ length: 20 }, (_, i) => `${40 + i}`), 40]);
    expect(filesIn(copy)).toEqual([expect.stringMatching(/\.corrupt$/)]);
  });

  it('had sealed a segment, which was cut since', () => {
    const dir = newDir();
    const { spool } = open(dir, { maxBytes: MiB });
    for (const id of ['a', 'b', 'c']) keep(spool, [batchOf([id], 100_000)]);
    const copy = crashed(dir);
    const [first = ''] = filesIn(copy).sort();
    truncateSync(join(copy, first), 1000);
    const { ids, told } = recover(copy);
    expect([ids.length + told.events, told.events > 0]).toEqual([3, true]);
  });
});

describe('a segment that is set aside', () => {
  it('is bounded with the others: the oldest go, and are named', () => {
    const dir = newDir();
    const removed: string[] = [];
    for (let i = 0; i < 8; i++) {
      const first = open(dir, { engine: `a${i}` });
      for (const frame of keep(first.spool, [batchOf([`${i}`, 'x'], 50_000)]) ?? []) frame.underWay = false;
      closeSpool(first.spool);
      const name = filesIn(dir).find((file) => file.endsWith('.segment')) ?? '';
      truncateSync(join(dir, name), 100_000);
      const { warnings } = (() => {
        const next = open(dir, { engine: `b${i}`, maxBytes: MiB });
        takeAll(next.spool);
        closeSpool(next.spool);
        return next;
      })();
      removed.push(...warnings.filter((warning) => warning.includes('older damaged segments')));
    }
    expect(filesIn(dir)).toHaveLength(2);
    expect(removed).toHaveLength(6);
    for (const warning of removed) expect(warning).toMatch(/removed .*\.corrupt/);
  });

  it('is one of 32 at most, however small they are', () => {
    const dir = newDir();
    for (let i = 0; i < 36; i++) {
      const { spool } = open(dir, { engine: `a${i}` });
      keepForLater(spool, `${i}`);
      closeSpool(spool);
      const name = filesIn(dir).find((file) => file.endsWith('.segment')) ?? '';
      truncateSync(join(dir, name), statSync(join(dir, name)).size - 1);
      const next = open(dir, { engine: `b${i}` });
      takeAll(next.spool);
      closeSpool(next.spool);
    }
    expect(filesIn(dir).map((name) => name.endsWith('.corrupt'))).toEqual(new Array(32).fill(true));
  });
});

describe('any damage', () => {
  const damage = fc.record({
    isClosed: fc.boolean(),
    done: fc.integer({ min: 0, max: 3 }),
    /** Of the files of the folder, by their share of them all. */
    file: fc.double({ min: 0, max: 0.999, noNaN: true }),
    kind: fc.constantFrom('cut', 'flip', 'zero', 'grow', 'remove'),
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    length: fc.integer({ min: 1, max: 2000 }),
    bit: fc.integer({ min: 0, max: 7 }),
  });

  it('loses no event without saying so, and tells none that is sent', () => {
    fc.assert(
      fc.property(damage, ({ isClosed, done, file, kind, at, length, bit }) => {
        const dir = newDir();
        const { spool } = open(dir, { maxBytes: MiB / 4 });
        const ids: string[] = [];
        for (let i = 0; i < 12; i++) {
          const batch = batchOf([`${i}/a`, `${i}/b`], 5_000);
          ids.push(...batch.records.map(({ id }) => id));
          for (const frame of keep(spool, [batch]) ?? []) frame.underWay = false;
        }
        const sent = new Set(takeAll(spool, done));
        const left = ids.filter((id) => !sent.has(id));
        if (isClosed) closeSpool(spool);
        const found = isClosed ? dir : crashed(dir);
        const names = filesIn(found);
        const name = names[Math.floor(file * names.length)] ?? '';
        const path = join(found, name);
        const bytes = readFileSync(path);
        const position = Math.floor(at * bytes.byteLength);
        if (kind === 'cut') truncateSync(path, position);
        if (kind === 'flip') bytes.writeUInt8(bytes.readUInt8(position) ^ (1 << bit), position);
        if (kind === 'zero') bytes.fill(0, position, Math.min(bytes.byteLength, position + length));
        if (kind === 'flip' || kind === 'zero') writeFileSync(path, bytes);
        if (kind === 'grow') writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(length, bit)]));
        if (kind === 'remove') rmSync(path);
        const next = recover(found);
        const arrived = new Set(next.ids.filter((id) => !sent.has(id)));
        const missing = left.length - arrived.size;
        expect(arrived.size).toBe([...arrived].filter((id) => left.includes(id)).length);
        const isAcks = name.endsWith('.acks');
        // Of the file that a dead process wrote to nobody knows how much there was of it, nor whether a file was there.
        const isKnown = isClosed || (/-\d+\.\d/.test(name) && kind !== 'remove');
        if (isAcks) expect([missing, next.told.events]).toEqual([0, 0]);
        else if (isKnown) expect(next.told.events).toBe(missing);
        else expect(next.told.events).toBeLessThanOrEqual(missing);
        if (missing > 0 && kind !== 'remove') expect([...next.warnings, ...next.lost]).not.toEqual([]);
        closeSpool(next.spool);
        expect(filesIn(found).every((one) => one.endsWith('.corrupt'))).toBe(true);
        expect(recover(found)).toMatchObject({ ids: [], lost: [], warnings: [] });
      }),
      { numRuns: 50 },
    );
  }, 120_000);
});

it('a folder with something else in it is left with that', () => {
  const { dir, path } = closed();
  const [folder = ''] = readdirSync(dir);
  mkdirSync(join(dir, folder, 'something'));
  rmSync(path);
  const { warnings, spool } = recover(dir);
  expect(warnings.join()).toContain('something (a folder)');
  closeSpool(spool);
  const [left = ''] = readdirSync(dir);
  expect(parseFolderName(left)).toMatchObject({ kind: 'free', events: 0 });
  expect(readdirSync(join(dir, left))).toEqual(['something']);
});
