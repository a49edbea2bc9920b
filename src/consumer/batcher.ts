/** Gathers encoded records into batches, cut by count, by exact size of the request body, or by age. */

import type { EncodedRecord, Exporter } from '../shared/exporter.js';
import { clearTimeout, monotonicNow, setTimeout } from '../shared/real-time.js';
import type { SpooledState } from './spooling.js';

export interface Batch {
  readonly lane: string;
  readonly records: EncodedRecord[];
  /** The ledger's numbers of the records. */
  readonly numbers: number[];
  /** Once it has been written to the spool. */
  spooled?: SpooledState | undefined;
}

interface OpenBatch extends Batch {
  /** Exact size of the request body with this record and those before. */
  readonly measure: (record: EncodedRecord) => number;
  /** By the monotonic clock. */
  readonly openedAt: number;
}

export interface BatcherLimits {
  readonly flushAt: number;
  readonly flushIntervalMs: number;
  readonly maxBatchBytes: number;
}

export interface Batcher {
  readonly limits: BatcherLimits;
  readonly exporter: Exporter;
  readonly emit: (batch: Batch) => void;
  readonly open: Map<string, OpenBatch>;
  timer: NodeJS.Timeout | undefined;
}

export function createBatcher(
  limits: BatcherLimits,
  exporter: Exporter,
  emit: (batch: Batch) => void,
): Batcher {
  return { limits, exporter, emit, open: new Map(), timer: undefined };
}

export function addRecord(batcher: Batcher, record: EncodedRecord, number: number): void {
  const { limits, exporter } = batcher;
  let batch = batcher.open.get(record.lane);
  const maxBytes = Math.min(limits.maxBatchBytes, exporter.maxBodyBytes?.[record.lane] ?? Infinity);
  if (batch !== undefined && batch.measure(record) > maxBytes) {
    cut(batcher, batch);
    batch = undefined;
  }
  batch ??= openBatch(batcher, record);
  batch.records.push(record);
  batch.numbers.push(number);
  if (batch.records.length >= limits.flushAt) cut(batcher, batch);
}

/** Sends every open batch on its way, full or not. */
export function cutAll(batcher: Batcher): void {
  for (const batch of batcher.open.values()) cut(batcher, batch);
}

/** Sends the open batch on its way, if there is one, whose first record has this number. */
export function cutBatchThatStartsWith(batcher: Batcher, number: number): void {
  for (const batch of batcher.open.values()) if (batch.numbers[0] === number) cut(batcher, batch);
}

export function stopBatcher(batcher: Batcher): void {
  clearTimeout(batcher.timer);
}

/** For a record that is sent whatever its size. */
function openBatch(batcher: Batcher, record: EncodedRecord): OpenBatch {
  const { lane } = record;
  const measure = measureOf(batcher.exporter, lane);
  measure(record);
  const batch: OpenBatch = { lane, records: [], numbers: [], measure, openedAt: monotonicNow() };
  batcher.open.set(lane, batch);
  batcher.timer ??= setTimeout(cutAged, batcher.limits.flushIntervalMs, batcher).unref();
  return batch;
}

function measureOf(exporter: Exporter, lane: string): OpenBatch['measure'] {
  if (exporter.measureBody !== undefined) return exporter.measureBody(lane);
  let count = 0;
  let recordBytes = 0;
  return ({ bytes }) => {
    count++;
    recordBytes += bytes.byteLength;
    return exporter.bodyBytes?.(lane, count, recordBytes) ?? recordBytes;
  };
}

function cut(batcher: Batcher, batch: OpenBatch): void {
  batcher.open.delete(batch.lane);
  batcher.emit(batch);
}

/** One timer for the oldest open batch; it is not moved when that batch is cut, only looked at when it fires. */
function cutAged(batcher: Batcher): void {
  const { flushIntervalMs } = batcher.limits;
  batcher.timer = undefined;
  let nextMs = Number.POSITIVE_INFINITY;
  for (const batch of batcher.open.values()) {
    const remainingMs = flushIntervalMs - (monotonicNow() - batch.openedAt);
    if (remainingMs <= 0) cut(batcher, batch);
    else nextMs = Math.min(nextMs, remainingMs);
  }
  if (batcher.open.size > 0) batcher.timer = setTimeout(cutAged, nextMs, batcher).unref();
}
