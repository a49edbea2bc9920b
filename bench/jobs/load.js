/** Events at a pace, from the first one until the last is delivered: what it costs the thread, the process, the wire. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createFeed, feedPaced, feedSaturating } from '../harness/feed.js';
import { openClient } from '../harness/open-client.js';
import { percentiles } from '../harness/statistics.js';
import { mainThreadCpuNanos } from '../harness/thread-cpu.js';

export async function run(job, subject, troubles) {
  const { events, warmupEvents, mode, pace, stallMs, deadlineMs } = job;
  const { payloads, client, sink } = await openClient(job, subject);

  /** Until everything is with the sink, or nothing more comes. */
  const settle = async (feed, count) => {
    feed.close();
    await troubles.within(deadlineMs, 'flush()', client.flush());
    if (subject.delivers) await troubles.within(deadlineMs, 'delivery', sink.wait(count, stallMs));
  };

  const warmUp = createFeed(client, payloads, warmupEvents);
  await feedPaced(warmUp, warmupEvents, pace);
  await settle(warmUp, warmupEvents);
  await sink.reset();
  const warmCounts = client.counts?.();
  globalThis.gc?.();

  const feed = createFeed(client, payloads, events);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startMs = performance.timeOrigin + performance.now();
  const cpuBefore = process.cpuUsage();
  const threadBefore = mainThreadCpuNanos();
  const loopBefore = performance.eventLoopUtilization();

  await (mode === 'saturating' ? feedSaturating : feedPaced)(feed, events, pace);
  const offeredMs = performance.timeOrigin + performance.now() - startMs;
  const refused = client.counts === undefined ? null : refusals(client.counts(), warmCounts);
  await settle(feed, events);

  const loop = performance.eventLoopUtilization(loopBefore);
  const threadAfter = mainThreadCpuNanos();
  const cpu = process.cpuUsage(cpuBefore);
  delay.disable();

  await troubles.within(deadlineMs, 'shutdown()', client.shutdown());
  const counts = await sink.counts();
  const [p50, p99, p999, max] = percentiles(feed.latenciesMs, 50, 99, 99.9, 100);
  return {
    enqueueP50Micros: p50 * 1000,
    enqueueP99Micros: p99 * 1000,
    enqueueP999Micros: p999 * 1000,
    enqueueMaxMicros: max * 1000,
    mainActiveMicros: (loop.active * 1000) / events,
    mainCpuMicros: threadAfter === undefined ? null : (threadAfter - threadBefore) / 1000 / events,
    processCpuMicros: (cpu.user + cpu.system) / events,
    loopDelayP99Ms: delay.percentile(99) / 1e6,
    loopDelayMaxMs: delay.max / 1e6,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
    offered: events,
    accepted: refused === null ? null : events - refused,
    ...(subject.delivers ? deliveryFigures(counts, events, startMs) : {}),
    offeredPerSecond: (events / offeredMs) * 1000,
  };
}

function refusals(counts, before) {
  return counts.dropped.total - before.dropped.total;
}

function deliveryFigures(counts, events, startMs) {
  return {
    delivered: counts.delivered,
    lost: events - counts.delivered,
    repeated: counts.repeated,
    wireBytesPerEvent: counts.wireBytes / Math.max(1, counts.delivered),
    requests: counts.requests,
    deliveredPerSecond:
      counts.delivered === 0 ? 0 : (counts.delivered / (counts.lastDeliveryMs - startMs)) * 1000,
  };
}
