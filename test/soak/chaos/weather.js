/** How the server is from one moment to the next: sound, out of order in each way that the fault matrix knows, or away. */
import { setTimeout } from 'node:timers/promises';

/** A sound server for so long after it was away: what is lost then is lost without a reason. */
export const CALM_MS = 4_000;

/**
 * Changes the weather until it is over.
 *
 * @param faults `passing`, `final` and `harmless`, as test/support/faults has them.
 * @returns `outages`: when the server was away, and when it came back (`performance.now()`).
 */
export function startWeather({ server, faults, random, longestOutageMs }) {
  const outages = [];
  const over = new AbortController();
  const wait = (ms) => setTimeout(ms, undefined, { signal: over.signal });
  const some = (list) => list[random(list.length)][1];

  const KINDS = {
    async sound() {
      await server.mend();
      await wait(500 + random(4_000));
    },
    async showers() {
      for (let i = 5 + random(20); i > 0; i--) {
        await server.mend();
        const fate = random(20);
        if (fate === 0) await set(some(faults.final));
        else if (fate < 4) await set(some(faults.harmless));
        else if (fate < 14) await set(some(faults.passing));
        await wait(50 + random(200));
      }
    },
    async storm() {
      await set(some(faults.passing));
      await wait(1_000 + random(4_000));
    },
    async away() {
      const outage = { from: performance.now(), until: Number.POSITIVE_INFINITY };
      outages.push(outage);
      await server.refuse();
      await wait(1_000 + random(longestOutageMs));
      await server.mend();
      outage.until = performance.now();
      await wait(CALM_MS);
    },
  };
  const ORDER = ['sound', 'sound', 'showers', 'showers', 'storm', 'away', 'away'];

  async function set(fault) {
    server.fault = fault;
    if (fault.refuses) await server.refuse();
  }

  async function change() {
    while (!over.signal.aborted) await KINDS[ORDER[random(ORDER.length)]]();
  }

  const changing = change().catch((error) => {
    if (error.name !== 'AbortError') throw error;
  });
  return {
    outages,
    async end() {
      over.abort();
      await changing;
      await server.mend();
    },
  };
}
