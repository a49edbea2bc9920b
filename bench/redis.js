/**
 * What an event costs with `exporter: 'redis'` beside the Langfuse exporter: `npm run bench:redis`. The same generations (recorded text of
 * 2 KB in two fields each, 2,000 a second) in a fresh process for each exporter and round; the rounds are interleaved, what is printed is the median.
 * The server is a redis-server of its own, without persistence; it is a process of its own, as the sink is.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@redis/client';
import { startSink } from './harness/sink-client.js';
import { medians } from './harness/statistics.js';
import { printTable } from './report/terminal.js';

const ROUNDS = 3;
const CHILD = fileURLToPath(new URL('./exporters/child.js', import.meta.url));
const CASES = ['nothing', 'langfuse none', 'redis none', 'langfuse gzip', 'redis gzip'];

const sink = await startSink();
const { url, redis, stop } = await startRedis();
const results = new Map(CASES.map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round++) {
  for (const name of round % 2 === 0 ? CASES : CASES.toReversed()) {
    await sink.reset();
    await redis.sendCommand(['FLUSHALL']);
    const child = fork(CHILD, [name, sink.url, url], { execArgv: ['--expose-gc'] });
    const [{ events, ...figures }] = await once(child, 'message');
    const arrived = name.startsWith('redis') ? await countEvents() : (await sink.counts()).delivered;
    results.get(name).push({ ...figures, lost: name === 'nothing' ? 0 : events - arrived });
  }
}
sink.stop();
await stop();

const nothing = medians(results.get('nothing'));
printTable([
  ['', 'main thread CPU, µs/event', 'process CPU, µs/event', 'share of langfuse', 'lost'],
  ...CASES.map((name) => {
    const { mainMicros, processMicros } = medians(results.get(name));
    const langfuse = medians(results.get(name.replace('redis', 'langfuse')));
    const share = (processMicros - nothing.processMicros) / (langfuse.processMicros - nothing.processMicros);
    const lost = Math.max(...results.get(name).map((figures) => figures.lost));
    return [
      name,
      (mainMicros - nothing.mainMicros).toFixed(1),
      (processMicros - nothing.processMicros).toFixed(1),
      name.startsWith('redis') ? share.toFixed(2) : '',
      String(lost),
    ];
  }),
]);

/** Of all entries of the stream, as their fields say. */
async function countEvents() {
  const entries = await redis.sendCommand(['XRANGE', 'tailrace:0', '-', '+']);
  return entries.reduce((sum, [, fields]) => sum + Number(fields[fields.indexOf('count') + 1]), 0);
}

async function startRedis() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  const folder = mkdtempSync(join(tmpdir(), 'tailrace-redis-'));
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  let log = '';
  for await (const bytes of server.stdout.iterator({ destroyOnReturn: false })) {
    log += bytes;
    if (log.includes('Ready to accept connections')) break;
  }
  server.stdout.resume();
  const url = `redis://127.0.0.1:${port}`;
  const redis = await createClient({ url, RESP: 2 }).connect();
  return {
    url,
    redis,
    async stop() {
      redis.destroy();
      server.kill();
      await once(server, 'exit');
      rmSync(folder, { recursive: true });
    },
  };
}
