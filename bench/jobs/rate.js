/** One step of the search for the highest rate without loss: events by the clock, then a look at what has come. */
import { createFeed, feedByClock, feedPaced } from '../harness/feed.js';
import { openClient } from '../harness/open-client.js';

export async function run(job, subject, troubles) {
  const { perSecond, durationMs, graceMs, warmupEvents, pace } = job;
  const { payloads, client, sink } = await openClient(job, subject);
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
