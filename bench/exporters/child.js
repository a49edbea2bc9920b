/** One exporter in a process of its own: `child.js <exporter and compression> <url of the sink> <url of the other server>`. Sends what an event takes. */
import { setTimeout } from 'node:timers/promises';
import { Tailrace } from '../../dist/esm/index.js';
import { mainThreadCpuNanos } from '../harness/thread-cpu.js';
import { payloadsOf } from '../harness/workloads.js';

const WARM_UP = 3_000;
const EVENTS = 8_000;
const PER_STEP = 50;
const STEP_MS = 25;

const [name, sinkUrl, url] = process.argv.slice(2);
const [exporter, compression] = name.split(' ');
const isTracing = exporter !== 'nothing';
const destinations = {
  redis: { exporter: 'redis', redis: { url } },
  clickhouse: { exporter: 'clickhouse', clickhouse: { url, migrate: false } },
  langfuse: { publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench', baseUrl: sinkUrl },
};
const client = new Tailrace({
  enabled: isTracing,
  compression,
  ...(destinations[exporter] ?? destinations.langfuse),
});
const payloads = payloadsOf('2KB-english');

async function send(from, count) {
  let nextMs = performance.now();
  for (let i = from; i < from + count; ) {
    for (const end = i + PER_STEP; i < end; i++) {
      client.generation({ name: `#e${i};`, model: 'gpt-4o', input: payloads.input(i) }).end({
        output: { ...payloads.output(i), id: `#o${i};` },
      });
    }
    // On a busy machine the worker may fall behind: a refused event would be cheaper.
    await client.ready();
    nextMs += STEP_MS;
    await setTimeout(Math.max(0, nextMs - performance.now()));
  }
  await client.flush();
}

await send(0, WARM_UP);
globalThis.gc?.();
const mainBefore = mainThreadCpuNanos();
const before = process.cpuUsage();
await send(WARM_UP, EVENTS);
const { user, system } = process.cpuUsage(before);
const figures = {
  mainMicros: (mainThreadCpuNanos() - mainBefore) / 1000 / EVENTS,
  processMicros: (user + system) / EVENTS,
  events: WARM_UP + EVENTS,
};
await client.shutdown();
process.send(figures, () => process.exit());
