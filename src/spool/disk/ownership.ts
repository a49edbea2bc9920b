/**
 * Ownership of the spool's folders. The name of a folder is its lock: it names the process that owns it. To take over the folder
 * of a dead owner is to rename it, which only one of several processes succeeds in. So there are no lock files to be left behind,
 * and no two living processes send the same segment.
 *
 * An owner is dead if its process has ended, or its process id belongs to another process (with another start time). If that is
 * unknown (another machine or container shares the disk, or there is no /proc) or says nothing (another thread of this process),
 * an owner is dead if it has not touched its folder for `LEASE_MS`.
 */
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { hostname } from 'node:os';

export interface Owner {
  /** Hash of the exporter, server and project that the records are for. */
  readonly identity: string;
  /** The machine or container in which the process id is unique. */
  readonly scope: string;
  readonly pid: number;
  /** Start time of the process in the system's own unit; 0 if unknown. */
  readonly startedAt: number;
  /** The engine within the process. It stays the same when a worker dies and is replaced. */
  readonly engine: string;
}

export type Folder =
  | { readonly kind: 'owned'; readonly owner: Owner }
  /** Left by a client that was shut down; `events`: the number of events in its sealed segments. */
  | { readonly kind: 'free'; readonly identity: string; readonly events: number };

export const HEARTBEAT_MS = 10_000;
export const LEASE_MS = 60_000;

const HASH = '[0-9a-f]{12}';
const NAME = new RegExp(
  `^(${HASH})\\.(?:free(?:\\.(\\d{1,15}))?|(${HASH})\\.(\\d+)\\.(\\d+)\\.([0-9a-f]+))\\.${HASH}$`,
);

export function thisOwner(identity: string, engine: string): Owner {
  return { identity, scope: thisScope(), pid: process.pid, startedAt: startOf('self')?.at ?? 0, engine };
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** A name that no folder has had before, so that a folder that was taken over differs from its predecessor. */
export function folderName({ identity, scope, pid, startedAt, engine }: Owner): string {
  return `${identity}.${scope}.${pid}.${startedAt}.${engine}.${randomBytes(6).toString('hex')}`;
}

/** The name has the number of events in the folder, so that a missing segment is noticed. */
export function freeFolderName({ identity }: Owner, events: number): string {
  return `${identity}.free.${events}.${randomBytes(6).toString('hex')}`;
}

/** Undefined if it is not the name of a spool's folder. */
export function parseFolderName(name: string): Folder | undefined {
  const [, identity, events = 0, scope, pid, startedAt, engine] = NAME.exec(name) ?? [];
  if (identity === undefined) return undefined;
  if (scope === undefined || engine === undefined) return { kind: 'free', identity, events: Number(events) };
  return {
    kind: 'owned',
    owner: { identity, scope, pid: Number(pid), startedAt: Number(startedAt), engine },
  };
}

/** Whether the owner of a folder, last touched `untouchedMs` ago, may still write to it. */
export function isAlive(owner: Owner, us: Owner, untouchedMs: number): boolean {
  const leased = untouchedMs < LEASE_MS;
  if (owner.scope !== us.scope) return leased;
  if (owner.pid === us.pid) {
    if (owner.startedAt !== us.startedAt) return false;
    // The same engine: a worker before this one, which died.
    return owner.engine !== us.engine && leased;
  }
  if (!processExists(owner.pid)) return false;
  const start = startOf(owner.pid);
  if (start === undefined || owner.startedAt === 0) return leased;
  return start.at === owner.startedAt && !start.ended;
}

function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ESRCH';
  }
}

/** Process ids are unique within a container, and on the machine itself within one boot. */
function thisScope(): string {
  const read = (path: string, how: (path: string) => string): string => {
    try {
      return how(path);
    } catch {
      return '';
    }
  };
  const boot = read('/proc/sys/kernel/random/boot_id', (path) => fs.readFileSync(path, 'utf8'));
  const namespace = read('/proc/self/ns/pid', (path) => fs.readlinkSync(path));
  return hashOf([hostname(), boot, namespace].join('\n'));
}

/** Fields 3 and 22 of proc(5)'s stat. The second field is a name that may contain anything. */
function startOf(pid: number | 'self'): { at: number; ended: boolean } | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { at: Number(fields[19]), ended: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return undefined;
  }
}
