/**
 * Keeps the open traces and observations, oldest first, and bounds their number and age. An intrusive list: entering and leaving cost
 * a few assignments and no allocation.
 *
 * Time is counted in sweeps, so that no call of an application reads the clock for it. No call and no sweep looks through
 * all open handles: traces without open observations are in lists of their own (quiet-traces).
 */
import { clearInterval, setImmediate, setInterval } from '../shared/runtime/real-time.js';
import { runOutside } from '../shared/runtime/suppression.js';
import { correctClock } from './clock.js';
import {
  addQuiet,
  createQuietTraces,
  type QuietTrace,
  type QuietTraces,
  removeQuiet,
} from './quiet-traces.js';

/** The members that a handle needs to be in the list. */
export interface OpenHandle {
  /** For a trace, a hash of its id, by which it is found while it is open. Null for an observation. */
  readonly key: number | null;
  previous: OpenHandle | null;
  next: OpenHandle | null;
  /** Whether it is in the list. */
  listed: boolean;
  openedAtSweep: number;
  /** Writes the record of the handle with its current fields, marked as unfinished for this reason. */
  writeUnfinished(reason: string): void;
}

export interface OpenTrace extends OpenHandle, QuietTrace {
  readonly key: number;
  /** Number of open observations in the trace. */
  openChildren: number;
  /** Writes the changes that have not been written yet. */
  writeNews(): void;
}

export interface OpenHandles {
  readonly maxCount: number;
  readonly maxAgeSweeps: number;
  readonly sweepMs: number;
  /** A trace is idle after this many sweeps without a change: one more than its time has, as it may begin just before a sweep. */
  readonly idleSweeps: number;
  first: OpenHandle | null;
  last: OpenHandle | null;
  count: number;
  /** The traces by their keys; the youngest of several with the same key. */
  readonly traces: Map<number, OpenTrace>;
  /** Quiet traces that may have unwritten changes, and those that have none. */
  readonly news: QuietTraces;
  readonly idle: QuietTraces;
  sweep: number;
  /** Runs while a handle is open. It also keeps the handles of a client alive to which the application has no reference any more. */
  timer: NodeJS.Timeout | undefined;
  /** Whether a sweep continues in the next turn of the event loop. */
  isSweeping: boolean;
  /** Set while handles are written to make room: each of them may enter its trace again. */
  makingRoom: boolean;
  closed: boolean;
}

/** A sweep only visits handles that are due, but a shorter period would wake the process too often. */
const MIN_SWEEP_MS = 50;
/** Number of handles that a sweep writes in one turn of the event loop: some 2 ms. */
const MAX_WRITTEN_PER_TURN = 256;

/** @param idleMs A quiet trace without a change for this long is written and removed. */
export function createOpenHandles(maxCount: number, maxAgeMs: number, idleMs: number): OpenHandles {
  // A flush interval may be hours, and handles that are too old must be written earlier.
  const sweepMs = Math.max(MIN_SWEEP_MS, Math.min(idleMs, maxAgeMs));
  return {
    maxCount,
    maxAgeSweeps: Math.ceil(maxAgeMs / sweepMs),
    sweepMs,
    idleSweeps: Math.max(1, Math.ceil(idleMs / sweepMs)) + 1,
    first: null,
    last: null,
    count: 0,
    traces: new Map(),
    news: createQuietTraces(),
    idle: createQuietTraces(),
    sweep: 0,
    timer: undefined,
    isSweeping: false,
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
  if (isTrace(handle)) {
    open.traces.set(handle.key, handle);
    if (handle.openChildren === 0) addQuiet(open.news, handle);
  }
  open.timer ??= runOutside(() => setInterval(sweepOnce, open.sweepMs, open).unref());
  if (open.count > open.maxCount && !open.makingRoom) makeRoom(open);
}

function isTrace(handle: OpenHandle): handle is OpenTrace {
  return handle.key !== null;
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
  if (!isTrace(handle)) return;
  removeQuiet(handle);
  if (open.traces.get(handle.key) === handle) open.traces.delete(handle.key);
}

/** An observation in the trace has begun. */
export function childBegan(trace: OpenTrace): void {
  if (trace.openChildren++ === 0) removeQuiet(trace);
}

/** An observation in the trace has ended, or was written unfinished. */
export function childEnded(open: OpenHandles, trace: OpenTrace): void {
  if (--trace.openChildren === 0 && trace.listed) addQuiet(open.news, trace);
}

/** The trace has unwritten changes. It enters if it is not in the list. */
export function hasNews(open: OpenHandles, trace: OpenTrace): void {
  if (!trace.listed) enter(open, trace);
  else if (trace.quietIn === open.idle) {
    removeQuiet(trace);
    addQuiet(open.news, trace);
  }
}

/** Writes the quiet traces with unwritten changes. Changes that this causes are for the next call. */
export function writeQuiet(open: OpenHandles): void {
  const { news, idle } = open;
  for (let { count } = news; count > 0 && news.first !== null; count--) {
    const trace = news.first as OpenTrace;
    removeQuiet(trace);
    addQuiet(idle, trace);
    trace.writeNews();
  }
}

/**
 * Writes all open handles, and lets none enter afterwards. Traces come after their observations, whose ends set theirs. Of two handles
 * with the same id the younger comes last: a server keeps the last record.
 */
export function closeAll(open: OpenHandles, reason: string): void {
  const close = (handle: OpenHandle): void => {
    leave(open, handle);
    handle.writeUnfinished(reason);
  };
  forEach(open, (handle) => {
    if (!isTrace(handle)) close(handle);
  });
  open.closed = true;
  clearInterval(open.timer);
  open.timer = undefined;
  forEach(open, close);
}

/** Like `closeAll`, for the end of the process: exit listeners that run later may still begin observations. */
export function writeAll(open: OpenHandles, reason: string): void {
  const { closed } = open;
  closeAll(open, reason);
  open.closed = closed;
}

function sweepOnce(open: OpenHandles): void {
  correctClock();
  open.sweep++;
  if (!open.isSweeping) writeDue(open);
}

/** Runs in the turn of a sweep, and in the following turns while handles are due. */
function writeDue(open: OpenHandles): void {
  open.isSweeping = false;
  for (let left = MAX_WRITTEN_PER_TURN; left > 0; left--) {
    if (writeOneDue(open)) continue;
    if (open.count > 0) return;
    clearInterval(open.timer);
    open.timer = undefined;
    return;
  }
  open.isSweeping = true;
  setImmediate(writeDue, open).unref();
}

/** Returns false if no handle is due. */
function writeOneDue(open: OpenHandles): boolean {
  const { first, sweep, maxAgeSweeps, sweepMs, idleSweeps } = open;
  const idle = idleIn(open.idle, sweep - idleSweeps) ?? idleIn(open.news, sweep - idleSweeps);
  if (idle !== null) {
    idle.writeNews();
    leave(open, idle);
  } else if (first !== null && sweep - first.openedAtSweep > maxAgeSweeps) {
    evict(open, `open for more than ${Math.round((maxAgeSweeps * sweepMs) / 1000)} s`);
  } else return false;
  return true;
}

function idleIn({ first }: QuietTraces, sinceSweep: number): OpenTrace | null {
  return first !== null && first.touchedAtSweep <= sinceSweep ? (first as OpenTrace) : null;
}

function evict(open: OpenHandles, reason: string): void {
  const oldest = open.first as OpenHandle;
  leave(open, oldest);
  oldest.writeUnfinished(reason);
}

/** Visits each handle. The visited handle may leave the list. */
function forEach(open: OpenHandles, visit: (handle: OpenHandle) => void): void {
  let handle = open.first;
  while (handle !== null) {
    const { next } = handle;
    visit(handle);
    handle = next;
  }
}
