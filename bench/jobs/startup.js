/** A process that starts: how long the import takes, the constructor, and the way of a first event. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createFeed } from '../harness/feed.js';
import { payloadsOf } from '../harness/workloads.js';

export async function run({ url, workload, deadlineMs }, subject, troubles) {
  const payloads = payloadsOf(workload);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const startMs = performance.now();
  const create = await subject.load();
  const importedMs = performance.now();
  const loopBefore = performance.eventLoopUtilization();
  delay.enable();
  const client = create({ url, poolSize: payloads.poolSize });
  const constructedMs = performance.now();
  // As in a service: what the constructor puts off may happen before the first request comes.
  await new Promise((resolve) => setImmediate(resolve));
  const feed = createFeed(client, payloads, 1);
  const eventMs = performance.now();
  feed.one(0);
  const recordedMs = performance.now();
  feed.close();
  await troubles.within(deadlineMs, 'flush()', client.flush());
  const deliveredMs = performance.now();
  delay.disable();
  const { active } = performance.eventLoopUtilization(loopBefore);
  await troubles.within(deadlineMs, 'shutdown()', client.shutdown());
  return {
    importMs: importedMs - startMs,
    constructMs: constructedMs - importedMs,
    firstEventMs: recordedMs - eventMs,
    firstDeliveryMs: deliveredMs - constructedMs,
    bootActiveMs: active,
    bootLoopDelayMaxMs: delay.max / 1e6,
  };
}
