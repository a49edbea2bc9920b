/**
 * Engines that share a consumer, each with a ring and a destination of its own: those of one span processor, of which each
 * would have a thread, 18 MB and 80 ms of CPU else. An engine by itself is a group of one.
 */
import { type Notice, OWN_RING } from '../../shared/contract/control.js';
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import type { PayloadOptions } from '../../shared/contract/redaction.js';
import type { SharedRing } from '../../shared/ring/ring-layout.js';
import { keyByValue } from '../destination-key.js';
import { retireWhenIdle } from './retirement.js';
import { createWatchdog, type Watchdog } from './watchdog.js';
import { addDestination, createWorkerHost, removeRing, type WorkerHost } from './worker-host.js';
import { workerSettings } from './worker-settings.js';

export interface GroupMember {
  /** Events accepted so far; undefined while other threads may bring some. */
  accepted(): number | undefined;
  onNotice(notice: Notice): void;
  /** The worker has given its thread back. */
  onRest(): void;
  /** Nothing waits any more, and nobody watches the worker: the next event is to be told of. */
  onSettled(): void;
}

export interface WorkerGroup {
  host: WorkerHost | undefined;
  /** By the number of the ring. */
  readonly members: Map<number, GroupMember>;
  /** How many of them have not begun to leave. */
  staying: number;
  /** Looks whether the worker is stuck. */
  watchdog: Watchdog | undefined;
  endWatch: () => void;
}

/** Which group an engine with these options belongs to; `index`: of several workers that it has. */
export type ChooseGroup = (options: EngineOptions, index: number) => WorkerGroup;

export const alone: ChooseGroup = () => ({
  host: undefined,
  members: new Map(),
  staying: 0,
  watchdog: undefined,
  endWatch() {},
});

/** Engines whose workers would be the same are together. */
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

/** What an application has run in the worker: if it kills the worker or never comes back, that is for those that have it too. */
function ownCode(options: PayloadOptions = {}): object {
  const { maskModule, redact } = options;
  const patterns = redact?.patterns.map((one) => (typeof one === 'string' ? one : one.pattern));
  return { maskModule, patterns: patterns?.filter((pattern) => pattern instanceof RegExp) ?? [] };
}

/** The group's host, made for the first of its members, and the number of the new member's ring. */
export function joinGroup(
  group: WorkerGroup,
  shared: SharedRing,
  options: EngineOptions,
  member: GroupMember,
): { readonly host: WorkerHost; readonly number: number; readonly watchdog: Watchdog } {
  const number = group.host === undefined ? OWN_RING : addDestination(group.host, shared, options);
  group.members.set(number, member);
  group.staying++;
  group.host ??= openHost(group, shared, options);
  group.watchdog ??= createWatchdog(group.host, () => {
    for (const { onSettled } of group.members.values()) onSettled();
  });
  return { host: group.host, number, watchdog: group.watchdog };
}

function openHost(group: WorkerGroup, shared: SharedRing, options: EngineOptions): WorkerHost {
  const { members } = group;
  const host = createWorkerHost(shared, options, (notice) => tellMember(members, notice));
  group.endWatch = retireWhenIdle(host, options.workerIdleMs, {
    accepted: () => acceptedBy(members.values()),
    onRest() {
      for (const member of members.values()) member.onRest();
    },
  });
  return host;
}

/** What concerns the consumer as a whole is told once. */
function tellMember(members: WorkerGroup['members'], notice: Notice): void {
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

/** A member lets go of its ring next. True: it is the last, and the consumer ends instead. */
export function beginLeaving(group: WorkerGroup): boolean {
  group.staying--;
  if (group.staying > 0) return false;
  group.endWatch();
  group.watchdog?.end();
  return true;
}

/** It hears nothing more, and no consumer gets its ring again. */
export function leaveGroup({ host, members }: WorkerGroup, number: number): void {
  members.delete(number);
  if (host !== undefined) removeRing(host, number);
}
