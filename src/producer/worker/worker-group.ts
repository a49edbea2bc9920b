/**
 * Lets engines share a worker, each with a ring and a destination of its own: a span processor has an engine for each
 * destination, and a worker for each would cost a thread, 18 MB and 80 ms of CPU. An engine by itself is a group of one.
 */
import { type Notice, OWN_RING } from '../../shared/contract/control.js';
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import type { PayloadOptions } from '../../shared/contract/redaction.js';
import type { SharedRing } from '../../shared/ring/ring-layout.js';
import { keyByValue } from '../destination-key.js';
import { stopWhenIdle } from './idle-worker.js';
import { addDestination, removeRing } from './pool-calls.js';
import { createWatchdog, type Watchdog } from './watchdog.js';
import { createWorkerPool, type WorkerPool } from './worker-pool.js';
import { workerSettings } from './worker-settings.js';

interface GroupMember {
  /** Events accepted so far; undefined while other threads may bring some. */
  accepted(): number | undefined;
  onNotice(notice: Notice): void;
  /** The worker was stopped when idle. */
  onIdleStop(): void;
  /** Nothing waits for delivery any more, and the watchdog has paused: the next event has to begin it again. */
  onSettled(): void;
}

export interface WorkerGroup {
  pool: WorkerPool | undefined;
  /** By the number of the ring. */
  readonly members: Map<number, GroupMember>;
  /** How many members have not begun to leave. */
  staying: number;
  watchdog: Watchdog | undefined;
  endIdleChecks: () => void;
}

/** Returns the group of an engine with these options. `index`: of the several workers that the engine may have. */
export type ChooseGroup = (options: EngineOptions, index: number) => WorkerGroup;

export const alone: ChooseGroup = () => ({
  pool: undefined,
  members: new Map(),
  staying: 0,
  watchdog: undefined,
  endIdleChecks() {},
});

/** Groups engines whose workers would be the same. */
export function createWorkerGroups(): ChooseGroup {
  const groups = new Map<string, WorkerGroup>();
  return (options, index) => {
    const { worker, workerIdleMs, workerStuckMs, resourceLimits, exporter } = options;
    const { execArgv } = workerSettings(options);
    const key = keyByValue([
      index,
      { worker, workerIdleMs, workerStuckMs, resourceLimits, execArgv },
      ownCode(exporter.options as PayloadOptions | undefined),
    ]);
    const group = (key === undefined ? undefined : groups.get(key)) ?? alone(options, index);
    if (key !== undefined) groups.set(key, group);
    return group;
  };
}

/** The application's code in the worker. If it kills or blocks the worker, only destinations that use the same code suffer. */
function ownCode(options: PayloadOptions = {}): object {
  const { maskModule, redact } = options;
  const patterns = redact?.patterns.map((one) => (typeof one === 'string' ? one : one.pattern));
  return { maskModule, patterns: patterns?.filter((pattern) => pattern instanceof RegExp) ?? [] };
}

/** Returns the group's pool, made for its first member, and the number of the new member's ring. */
export function joinGroup(
  group: WorkerGroup,
  shared: SharedRing,
  options: EngineOptions,
  member: GroupMember,
): { readonly pool: WorkerPool; readonly number: number; readonly watchdog: Watchdog } {
  const number = group.pool === undefined ? OWN_RING : addDestination(group.pool, shared, options);
  group.members.set(number, member);
  group.staying++;
  group.pool ??= openPool(group, shared, options);
  group.watchdog ??= createWatchdog(group.pool, () => {
    for (const { onSettled } of group.members.values()) onSettled();
  });
  return { pool: group.pool, number, watchdog: group.watchdog };
}

function openPool(group: WorkerGroup, shared: SharedRing, options: EngineOptions): WorkerPool {
  const { members } = group;
  const pool = createWorkerPool(shared, options, (notice) => notifyMember(members, notice));
  group.endIdleChecks = stopWhenIdle(pool, options.workerIdleMs, {
    accepted: () => acceptedBy(members.values()),
    onIdleStop() {
      for (const member of members.values()) member.onIdleStop();
    },
  });
  return pool;
}

/** A notice about the consumer as a whole is reported once, by the first member. */
function notifyMember(members: WorkerGroup['members'], notice: Notice): void {
  const [first] = members.values();
  const member = members.get(notice.ring ?? OWN_RING) ?? first;
  member?.onNotice(notice);
}

function acceptedBy(members: Iterable<GroupMember>): number | undefined {
  let total = 0;
  for (const member of members) {
    const accepted = member.accepted();
    if (accepted === undefined) return undefined;
    total += accepted;
  }
  return total;
}

/** To be called before a member's ring is detached. True: it is the last member, and the consumer ends instead. */
export function beginLeaving(group: WorkerGroup): boolean {
  group.staying--;
  if (group.staying > 0) return false;
  group.endIdleChecks();
  group.watchdog?.end();
  return true;
}

/** The member gets no more notices, and no later consumer gets its ring. */
export function leaveGroup({ pool, members }: WorkerGroup, number: number): void {
  members.delete(number);
  if (pool !== undefined) removeRing(pool, number);
}
