/**
 * The exporters that a client has, each with a server of its kind, or a socket that takes what the server would: what a client's
 * options are, and how many events have arrived. `start` returns undefined where the server, or the exporter, is missing.
 */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { startNats } from '../harness/nats-server.js';
import { hasRedis, startRedis } from '../harness/redis-server.js';
import { startSink } from '../harness/sink-client.js';

const NEWLINE = 10;
const KEYS = { publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench' };

export const DESTINATIONS = {
  langfuse: {
    async start() {
      const sink = await startSink();
      return { ...atSink(sink), options: { ...KEYS, baseUrl: sink.url } };
    },
  },
  otlp: {
    async start() {
      const sink = await startSink();
      return { ...atSink(sink), options: { exporter: 'otlp', otlp: { endpoint: sink.url } } };
    },
  },
  redis: {
    missing: 'redis-server is not installed',
    async start() {
      if (!hasRedis()) return undefined;
      const redis = await startRedis();
      return {
        options: { exporter: 'redis', redis: { url: redis.url } },
        reset: () => redis.ask('FLUSHALL'),
        arrived: () => redis.countEvents(),
        stop: redis.stop,
      };
    },
  },
  nats: {
    missing: 'this build has no such exporter, or nats-server is not installed',
    async start() {
      if (!existsSync(new URL('../../dist/exporters/nats', import.meta.url))) return undefined;
      const nats = await startNats();
      return (
        nats && {
          options: { exporter: 'nats', nats: { url: nats.url } },
          reset: nats.reset,
          arrived: nats.countEvents,
          stop: nats.stop,
        }
      );
    },
  },
  clickhouse: {
    async start() {
      const rows = await startRowCounter();
      return { ...rows, options: { exporter: 'clickhouse', clickhouse: { url: rows.url, migrate: false } } };
    },
  },
};

function atSink(sink) {
  return { reset: sink.reset, arrived: async () => (await sink.counts()).delivered, stop: sink.stop };
}

/** Takes inserts and counts their rows, without an engine: what an insert costs there is not measured. */
async function startRowCounter() {
  let rows = 0;
  const server = createServer(async (request, response) => {
    const bytes = Buffer.concat(await request.toArray());
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
    for (let at = body.indexOf(NEWLINE); at !== -1; at = body.indexOf(NEWLINE, at + 1)) rows++;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    reset: async () => void (rows = 0),
    arrived: async () => rows,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
