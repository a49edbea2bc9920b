/** One event and a flush, many times, each next to a bare POST of about the same bytes to the same sink. */
import { request } from 'undici';
import { createFeed } from '../harness/feed.js';
import { openClient } from '../harness/open-client.js';
import { median, percentiles } from '../harness/statistics.js';

export async function run(job, subject, troubles) {
  const { url, repeats, warmupEvents, delayMs, deadlineMs } = job;
  const { payloads, client, sink } = await openClient(job, subject);
  const feed = createFeed(client, payloads, warmupEvents + repeats);
  const body = JSON.stringify([payloads.input(0), payloads.output(0)]);
  const bare = {
    undici: () => request(`${url}/bare`, { method: 'POST', body }).then((response) => response.body.dump()),
    fetch: () => fetch(`${url}/bare`, { method: 'POST', body }).then((response) => response.arrayBuffer()),
  };
  for (let i = 0; i < warmupEvents; i++) {
    feed.one(i);
    await troubles.within(deadlineMs, 'flush()', client.flush());
    await bare.undici();
    await bare.fetch();
  }

  await sink.reset();
  await sink.delay(delayMs);
  const took = { flush: [], undici: [], fetch: [] };
  const time = async (name, work) => {
    const startMs = performance.now();
    await work();
    took[name].push(performance.now() - startMs);
  };
  for (let i = 0; i < repeats; i++) {
    await time('flush', () => {
      feed.one(warmupEvents + i);
      return troubles.within(deadlineMs, 'flush()', client.flush());
    });
    await time('undici', bare.undici);
    await time('fetch', bare.fetch);
  }
  // Before shutdown: what had come when the last flush() resolved.
  const { delivered } = await sink.counts();
  await sink.delay(0);
  await troubles.within(deadlineMs, 'shutdown()', client.shutdown());
  const [p50, p99] = percentiles(took.flush, 50, 99);
  return {
    flushP50Ms: p50,
    flushP99Ms: p99,
    undiciPostP50Ms: median(took.undici),
    fetchPostP50Ms: median(took.fetch),
    flushPerUndiciPost: p50 / median(took.undici),
    flushPerFetchPost: p50 / median(took.fetch),
    offered: repeats,
    deliveredWhenFlushed: delivered,
  };
}
