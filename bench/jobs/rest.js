/** A service at rest: the resident memory of a process whose client has delivered one event and then done nothing. */
import { setTimeout } from 'node:timers/promises';
import { createFeed } from '../harness/feed.js';
import { payloadsOf } from '../harness/workloads.js';

export async function run({ url, workload, restMs, deadlineMs }, subject, troubles) {
  const payloads = payloadsOf(workload);
  const create = await subject.load();
  const client = create({ url, poolSize: payloads.poolSize });
  const feed = createFeed(client, payloads, 1);
  feed.one(0);
  feed.close();
  await troubles.within(deadlineMs, 'flush()', client.flush());
  await setTimeout(restMs);
  const cpuBefore = process.cpuUsage();
  await setTimeout(restMs / 2);
  const cpu = process.cpuUsage(cpuBefore);
  globalThis.gc?.();
  await setTimeout(restMs / 10);
  globalThis.gc?.();
  const rssMiB = process.memoryUsage.rss() / 1024 / 1024;
  await troubles.within(deadlineMs, 'shutdown()', client.shutdown());
  return { rssMiB, idleCpuMicrosPerSecond: ((cpu.user + cpu.system) / (restMs / 2)) * 1000 };
}
