/** Gathers encoded records into batches, which are cut by count, by exact size of the request body, or by age. */

import type { EncodedRecord, Exporter } from '../../shared/contract/exporter.js';
import { clearTimeout, monotonicNow, setTimeout } from '../../shared/runtime/real-time.js';
import type { Batch } from './batch.js';

interface OpenBatch extends Batch {
  /** Key in `Batcher.open`. */
  readonly key: string;
  readonly maxRecords: number;
  readonly maxBytes: number;
  /** Exact size of the request body with this record and those before it. */
  readonly measure: (record: EncodedRecord) => number;
  /** Its first record may be as old. By the monotonic clock. */
  readonly openedAt: number;
}

interface BatcherLimits {
  readonly flushAt: number;
  readonly flushIntervalMs: number;
  readonly maxBatchBytes: number;
}

export interface Batcher {
  readonly limits: BatcherLimits;
  readonly exporter: Exporter;
  readonly emit: (batch: Batch) => void;
  readonly open: Map<string, OpenBatch>;
  /** Batches that `addRecord` has cut and `sendCut` will emit. */
  readonly cut: Batch[];
  timer: NodeJS.Timeout | undefined;
  /** When the ring was looked at before the records came that are now added. Undefined: they have just come. */
  publishedAfter: number | undefined;
}

export function createBatcher(
  limits: BatcherLimits,
  exporter: Exporter,
  emit: (batch: Batch) => void,
): Batcher {
  return { limits, exporter, emit, open: new Map(), cut: [], timer: undefined, publishedAfter: undefined };
}

/**
 * Adds a record to an open batch. A full batch is cut and emitted by the next `sendCut`. Records with a suspicion have batches
 * of their own, of at most 2 ** (suspicion - 1) records.
 */
export function addRecord(batcher: Batcher, record: EncodedRecord, number: number, suspicion = 0): void {
  const key = suspicion === 0 ? record.lane : `${record.lane}\n${suspicion}`;
  let batch = batcher.open.get(key);
  if (batch !== undefined && batch.measure(record) > batch.maxBytes) {
    close(batcher, batch);
    batch = undefined;
  }
  batch ??= openBatch(batcher, record, key, suspicion);
  batch.records.push(record);
  batch.numbers.push(number);
  if (batch.records.length >= batch.maxRecords) close(batcher, batch);
}

/** Emits the batches that `addRecord` has cut. */
export function sendCut(batcher: Batcher): void {
  if (batcher.cut.length === 0) return;
  for (const batch of batcher.cut.splice(0)) batcher.emit(batch);
}

/** Cuts and emits every open batch, full or not. */
export function cutAll(batcher: Batcher): void {
  for (const batch of batcher.open.values()) cut(batcher, batch);
}

/** Cuts and emits the open batch whose first record has this number, if there is one. */
export function cutBatchThatStartsWith(batcher: Batcher, number: number): void {
  for (const batch of batcher.open.values()) if (batch.numbers[0] === number) cut(batcher, batch);
}

export function stopBatcher(batcher: Batcher): void {
  clearTimeout(batcher.timer);
}

/** Opens a batch for a record, which is sent whatever its size. */
function openBatch(batcher: Batcher, record: EncodedRecord, key: string, suspicion: number): OpenBatch {
  const { lane } = record;
  const measure = measureOf(batcher.exporter, lane);
  measure(record);
  const { flushAt, flushIntervalMs, maxBatchBytes } = batcher.limits;
  const now = monotonicNow();
  const openedAt = batcher.publishedAfter ?? now;
  const batch: OpenBatch = {
    lane,
    records: [],
    numbers: [],
    suspicion,
    key,
    maxRecords: suspicion === 0 ? flushAt : Math.min(flushAt, 2 ** (suspicion - 1)),
    maxBytes: Math.min(maxBatchBytes, batcher.exporter.maxBodyBytes?.[lane] ?? Infinity),
    measure,
    openedAt,
  };
  batcher.open.set(key, batch);
  batcher.timer ??= setTimeout(cutAged, openedAt + flushIntervalMs - now, batcher).unref();
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

/** The one timer's callback. Cutting a batch does not move the timer: when it fires, the oldest open batch may be younger. */
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
