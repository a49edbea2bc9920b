/** Gathers encoded records into batches, cut by count, by exact size of the request body, or by age. */

import type { EncodedRecord, Exporter } from '../../shared/contract/exporter.js';
import { clearTimeout, monotonicNow, setTimeout } from '../../shared/runtime/real-time.js';
import type { SpooledState } from '../spooling/spooling.js';

export interface Batch {
  readonly lane: string;
  readonly records: EncodedRecord[];
  /** The ledger's numbers of the records. */
  readonly numbers: number[];
  /** Of each of its records: above 0, workers have died of batches with them. See post-mortem.ts. */
  readonly suspicion: number;
  /** Once it has been written to the spool. */
  spooled?: SpooledState | undefined;
}

interface OpenBatch extends Batch {
  /** Its place among those that are open. */
  readonly key: string;
  readonly maxRecords: number;
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
  /** Batches that `addRecord` has cut, until `sendCut`. */
  readonly cut: Batch[];
  timer: NodeJS.Timeout | undefined;
}

export function createBatcher(
  limits: BatcherLimits,
  exporter: Exporter,
  emit: (batch: Batch) => void,
): Batcher {
  return { limits, exporter, emit, open: new Map(), cut: [], timer: undefined };
}

/**
 * Adds a record to an open batch; a full one is sent by the next `sendCut`. Records that are under suspicion have batches of
 * their own, each of at most 2 to the power of one less than that.
 */
export function addRecord(batcher: Batcher, record: EncodedRecord, number: number, suspicion = 0): void {
  const { limits, exporter } = batcher;
  const key = suspicion === 0 ? record.lane : `${record.lane}\n${suspicion}`;
  let batch = batcher.open.get(key);
  const maxBytes = Math.min(limits.maxBatchBytes, exporter.maxBodyBytes?.[record.lane] ?? Infinity);
  if (batch !== undefined && batch.measure(record) > maxBytes) {
    close(batcher, batch);
    batch = undefined;
  }
  batch ??= openBatch(batcher, record, key, suspicion);
  batch.records.push(record);
  batch.numbers.push(number);
  if (batch.records.length >= batch.maxRecords) close(batcher, batch);
}

/** Sends on their way what `addRecord` has cut. */
export function sendCut(batcher: Batcher): void {
  if (batcher.cut.length === 0) return;
  for (const batch of batcher.cut.splice(0)) batcher.emit(batch);
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
function openBatch(batcher: Batcher, record: EncodedRecord, key: string, suspicion: number): OpenBatch {
  const { lane } = record;
  const measure = measureOf(batcher.exporter, lane);
  measure(record);
  const { flushAt, flushIntervalMs } = batcher.limits;
  const maxRecords = suspicion === 0 ? flushAt : Math.min(flushAt, 2 ** (suspicion - 1));
  const openedAt = monotonicNow();
  const batch: OpenBatch = { lane, records: [], numbers: [], suspicion, key, maxRecords, measure, openedAt };
  batcher.open.set(key, batch);
  batcher.timer ??= setTimeout(cutAged, flushIntervalMs, batcher).unref();
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

function close(batcher: Batcher, batch: OpenBatch): void {
  batcher.open.delete(batch.key);
  batcher.cut.push(batch);
}

function cut(batcher: Batcher, batch: OpenBatch): void {
  close(batcher, batch);
  sendCut(batcher);
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
