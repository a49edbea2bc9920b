/** Puts traces that have changed into the list that is shown. */

import type { TraceRow } from '../../data/list.js';

interface Merged {
  rows: TraceRow[];
  /** Rows that have come into the list, or left it. */
  added: number;
  removed: number;
  /** Traces that match and have no place in what is shown. */
  left: string[];
}

interface MergeOptions {
  /** The list is by start, newest first: new traces have a place. */
  isByTime: boolean;
  /** All of the list is shown, so a trace older than all has a place too. */
  isWhole: boolean;
}

/** `changed`: the traces that were asked for; `found`: those of them that match the filter. */
export function mergeRows(
  shown: readonly TraceRow[],
  changed: readonly string[],
  found: readonly TraceRow[],
  { isByTime, isWhole }: MergeOptions,
): Merged {
  const byId = new Map(found.map((row) => [row.id, row]));
  const asked = new Set(changed);
  const before = new Set(shown.map(({ id }) => id));
  const kept = shown.flatMap((row) => (asked.has(row.id) ? (byId.get(row.id) ?? []) : row));
  const removed = shown.length - kept.length;
  const fresh = found.filter(({ id }) => !before.has(id));
  if (!isByTime) return { rows: kept, added: 0, removed, left: fresh.map(({ id }) => id) };
  const oldest = kept.at(-1)?.startUs ?? Number.NEGATIVE_INFINITY;
  const placed = fresh.filter(({ startUs }) => isWhole || startUs >= oldest);
  // A change can move the start too.
  const rows = [...kept, ...placed].sort((a, b) => b.startUs - a.startUs);
  return { rows, added: fresh.length, removed, left: [] };
}
