/** A spool's folder in which there is something that is not of the spool, or that somebody put there. */
import { execFileSync } from 'node:child_process';
import fs, {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { folderName, freeFolderName, hashOf, thisOwner } from '../../../src/spool/disk/ownership.js';
import { adopt, closeSpool, isWaiting, keep, takeOldest } from '../../../src/spool/spool.js';
import { batch, crashed, filesIn, keepForLater, newDir, open, takeAll } from '../../support/spools.js';

afterEach(() => {
  vi.restoreAllMocks();
  lastVictim = '';
});

const onPosix = describe.skipIf(process.platform === 'win32');
const free = () => freeFolderName(thisOwner(hashOf('here'), '9'), 0);

/** What is not a file, by its name in words, and how to make it. */
const STRANGERS: [string, (path: string) => void][] = [
  ['a FIFO', (path) => void execFileSync('mkfifo', [path])],
  ['a symbolic link', (path) => symlinkSync(victim(), path)],
  ['a symbolic link', (path) => symlinkSync('/nowhere', path)],
  ['a socket', listen],
  ['a folder', (path) => mkdirSync(path)],
  ...(process.getuid?.() === 0
    ? [
        ['a device', (path: string) => void execFileSync('mknod', [path, 'c', '1', '3'])] as [
          string,
          () => void,
        ],
      ]
    : []),
];

let lastVictim = '';
/** A file of somebody else. */
function victim(): string {
  lastVictim = join(newDir(), 'victim');
  writeFileSync(lastVictim, 'not yours');
  return lastVictim;
}

function listen(path: string): void {
  const server = createServer().listen(path);
  onTestFinished(() => void server.close());
}

/** A spool of two batches, of which one is done, that was closed; the paths of its files. */
function closed() {
  const dir = newDir();
  const { spool } = open(dir);
  keepForLater(spool, 'a', 'b');
  takeAll(spool, 1);
  closeSpool(spool);
  const find = (end: string): string => join(dir, filesIn(dir).find((name) => name.endsWith(end)) ?? '');
  return { dir, segment: find('.segment'), acks: find('.acks') };
}

onPosix.each(STRANGERS)('%s', (kind, make) => {
  it('in the place of a segment is refused, named and left', () => {
    const { dir, segment } = closed();
    rmSync(segment);
    make(segment);
    const before = lstatSync(segment);
    const { spool, warnings, told } = open(dir, { engine: '2' });
    expect(takeAll(spool)).toEqual([]);
    expect(told.events).toBe(1);
    expect(warnings.join()).toMatch(new RegExp(`left where (it is|they are): .*\\(${kind}\\)`));
    const [folder = ''] = readdirSync(dir);
    const names = readdirSync(join(dir, folder));
    expect(names).toHaveLength(1);
    expect(lstatSync(join(dir, folder, names[0] ?? '')).ino).toBe(before.ino);
  });

  it('in the place of acknowledgements is neither read nor written to', () => {
    const { dir, acks } = closed();
    rmSync(acks);
    make(acks);
    const { spool, warnings } = open(dir, { engine: '2' });
    expect(takeAll(spool, 1)).toEqual(['a']);
    expect(takeAll(spool)).toEqual(['b']);
    closeSpool(spool);
    expect(warnings.join()).toContain(`(${kind})`);
    if (kind === 'a symbolic link' && lastVictim !== '') {
      expect(readFileSync(lastVictim, 'utf8')).toBe('not yours');
    }
  });

  it('in the place of acknowledgements that are still to be written is not written to', () => {
    const dir = newDir();
    const { spool } = open(dir);
    keepForLater(spool, 'a', 'b');
    const [name = ''] = filesIn(dir);
    make(join(dir, name.replace(/\.segment$/, '.acks')));
    expect(takeAll(spool, 1)).toEqual(['a']);
    if (lastVictim !== '' && existsSync(lastVictim))
      expect(readFileSync(lastVictim, 'utf8')).toBe('not yours');
  });

  it.skipIf(kind === 'a folder')('in the place of a folder is not taken over', () => {
    const dir = newDir();
    for (const name of [free(), folderName({ ...thisOwner(hashOf('here'), '9'), startedAt: 1 })]) {
      make(join(dir, name));
      const { spool, warnings } = open(dir, { engine: name });
      expect(isWaiting(spool)).toBe(false);
      expect(warnings.join()).toContain(`${join(dir, name)} (${kind})`);
      expect(existsSync(join(dir, name)) || lstatSync(join(dir, name)).isSymbolicLink()).toBe(true);
    }
  });

  it.skipIf(kind === 'a folder')('in the place of the spool is refused', () => {
    const dir = join(newDir(), 'spool');
    make(dir);
    const { spool, warnings } = open(dir);
    // Its link is followed: to a file, or to nothing.
    const isFollowed = kind === 'a symbolic link' && existsSync(lastVictim);
    const named = isFollowed ? `${lastVictim} is a file` : `${dir} is ${kind}`;
    expect(warnings).toEqual([expect.stringContaining(`${named}, not a folder; the spool uses`)]);
    expect([keep(spool, [batch('a')]), takeOldest(spool)]).toEqual([undefined, undefined]);
  });
});

onPosix('a link', () => {
  it('to a folder may be given as the folder of the spool, by one process and not by the next', () => {
    const real = newDir();
    const link = join(newDir(), 'link');
    symlinkSync(real, link);
    const { spool, warnings } = open(link);
    keepForLater(spool, 'a', 'b');
    expect(takeAll(spool, 1)).toEqual(['a']);
    closeSpool(spool);
    expect(filesIn(real)).toHaveLength(2);
    const next = open(real, { engine: '2' });
    expect(takeAll(next.spool)).toEqual(['b']);
    expect([...warnings, ...next.warnings]).toEqual([]);
  });

  it('to the folder of the spool that leads elsewhere meanwhile is not looked at again', () => {
    const real = newDir();
    const link = join(newDir(), 'link');
    symlinkSync(real, link);
    const { spool } = open(link);
    const elsewhere = newDir();
    rmSync(link);
    symlinkSync(elsewhere, link);
    keepForLater(spool, 'a');
    expect([filesIn(real).length, filesIn(elsewhere).length]).toEqual([1, 0]);
  });

  it("with a folder's name leaves the files of its target where they are", () => {
    const elsewhere = closed();
    const dir = newDir();
    const [folder = ''] = readdirSync(elsewhere.dir);
    const before = readdirSync(join(elsewhere.dir, folder));
    const link = join(dir, free());
    symlinkSync(join(elsewhere.dir, folder), link);
    const { spool } = open(dir);
    expect(takeAll(spool)).toEqual([]);
    closeSpool(spool);
    expect(readlinkSync(link)).toBe(join(elsewhere.dir, folder));
    expect(readdirSync(join(elsewhere.dir, folder))).toEqual(before);
  });

  it('that is put in the place of the folder that is written to is not followed', () => {
    const dir = newDir();
    const { spool } = open(dir);
    keepForLater(spool, 'a');
    const [folder = ''] = readdirSync(dir);
    const elsewhere = newDir();
    rmSync(join(dir, folder), { recursive: true });
    symlinkSync(elsewhere, join(dir, folder));
    keepForLater(spool, 'b');
    expect(takeAll(spool)).toEqual(['b']);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  it('that is put in the place of the folder that is read from is not followed', () => {
    const { dir } = closed();
    const { spool, told } = open(dir, { engine: '2' });
    const [folder = ''] = readdirSync(dir);
    const elsewhere = join(newDir(), 'elsewhere');
    renameSync(join(dir, folder), elsewhere);
    symlinkSync(elsewhere, join(dir, folder));
    const before = readdirSync(elsewhere);
    expect(takeAll(spool)).toEqual([]);
    expect(told.events).toBe(1);
    closeSpool(spool);
    expect(readdirSync(elsewhere)).toEqual(before);
    expect(readlinkSync(join(dir, folder))).toBe(elsewhere);
  });

  it('above the spool is followed: that way is the application’s own', () => {
    const [target, dir] = [newDir(), newDir()];
    symlinkSync(target, join(dir, 'link'));
    const { spool, warnings } = open(join(dir, 'link', 'spool'));
    keepForLater(spool, 'a');
    expect(warnings).toEqual([]);
    expect(filesIn(join(target, 'spool'))).toHaveLength(1);
  });

  it('of the hard kind, in the place of acknowledgements, is not written to', () => {
    const dir = newDir();
    const { spool } = open(dir);
    keepForLater(spool, 'a', 'b');
    const [name = ''] = filesIn(dir);
    linkSync(victim(), join(dir, name.replace(/\.segment$/, '.acks')));
    takeAll(spool, 1);
    expect(readFileSync(lastVictim, 'utf8')).toBe('not yours');
  });

  it('that takes the place of a file between the look at it and its opening is not read', () => {
    const { dir, segment } = closed();
    const target = victim();
    const lstat = fs.lstatSync;
    const { spool, warnings, told } = open(dir, { engine: '2' });
    const [folder = ''] = readdirSync(dir);
    const path = join(dir, folder, segment.split('/').at(-1) ?? '');
    vi.spyOn(fs, 'lstatSync').mockImplementation(((file: string, options: object) => {
      const stats = lstat(file, options);
      if (file === path && !stats.isSymbolicLink()) {
        fs.unlinkSync(path);
        symlinkSync(target, path);
      }
      return stats;
    }) as never);
    expect(takeAll(spool)).toEqual([]);
    expect(told.events).toBe(1);
    expect(warnings.join()).toContain('could not be read');
  });
});

describe('what a spool makes', () => {
  it.skipIf(process.platform === 'win32')('is for the owner of the process alone, whatever the mask', () => {
    const mask = process.umask(0);
    onTestFinished(() => void process.umask(mask));
    const dir = join(newDir(), 'deep', 'spool');
    const { spool } = open(dir);
    keepForLater(spool, 'a', 'b');
    takeAll(spool, 1);
    for (const name of ['', ...(readdirSync(dir, { recursive: true }) as string[])]) {
      expect(statSync(join(dir, name)).mode & 0o077, name).toBe(0);
    }
  });

  it.skipIf(process.platform === 'win32')(
    'takes from others what a folder that is taken over allowed them',
    () => {
      const { dir } = closed();
      const [folder = ''] = readdirSync(dir);
      chmodSync(join(dir, folder), 0o777);
      const { spool } = open(dir, { engine: '2' });
      expect(isWaiting(spool)).toBe(true);
      expect(statSync(join(dir, readdirSync(dir)[0] ?? '')).mode & 0o777).toBe(0o700);
    },
  );

  it.skipIf(process.platform === 'win32')('in a folder that all may write to comes with a warning', () => {
    const dir = newDir();
    chmodSync(dir, 0o777);
    const { spool, warnings } = open(dir);
    keepForLater(spool, 'a');
    adopt(spool);
    expect(warnings).toEqual([expect.stringContaining('chmod 700')]);
    expect(takeAll(spool)).toEqual(['a']);
  });
});

it.skipIf(process.getuid?.() !== 0)(
  'a folder that another user put where all may write is left alone',
  () => {
    const { dir } = closed();
    const [folder = ''] = readdirSync(dir);
    chownSync(join(dir, folder), 12_345, 12_345);
    chmodSync(dir, 0o1777);
    const { spool, warnings } = open(dir, { engine: '2' });
    expect(isWaiting(spool)).toBe(false);
    expect(warnings).toEqual([expect.stringContaining(`${join(dir, folder)} (a folder of another user)`)]);
    chmodSync(dir, 0o700);
    adopt(spool);
    expect(takeAll(spool)).toEqual(['b']);
  },
);

it('a folder that cannot be read does not keep the others from being read', () => {
  const { dir } = closed();
  const other = open(dir, { engine: '2' });
  keepForLater(other.spool, 'c');
  closeSpool(other.spool);
  const readdir = fs.readdirSync;
  let denied = '';
  vi.spyOn(fs, 'readdirSync').mockImplementation(((path: string, options: object) => {
    if (path !== dir && (denied === '' || denied === path)) {
      denied = path;
      throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    }
    return readdir(path, options as never);
  }) as never);
  const { spool, warnings } = open(dir, { engine: '3' });
  expect(takeAll(spool)).toHaveLength(1);
  expect(warnings).toEqual([expect.stringContaining(`${denied} (EACCES`)]);
});

describe('a folder that cannot be made', () => {
  it.each([
    ['ENOENT', () => '/proc/nope', process.platform !== 'linux'],
    ['ENOENT', () => '/proc/nope/deeper/still', process.platform !== 'linux'],
    ['ENAMETOOLONG', () => join(newDir(), 'x'.repeat(300)), false],
    ['ENOTDIR', () => join('/dev/null', 'spool'), process.platform === 'win32'],
    ['ENOTDIR', fileInTheWay, false],
  ])('(%s) is told once, with what to do', (code, pathOf, isSkipped) => {
    if (isSkipped) return;
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { spool, warnings } = open(pathOf());
    for (let tries = 0; tries < 3; tries++) {
      expect([keep(spool, [batch('a')]), takeOldest(spool)]).toEqual([undefined, undefined]);
      adopt(spool);
      vi.advanceTimersByTime(10_000);
    }
    expect(warnings).toEqual([expect.stringContaining(code)]);
    expect(warnings[0]).toMatch(/; (give spoolDir|let this process|a part of the path|the spool uses)/);
  });

  it.each(['EROFS', 'EACCES', 'ENOSPC', 'EIO'])('(%s) is told with the word of the system', (code) => {
    const fault = () => {
      throw Object.assign(new Error(`${code}: injected`), { code });
    };
    vi.spyOn(fs, 'mkdirSync').mockImplementation(fault as never);
    const { warnings } = open(join(newDir(), 'spool'));
    expect(warnings).toEqual([expect.stringContaining(`${code}: injected`)]);
  });

  function fileInTheWay(): string {
    const file = join(newDir(), 'file');
    writeFileSync(file, '');
    return join(file, 'spool');
  }
});

it('a segment of a process that died is refused where it is none', () => {
  const dir = newDir();
  keepForLater(open(dir).spool, 'a');
  const copy = crashed(dir);
  const [name = ''] = filesIn(copy);
  rmSync(join(copy, name));
  symlinkSync('/etc/passwd', join(copy, name));
  const { spool, warnings } = open(copy);
  expect(takeAll(spool)).toEqual([]);
  expect(warnings.join()).toContain('(a symbolic link)');
});
