/**
 * Open traces in which nothing is going on, by when something last came to them: the one that has been quiet for longest
 * first. An intrusive list, so that entering and leaving cost a few assignments; who looks for news, or for what is idle,
 * visits what there is to do and nothing else.
 */

export interface QuietTrace {
  /** The sweep (open-handles) in which something last came to it. */
  touchedAtSweep: number;
  /** Null while something is going on in it, and while it is not open. */
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

/** As the one to which something came last. */
export function addQuiet(list: QuietTraces, trace: QuietTrace): void {
  trace.quietIn = list;
  trace.quietBefore = list.last;
  trace.quietAfter = null;
  if (list.last === null) list.first = trace;
  else list.last.quietAfter = trace;
  list.last = trace;
  list.count++;
}

/** From whichever list it is in. */
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

/** Something has come to it. Within one sweep the order does not matter. */
export function touchTrace(trace: QuietTrace, sweep: number): void {
  if (trace.touchedAtSweep === sweep) return;
  trace.touchedAtSweep = sweep;
  const list = trace.quietIn;
  if (list === null || list.last === trace) return;
  removeQuiet(trace);
  addQuiet(list, trace);
}
