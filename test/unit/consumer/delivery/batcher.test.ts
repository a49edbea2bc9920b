/** How batches are cut: by the size of their bodies, in the two ways in which exporters say it, and by the age of their records. */
import { expect, it, onTestFinished } from 'vitest';
import { addRecord, createBatcher, cutAll, stopBatcher } from '../../../../src/consumer/delivery/batcher.js';
import type { EncodedRecord, Exporter } from '../../../../src/shared/contract/exporter.js';
import { monotonicNow } from '../../../../src/shared/runtime/real-time.js';

type Sized = Pick<Exporter, 'bodyBytes' | 'measureBody' | 'maxBodyBytes'>;

/** Batches of records of these sizes, where a body may have 100 bytes. */
function batchesOf(sizes: readonly number[], exporter: Sized): number[][] {
  const batches: number[][] = [];
  const limits = { flushAt: 100, flushIntervalMs: 60_000, maxBatchBytes: 100 };
  const batcher = createBatcher(limits, exporter as Exporter, ({ records }) =>
    batches.push(records.map(({ bytes }) => bytes.byteLength)),
  );
  onTestFinished(() => stopBatcher(batcher));
  for (const [index, bytes] of sizes.entries()) {
    const record: EncodedRecord = { lane: 'l', id: String(index), bytes: new Uint8Array(bytes) };
    addRecord(batcher, record, index);
  }
  cutAll(batcher);
  return batches;
}

/** Ten bytes around all, and one between two. */
const bySum: Sized = { bodyBytes: (_lane, count, recordBytes) => 10 + recordBytes + count - 1 };
/** Each size stands in a body once. */
const bySet: Sized = {
  measureBody() {
    const sizes = new Set<number>();
    return ({ bytes }) => [...sizes.add(bytes.byteLength)].reduce((sum, size) => sum + size, 0);
  },
};

it('a body of exactly the limit is sent, one byte more is the next one', () => {
  expect(batchesOf([44, 45], bySum)).toEqual([[44, 45]]);
  expect(batchesOf([45, 45], bySum)).toEqual([[45], [45]]);
});

it('an exporter that measures is asked with each record, and anew for each batch', () => {
  expect(batchesOf([60, 60, 40, 1, 60], bySet)).toEqual([
    [60, 60, 40],
    [1, 60],
  ]);
});

it('a record that is too large by itself goes alone', () => {
  expect(batchesOf([200, 10, 200], bySet)).toEqual([[200], [10], [200]]);
});

it("what the server takes bounds it as the application's option does", () => {
  expect(batchesOf([20, 30], { ...bySet, maxBodyBytes: { l: 49 } })).toEqual([[20], [30]]);
});

it('the age of records counts from when they may have been published', async () => {
  const limits = { flushAt: 100, flushIntervalMs: 600_000, maxBatchBytes: 100 };
  const emitted = new Promise((resolve) => {
    const batcher = createBatcher(limits, bySum as Exporter, ({ numbers }) => resolve(numbers));
    onTestFinished(() => stopBatcher(batcher));
    batcher.publishedAfter = monotonicNow() - limits.flushIntervalMs;
    for (const number of [1, 2]) addRecord(batcher, { lane: 'l', id: '', bytes: new Uint8Array(1) }, number);
  });
  expect(await emitted).toEqual([1, 2]);
});
