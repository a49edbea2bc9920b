/** The spool on a real disk: what is kept, taken over, done, given up and set aside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, {
  chmodSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  freeFolderName,
  hashOf,
  LEASE_MS,
  type Owner,
  parseFolderName,
  thisOwner,
} from '../../../src/spool/disk/ownership.js';
import { adopt, closeSpool, finish, isWaiting, keep, putBack, takeOldest } from '../../../src/spool/spool.js';
import {
  batch,
  filesIn,
  giveFolderTo,
  keepForLater,
  MiB,
  newDir,
  open,
  takeAll,
} from '../../support/spools.js';

vi.mock(
  import('../../../src/shared/runtime/real-time.js'),
  () => import('../../support/mocked-time.js') as never,
);

afterEach(() => void vi.restoreAllMocks());

describe('what is kept', () => {
  it('is taken oldest first, and leaves nothing behind when it is done', () => {
    const dir = newDir();
    const { spool } = open(dir);
    keepForLater(spool, 'a', 'b', 'c');
    expect(takeAll(spool)).toEqual(['a', 'b', 'c']);
    expect(filesIn(dir)).toEqual([]);
  });

  it('is for the owner of the process alone', () => {
    const dir = newDir();
    const { spool } = open(dir);
    keepForLater(spool, 'a');
    for (const name of readdirSync(dir, { recursive: true }) as string[]) {
      const { mode } = statSync(join(dir, name));
      expect(mode & 0o077, name).toBe(0);
    }
  });

  it('is not taken while it is under way, and again when that came to nothing', () => {
    const { spool } = open(newDir());
    const [frame] = keep(spool, [batch('a')]) ?? [];
    expect([isWaiting(spool), takeOldest(spool)]).toEqual([false, undefined]);
    if (frame !== undefined) putBack(spool, frame);
    expect([isWaiting(spool), takeAll(spool)]).toEqual([true, ['a']]);
  });

  it('and never taken by the server does not hold up the others', () => {
    const { spool } = open(newDir());
    keepForLater(spool, 'never', 'b');
    const never = takeOldest(spool);
    if (never !== undefined) putBack(spool, never.frame);
    expect(takeAll(spool)).toEqual(['b', 'never']);
  });

  it('is on disk when it is said to be', () => {
    const sync = vi.spyOn(fs, 'fdatasyncSync');
    const { spool } = open(newDir());
    keep(spool, [batch('a'), batch('b')]);
    expect(sync).toHaveBeenCalledTimes(1);
  });
});

describe('a spool that was left', () => {
  it('by a client that was shut down is taken over, without what was done', () => {
    const dir = newDir();
    const first = open(dir);
    keepForLater(first.spool, 'a', 'b', 'c');
    const next = takeOldest(first.spool);
    if (next !== undefined) finish(first.spool, next.frame);
    closeSpool(first.spool);
    expect(takeAll(open(dir, { engine: '2' }).spool)).toEqual(['b', 'c']);
    expect(filesIn(dir)).toEqual([]);
  });

  it('is taken over by one of two', () => {
    const dir = newDir();
    const first = open(dir);
    keepForLater(first.spool, 'a');
    closeSpool(first.spool);
    const [second, third] = [open(dir, { engine: '2' }), open(dir, { engine: '3' })];
    expect([takeAll(second.spool), takeAll(third.spool)]).toEqual([['a'], []]);
  });

  it('by a worker that died is taken over by its successor, and by no other client of the process', () => {
    const dir = newDir();
    keepForLater(open(dir).spool, 'a');
    expect(isWaiting(open(dir, { engine: '2' }).spool)).toBe(false);
    expect(takeAll(open(dir).spool)).toEqual(['a']);
  });

  it('holding events for another project is left alone, and named', () => {
    const dir = newDir();
    const first = open(dir, { identity: 'there' });
    keepForLater(first.spool, 'a');
    closeSpool(first.spool);
    const { spool, warnings } = open(dir);
    expect(isWaiting(spool)).toBe(false);
    expect(warnings.join()).toContain('another server, project or exporter');
    expect(takeAll(open(dir, { identity: 'there' }).spool)).toEqual(['a']);
  });

  it('holds more than is allowed: the oldest of it is given up', () => {
    const dir = newDir();
    const first = open(dir);
    for (let i = 0; i < 20; i++)
      for (const frame of keep(first.spool, [batch(`${i}`, MiB)]) ?? []) frame.underWay = false;
    closeSpool(first.spool);
    const { spool, lost } = open(dir, { maxBytes: 12 * MiB });
    expect(lost.join()).toContain('the spool is full');
    expect(takeAll(spool).at(-1)).toBe('19');
  });
});

describe('an owner', () => {
  const folderOf = (owner: Partial<Owner>) => {
    const dir = newDir();
    const { spool } = open(dir, { engine: 'aa' });
    keepForLater(spool, 'a');
    closeSpool(spool);
    return { dir, path: giveFolderTo(dir, owner) };
  };
  const isTaken = (dir: string): boolean => isWaiting(open(dir, { engine: 'bb' }).spool);
  const untouched = (path: string): void => {
    const then = new Date(Date.now() - LEASE_MS - 1000);
    utimesSync(path, then, then);
  };

  it('whose process lives keeps its folder, however long it has not touched it', async () => {
    const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000); console.log(1)']);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    const pid = child.pid as number;
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const startedAt = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    const { dir, path } = folderOf({ pid, startedAt });
    untouched(path);
    expect(isTaken(dir)).toBe(false);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isTaken(dir)).toBe(true);
  });

  it('whose process id is now that of another process has lost it', () => {
    expect(isTaken(folderOf({ pid: process.ppid, startedAt: 1 }).dir)).toBe(true);
    expect(isTaken(folderOf({ pid: process.pid, startedAt: 1 }).dir)).toBe(true);
  });

  it.each([
    ['on another machine', { scope: hashOf('another'), pid: 1 }],
    ['of another thread of this process', { engine: 'cc' }],
    ['whose start is not known', { pid: process.ppid, startedAt: 0 }],
  ])('%s keeps it as long as it touches it', (_, owner) => {
    const { dir, path } = folderOf(owner);
    expect(isTaken(dir)).toBe(false);
    untouched(path);
    expect(isTaken(dir)).toBe(true);
  });

  it('finds its folder gone, and makes another', () => {
    const dir = newDir();
    const { spool, warnings, lost } = open(dir);
    keepForLater(spool, 'a');
    rmSync(dir, { recursive: true });
    keepForLater(spool, 'b');
    expect(takeAll(spool)).toEqual(['b']);
    expect(lost).toEqual(['1: a segment of the spool could not be read']);
    expect(warnings.join()).toContain('ENOENT');
  });
});

describe('a full spool', () => {
  it('gives up the oldest for the newest, and says how many', () => {
    const { spool, lost } = open(newDir(), { maxBytes: MiB });
    for (let i = 0; i < 100; i++) {
      for (const frame of keep(spool, [batch(`${i}`, 50_000)]) ?? []) frame.underWay = false;
    }
    const left = takeAll(spool).map(Number);
    expect(left.at(-1)).toBe(99);
    const given = lost.reduce((sum, message) => sum + Number.parseInt(message, 10), 0);
    expect(left).toEqual(Array.from({ length: 100 - given }, (_, i) => given + i));
    expect(left.length * 50_000).toBeLessThanOrEqual(MiB);
    expect(left.length * 50_000).toBeGreaterThan(MiB / 2);
  });

  it('does not take a batch larger than itself', () => {
    const { spool, warnings } = open(newDir(), { maxBytes: MiB });
    expect(keep(spool, [batch('a', 2 * MiB)])).toBeUndefined();
    expect(warnings.join()).toContain('maxSpoolBytes');
  });
});

describe('a fault of the disk', () => {
  const fault = (code: string) => () => {
    throw Object.assign(new Error(`${code}: injected`), { code });
  };

  it.each(['writeSync', 'fdatasyncSync', 'openSync', 'mkdirSync'] as const)(
    'in %s keeps nothing, is told, and passes',
    (name) => {
      vi.useFakeTimers();
      onTestFinished(() => void vi.useRealTimers());
      const dir = newDir();
      const { spool, warnings } = open(dir);
      const broken = vi.spyOn(fs, name).mockImplementation(fault('ENOSPC') as never);
      expect(keep(spool, [batch('a')])).toBeUndefined();
      broken.mockRestore();
      expect(warnings.join()).toContain('ENOSPC');
      vi.advanceTimersByTime(10_000);
      keepForLater(spool, 'b');
      expect(takeAll(spool)).toEqual(['b']);
    },
  );

  it('in the middle of a batch spoils neither what was kept before nor what comes later', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const dir = newDir();
    const { spool } = open(dir);
    keepForLater(spool, 'a');
    const write = fs.writeSync;
    const half = vi
      .spyOn(fs, 'writeSync')
      .mockImplementationOnce(((fd: number, bytes: Buffer) => write(fd, bytes.subarray(0, 20))) as never);
    half.mockImplementationOnce(fault('EIO') as never);
    expect(keep(spool, [batch('half')])).toBeUndefined();
    vi.advanceTimersByTime(10_000);
    keepForLater(spool, 'b');
    closeSpool(spool);
    expect(takeAll(open(dir).spool)).toEqual(['a', 'b']);
    expect(filesIn(dir)).toEqual([]);
  });

  it('is a folder that is a file', () => {
    const dir = join(newDir(), 'file');
    writeFileSync(dir, '');
    const { spool, warnings } = open(dir);
    expect(warnings).toEqual([expect.stringContaining('delivery goes on without it')]);
    expect([keep(spool, [batch('a')]), takeOldest(spool)]).toEqual([undefined, undefined]);
  });

  it.skipIf(process.getuid?.() === 0)('is a folder that may not be written to', () => {
    const dir = newDir();
    chmodSync(dir, 0o500);
    expect(open(dir).warnings.join()).toContain('EACCES');
  });
});

it('looks again for what processes have left that died since', () => {
  const dir = newDir();
  const { spool } = open(dir);
  const other = open(dir, { engine: '2' });
  keepForLater(other.spool, 'a');
  closeSpool(other.spool);
  adopt(spool);
  expect(takeAll(spool)).toEqual(['a']);
  expect(parseFolderName(freeFolderName(thisOwner(hashOf('x'), '1'), 0))).toMatchObject({ kind: 'free' });
});
