/** How a Langfuse server makes one row of several events: Langfuse's worker/src/services/IngestionService. */
import type { IngestionEvent } from './types.js';
import { isObject, isRecord, mergeDeep } from './values.js';

export type Row = Readonly<Record<string, unknown>>;

/**
 * By time, by the server's own comparator, which orders no two creating events of the same time: it says that either one
 * goes before the other. V8, which sorts on the server as well, then reverses them, and the one that arrived first comes
 * last and wins (`toTimeSortedEventList` in index.ts).
 */
export function byTime(events: readonly IngestionEvent[]): IngestionEvent[] {
  return events.toSorted((a, b) => {
    const [timeOfA, timeOfB] = [Date.parse(a.timestamp), Date.parse(b.timestamp)];
    if (timeOfA === timeOfB) return a.type.includes('create') ? -1 : 1;
    return timeOfA - timeOfB;
  });
}

/** Rows in the order in which they overwrite each other (`mergeRecords` in index.ts). */
export function mergeRows(rows: readonly Row[], immutable: readonly string[]): Row {
  return rows.reduce((merged, row) => overwrite(merged, row, immutable), {});
}

/**
 * What is undefined or an empty object keeps the earlier value, null and false overwrite it; metadata is merged deeply,
 * tags are united and sorted (`overwriteObject` in utils.ts).
 */
function overwrite(stored: Row, row: Row, immutable: readonly string[]): Row {
  const merged: Record<string, unknown> = { ...stored };
  for (const [key, value] of Object.entries(row)) {
    const isKept = immutable.includes(key) || value === undefined || isEmpty(value);
    if (!isKept || merged[key] === undefined) merged[key] = value;
  }
  merged.metadata = mergeDeep(stored.metadata ?? {}, row.metadata);
  if ('tags' in merged) merged.tags = [...new Set([...tagsOf(stored), ...tagsOf(row)])].sort();
  return merged;
}

/** The last that is truthy, in the order of the events (`processTraceEventList` in index.ts). */
export function lastTruthy(events: readonly IngestionEvent[], field: string): unknown {
  return events.findLast(({ body }) => Boolean(body[field]))?.body[field];
}

/** A member that is a record, or an empty one. */
export function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isEmpty(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length === 0;
}

function tagsOf({ tags }: Row): string[] {
  return (tags ?? []) as string[];
}
