/**
 * The traces and observations that are open, oldest first, in an intrusive list: entering and leaving cost a few
 * assignments, no allocation. They are bounded in number and in age.
 *
 * Time is counted in sweeps, one per flush interval, so that no call of an application reads the clock for it.
 */
import { clearInterval, setInterval } from '../shared/real-time.js';
import { runOutside } from '../shared/suppression.js';
import { correctClock } from './clock.js';

/** What a handle must have to be in the list. */
export interface OpenHandle {
  /** Of a trace: a word of its id, by which it is found while it is open. */
  readonly key: number | null;
  previous: OpenHandle | null;
  next: OpenHandle | null;
  /** Whether it is in the list. */
  listed: boolean;
  openedAtSweep: number;
  /** Writes the handle as it stands, marked as unfinished for this reason. */
  writeUnfinished(reason: string): void;
  /** Asked at each sweep: whether it has been idle for a flush interval. It then writes itself. */
  closeIfIdle(sweep: number): boolean;
  /** Asked at a flush: writes itself if it has news and nothing in it is still going on. */
  writeIfQuiet(): void;
}

export interface OpenHandles {
  readonly maxCount: number;
  readonly maxAgeSweeps: number;
  readonly sweepMs: number;
  first: OpenHandle | null;
  last: OpenHandle | null;
  count: number;
  /** The traces, by their keys; of several with the same key the youngest. */
  readonly traces: Map<number, OpenHandle>;
  sweep: number;
  /** Runs while something is open, and holds it: nothing else does for a client that its application has let go of. */
  timer: NodeJS.Timeout | undefined;
  /** While handles are written for want of room, of which each may bring its trace in again. */
  makingRoom: boolean;
  closed: boolean;
}

export function createOpenHandles(maxCount: number, maxAgeMs: number, sweepMs: number): OpenHandles {
  return {
    maxCount,
    maxAgeSweeps: Math.ceil(maxAgeMs / sweepMs),
    sweepMs,
    first: null,
    last: null,
    count: 0,
    traces: new Map(),
    sweep: 0,
    timer: undefined,
    makingRoom: false,
    closed: false,
  };
}

export function enter(open: OpenHandles, handle: OpenHandle): void {
  if (handle.listed || open.closed) return;
  handle.openedAtSweep = open.sweep;
  handle.listed = true;
  handle.previous = open.last;
  handle.next = null;
  if (open.last === null) open.first = handle;
  else open.last.next = handle;
  open.last = handle;
  open.count++;
  if (handle.key !== null) open.traces.set(handle.key, handle);
  open.timer ??= runOutside(() => setInterval(sweepOnce, open.sweepMs, open).unref());
  if (open.count > open.maxCount && !open.makingRoom) makeRoom(open);
}

function makeRoom(open: OpenHandles): void {
  open.makingRoom = true;
  try {
    while (open.count > open.maxCount) evict(open, `more than ${open.maxCount} were open`);
  } finally {
    open.makingRoom = false;
  }
}

export function leave(open: OpenHandles, handle: OpenHandle): void {
  if (!handle.listed) return;
  handle.listed = false;
  if (handle.previous === null) open.first = handle.next;
  else handle.previous.next = handle.next;
  if (handle.next === null) open.last = handle.previous;
  else handle.next.previous = handle.previous;
  handle.previous = handle.next = null;
  open.count--;
  if (handle.key !== null && open.traces.get(handle.key) === handle) open.traces.delete(handle.key);
}

/** Writes what has news and is not still going on. */
export function writeQuiet(open: OpenHandles): void {
  forEach(open, (handle) => handle.writeIfQuiet());
}

/**
 * Writes everything that is open. Traces come after their observations, which they end with. Of two handles of the same id the
 * younger comes last: a server keeps what it was sent last. Nothing enters after it.
 */
export function closeAll(open: OpenHandles, reason: string): void {
  const close = (handle: OpenHandle): void => {
    leave(open, handle);
    handle.writeUnfinished(reason);
  };
  forEach(open, (handle) => {
    if (handle.key === null) close(handle);
  });
  open.closed = true;
  clearInterval(open.timer);
  open.timer = undefined;
  forEach(open, close);
}

/** The same for the end of the process, where listeners that come later may still begin something. */
export function writeAll(open: OpenHandles, reason: string): void {
  const { closed } = open;
  closeAll(open, reason);
  open.closed = closed;
}

function sweepOnce(open: OpenHandles): void {
  correctClock();
  open.sweep++;
  forEach(open, (handle) => {
    if (handle.closeIfIdle(open.sweep)) leave(open, handle);
  });
  while (open.first !== null && open.sweep - open.first.openedAtSweep > open.maxAgeSweeps) {
    evict(open, `open for more than ${Math.round((open.maxAgeSweeps * open.sweepMs) / 1000)} s`);
  }
  if (open.count > 0) return;
  clearInterval(open.timer);
  open.timer = undefined;
}

function evict(open: OpenHandles, reason: string): void {
  const oldest = open.first as OpenHandle;
  leave(open, oldest);
  oldest.writeUnfinished(reason);
}

/** Visits each handle; the visited one may leave the list. */
function forEach(open: OpenHandles, visit: (handle: OpenHandle) => void): void {
  let handle = open.first;
  while (handle !== null) {
    const { next } = handle;
    visit(handle);
    handle = next;
  }
}
