/** Redis for the soak of the forwarder: the server, how producers and forwarders reach it, and what is left in it. */
import { createClient } from '@redis/client';

const GROUP = 'tailrace';

/** `start`, `lineOf`, `freePort`: those of the soak. */
export async function startRedis({ start, lineOf, freePort, shards }) {
  const port = await freePort();
  const child = start('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '']);
  await lineOf(child, (line) => /Ready to accept connections/.test(line));
  const urlAt = (at) => `redis://127.0.0.1:${at}`;
  const redis = createClient({ url: urlAt(port), RESP: 2 });
  await redis.connect();
  const streams = Array.from({ length: shards }, (_, shard) => `tailrace:${shard}`);
  const sum = (numbers) => numbers.reduce((all, one) => all + Number(one), 0);
  return {
    port,
    urlAt,
    exporter: { exporter: 'redis', redis: { url: urlAt(port), shards, maxLength: 200 } },
    forwarderOptions: ['--shards', String(shards)],
    /** Entries that are not delivered. */
    lag: async () => sum(await Promise.all(streams.map((key) => redis.sendCommand(['XLEN', key])))),
    dead: async () => Number(await redis.sendCommand(['XLEN', 'tailrace:dead'])),
    async pending() {
      const groups = await Promise.all(streams.map((key) => redis.sendCommand(['XPENDING', key, GROUP])));
      return sum(groups.map(([count]) => count));
    },
    close: () => redis.close(),
  };
}
