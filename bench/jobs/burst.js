/** Many events in one tick: how long the tick lasts, and what of them arrives. */
import { createFeed, feedPaced } from '../harness/feed.js';
import { openClient } from '../harness/open-client.js';

export async function run(job, subject, troubles, early) {
  const { events, warmupEvents, pace, stallMs, deadlineMs } = job;
  const { payloads, client, sink } = await openClient(job, subject);
  const warmUp = createFeed(client, payloads, warmupEvents);
  await feedPaced(warmUp, warmupEvents, pace);
  warmUp.close();
  await troubles.within(deadlineMs, 'flush()', client.flush());
  if (subject.delivers) await sink.wait(warmupEvents, stallMs);
  await sink.reset();
  const before = client.counts?.();

  const feed = createFeed(client, payloads, events);
  const startMs = performance.timeOrigin + performance.now();
  for (let i = 0; i < events; i++) feed.one(i);
  const tickMs = performance.timeOrigin + performance.now() - startMs;
  const after = client.counts?.();
  const tick = {
    tickMs,
    tickMicrosPerEvent: (tickMs * 1000) / events,
    offered: events,
    accepted: after === undefined ? null : events - (after.dropped.total - before.dropped.total),
  };
  early(tick);
  feed.close();
  const endMs = startMs + tickMs + deadlineMs;
  const leftMs = () => Math.max(1, endMs - performance.timeOrigin - performance.now());
  await troubles.within(leftMs(), 'flush()', client.flush());
  if (subject.delivers) await troubles.within(leftMs(), 'delivery', sink.wait(events, stallMs));
  await troubles.within(Math.max(1000, leftMs()), 'shutdown()', client.shutdown());
  const counts = await sink.counts();
  return {
    ...tick,
    ...(subject.delivers ? deliveryFigures(counts, events, startMs) : {}),
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
  };
}

function deliveryFigures({ delivered, firstMissing, lastDeliveryMs, requests }, events, startMs) {
  return {
    delivered,
    lost: events - delivered,
    // The largest burst that would have come through whole.
    wholeUpTo: Math.min(firstMissing, events),
    deliveredAfterMs: delivered === 0 ? null : lastDeliveryMs - startMs,
    requests,
  };
}
