/** Gives a client its events one by one, at one pace or another, and times each call. */

/** One trace for so many generations: about what an agent's conversation has. */
const EVENTS_PER_TRACE = 50;

/**
 * @returns {{one(i: number): void, close(): void, latenciesMs: Float64Array}} `one` makes and hands over event `i`;
 * its latency is of the call and of the objects made for it, not of the trace that is opened now and then.
 */
export function createFeed(client, payloads, events) {
  const latenciesMs = new Float64Array(events);
  let trace;
  let left = 0;
  return {
    latenciesMs,
    one(i) {
      if (left === 0 || payloads.traceEvery(i)) {
        if (trace !== undefined) client.closeTrace(trace);
        trace = client.openTrace(i);
        left = EVENTS_PER_TRACE;
      }
      left--;
      const startMs = performance.now();
      client.record(trace, `#e${i};`, payloads.input(i), payloads.output(i), i);
      latenciesMs[i] = performance.now() - startMs;
    },
    close() {
      if (trace !== undefined) client.closeTrace(trace);
      trace = undefined;
    },
  };
}

/** So many events per tick: a slow client is offered them later, not more at once. */
export function feedPaced(feed, events, { perTick, tickMs }) {
  return new Promise((resolve) => {
    let i = 0;
    const timer = setInterval(() => {
      for (const end = Math.min(i + perTick, events); i < end; i++) feed.one(i);
      if (i < events) return;
      clearInterval(timer);
      resolve();
    }, tickMs);
  });
}

/** As fast as it goes, with a turn of the event loop after every few. */
export async function feedSaturating(feed, events, { perTick }) {
  for (let i = 0; i < events; ) {
    for (const end = Math.min(i + perTick, events); i < end; i++) feed.one(i);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** By the clock: what is due is offered, however late. Gives up after `giveUpMs`. Resolves to what was offered. */
export function feedByClock(feed, events, perSecond, giveUpMs) {
  return new Promise((resolve) => {
    const startMs = performance.now();
    let i = 0;
    const timer = setInterval(() => {
      for (;;) {
        const elapsedMs = performance.now() - startMs;
        const due = Math.min(events, Math.floor((elapsedMs / 1000) * perSecond));
        if (i >= events || elapsedMs > giveUpMs) {
          clearInterval(timer);
          return resolve(i);
        }
        if (i >= due) return;
        // A look at the clock after every few: an overloaded client must not keep this tick for ever.
        for (const end = Math.min(due, i + 50); i < end; i++) feed.one(i);
      }
    }, 5);
  });
}
