/** One step of the search for the highest rate without loss: events by the clock, then a look at what has come. */
import { createFeed, feedByClock, feedPaced } from '../harness/feed.js';
import { sinkAt } from '../harness/sink-client.js';
import { payloadsOf } from '../harness/workloads.js';

export async function run(job, subject, troubles) {
  const { url, workload, perSecond, durationMs, graceMs, warmupEvents, pace } = job;
  const payloads = payloadsOf(workload);
  const create = await subject.load();
  const client = create({ url, poolSize: payloads.poolSize });
  const sink = sinkAt(url);
  const warmUp = createFeed(client, payloads, warmupEvents);
  await feedPaced(warmUp, warmupEvents, pace);
  warmUp.close();
  await troubles.within(graceMs * 10, 'flush()', client.flush());
  await sink.wait(warmupEvents, graceMs);
  await sink.reset();

  const events = Math.floor((perSecond * durationMs) / 1000);
  const feed = createFeed(client, payloads, events);
  const startMs = performance.timeOrigin + performance.now();
  const limitMs = durationMs + graceMs;
  const offered = await feedByClock(feed, events, perSecond, limitMs);
  // Too late already: what is still queued is not waited for.
  if (offered < events) return { sustained: 0, offered, events };
  feed.close();
  await troubles.within(graceMs * 2, 'flush()', client.flush());
  const { delivered, lastDeliveryMs } = await sink.wait(events, graceMs);
  const tookMs = lastDeliveryMs - startMs;
  return { sustained: Number(delivered === events && tookMs <= limitMs), offered, events, delivered, tookMs };
}
