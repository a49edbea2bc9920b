/** One folder for the spools of several rings, clients and processes: its bound, and what one leaves to the other. */
import { readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { closeSpool, isEmpty, isWaiting, keep, takeOldest } from '../../../src/spool/spool.js';
import { batch, filesIn, keepForLater, MiB, newDir, open, takeAll } from '../../support/spools.js';

vi.mock(
  import('../../../src/shared/runtime/real-time.js'),
  () => import('../../support/mocked-time.js') as never,
);

function bytesIn(dir: string): number {
  return filesIn(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}

describe('maxSpoolBytes', () => {
  it('bounds what all rings of a client have in the folder: the oldest goes, whose it is', () => {
    const dir = newDir();
    const rings = ['a', 'b', 'c', 'd'].map((engine) => open(dir, { engine, client: 'a', maxBytes: MiB }));
    for (let i = 0; i < 80; i++) {
      const { spool } = rings[i % 4] as (typeof rings)[number];
      for (const frame of keep(spool, [batch(`${i}`, 50_000)]) ?? []) frame.underWay = false;
      expect(bytesIn(dir)).toBeLessThanOrEqual(MiB);
    }
    const told = rings.reduce((sum, ring) => sum + ring.told.events, 0);
    const left = rings.flatMap(({ spool }) => takeAll(spool).map(Number)).sort((a, b) => a - b);
    expect(left.length + told).toBe(80);
    expect(left.length * 50_000).toBeGreaterThan(MiB / 4);
    expect(left.at(-1)).toBe(79);
    for (const { told } of rings) expect(told.events).toBeGreaterThan(0);
  });

  it('bounds it where others have filled it: each gives up its own, and says so', () => {
    const dir = newDir();
    const [one, two] = [open(dir, { engine: 'a', maxBytes: MiB }), open(dir, { engine: 'b', maxBytes: MiB })];
    for (let i = 0; i < 40; i++) {
      const { spool } = i < 20 ? one : two;
      for (const frame of keep(spool, [batch(`${i}`, 50_000)]) ?? []) frame.underWay = false;
    }
    expect(bytesIn(dir)).toBeLessThanOrEqual(MiB);
    expect([one.told.events, two.warnings.join()]).toEqual([0, expect.stringContaining('maxSpoolBytes is')]);
    expect(takeAll(one.spool)).toHaveLength(20);
  });

  it('is of the spool alone: what else is in the folder does not count', () => {
    const dir = newDir();
    writeFileSync(join(dir, 'data.bin'), Buffer.alloc(2 * MiB));
    const { spool, warnings } = open(dir, { maxBytes: MiB });
    keepForLater(spool, 'a');
    expect([takeAll(spool), warnings]).toEqual([['a'], []]);
  });
});

describe('a ring whose thread has ended', () => {
  it('leaves what it has on disk to its client, which knows whose it is', () => {
    const dir = newDir();
    const client = open(dir, { engine: 'a' });
    const thread = open(dir, { engine: 'b', client: 'a' });
    keepForLater(thread.spool, 'x', 'y');
    closeSpool(thread.spool, client.spool);
    expect([isEmpty(thread.spool), isWaiting(client.spool)]).toEqual([false, true]);
    expect(takeOldest(client.spool)?.frame.from).toBe('thread');
    // Nobody else can take it.
    expect(isWaiting(open(dir, { engine: 'c' }).spool)).toBe(false);
  });

  it('leaves it to the successor of its client as well, where that dies', () => {
    const dir = newDir();
    const client = open(dir, { engine: 'a' });
    const thread = open(dir, { engine: 'b', client: 'a' });
    keepForLater(thread.spool, 'x');
    closeSpool(thread.spool, client.spool);
    const successor = open(dir, { engine: 'a' });
    expect(takeOldest(successor.spool)?.frame.from).toBe('thread');
  });

  it('leaves it to the next process, where its client has ended before', () => {
    const dir = newDir();
    const client = open(dir, { engine: 'a' });
    const thread = open(dir, { engine: 'b', client: 'a' });
    keepForLater(thread.spool, 'x');
    closeSpool(client.spool);
    closeSpool(thread.spool, client.spool);
    const next = open(dir, { engine: 'c' });
    expect(takeOldest(next.spool)?.frame.from).toBe('earlier');
  });

  it('has its damage counted where its events are', () => {
    const dir = newDir();
    const client = open(dir, { engine: 'a' });
    const thread = open(dir, { engine: 'b', client: 'a' });
    keepForLater(thread.spool, 'x', 'y');
    closeSpool(thread.spool, client.spool);
    const [name = ''] = filesIn(dir);
    truncateSync(join(dir, name), statSync(join(dir, name)).size - 1);
    expect(takeAll(client.spool)).toEqual(['x']);
    expect(client.lost).toEqual([expect.stringContaining('1 thread:')]);
    expect(readdirSync(dir)).toEqual([expect.stringMatching(/\.corrupt$/)]);
  });
});
