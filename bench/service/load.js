/** Keeps so many requests under way, each on a connection of its own. */
import { Agent, get } from 'node:http';

export function createLoad(port, connections) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const options = { host: '127.0.0.1', port, agent };

  function request() {
    return new Promise((resolve, reject) => {
      get(options, (response) => response.resume().on('end', resolve)).on('error', reject);
    });
  }

  return {
    /** Resolves to the milliseconds of each request. */
    async run(forMs) {
      const latencies = [];
      const endMs = performance.now() + forMs;
      await Promise.all(
        Array.from({ length: connections }, async () => {
          for (let startMs; (startMs = performance.now()) < endMs; ) {
            await request();
            latencies.push(performance.now() - startMs);
          }
        }),
      );
      return latencies;
    },
    close: () => agent.destroy(),
  };
}
