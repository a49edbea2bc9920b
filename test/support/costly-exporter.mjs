/**
 * The langfuse exporter in workers whose work costs something, as the option `cost` says: milliseconds for each record
 * (`recordMs`), for the one of the input `costly` (`oneMs`), for the first batch (`batchMs`). `dies`: the first worker dies of
 * its 20th record, by `exit` or `out of memory`.
 */
import { workerData } from 'node:worker_threads';
import { createExporter as createLangfuseExporter } from '../../dist/exporters/langfuse/exporter.js';

export async function createExporter({ langfuse, cost, dies }, context) {
  const exporter = await createLangfuseExporter(langfuse, context);
  const { recordMs = 0, oneMs = 0, batchMs = 0 } = cost ?? {};
  const isFirst = (workerData?.tailrace?.workerGeneration ?? 1) === 1;
  let records = 0;
  let batches = 0;
  return {
    ...exporter,
    encodeBytes(event) {
      records++;
      if (isFirst && dies !== undefined && records === 20) die(dies);
      work(recordMs);
      if (oneMs > 0 && event.includes('costly')) work(oneMs);
      return exporter.encodeBytes(event);
    },
    request(lane, batch) {
      if (++batches === 1) work(batchMs);
      return exporter.request(lane, batch);
    },
  };
}

function work(ms) {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

function die(how) {
  if (how === 'exit') process.exit(1);
  const hoard = [];
  for (;;) hoard.push(new Array(100_000).fill(Math.random()));
}
