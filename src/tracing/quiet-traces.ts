/**
 * Lists of open traces without open observations, by the time of their last change: the trace that has been quiet for longest
 * comes first. Intrusive lists: entering and leaving cost a few assignments, and a search for changed or idle traces visits only those.
 */

export interface QuietTrace {
  /** The sweep (see open-handles) of its last change. */
  touchedAtSweep: number;
  /** Null while it has open observations, and while it is not open itself. */
  quietIn: QuietTraces | null;
  quietBefore: QuietTrace | null;
  quietAfter: QuietTrace | null;
}

export interface QuietTraces {
  first: QuietTrace | null;
  last: QuietTrace | null;
  count: number;
}

export function createQuietTraces(): QuietTraces {
  return { first: null, last: null, count: 0 };
}

/** Adds the trace as the one with the latest change. */
export function addQuiet(list: QuietTraces, trace: QuietTrace): void {
  trace.quietIn = list;
  trace.quietBefore = list.last;
  trace.quietAfter = null;
  if (list.last === null) list.first = trace;
  else list.last.quietAfter = trace;
  list.last = trace;
  list.count++;
}

/** Removes the trace from the list that it is in, if any. */
export function removeQuiet(trace: QuietTrace): void {
  const list = trace.quietIn;
  if (list === null) return;
  const { quietBefore, quietAfter } = trace;
  if (quietBefore === null) list.first = quietAfter;
  else quietBefore.quietAfter = quietAfter;
  if (quietAfter === null) list.last = quietBefore;
  else quietAfter.quietBefore = quietBefore;
  trace.quietIn = trace.quietBefore = trace.quietAfter = null;
  list.count--;
}

/** The trace has changed. Within one sweep the order does not matter. */
export function touchTrace(trace: QuietTrace, sweep: number): void {
  if (trace.touchedAtSweep === sweep) return;
  trace.touchedAtSweep = sweep;
  const list = trace.quietIn;
  if (list === null || list.last === trace) return;
  removeQuiet(trace);
  addQuiet(list, trace);
}
