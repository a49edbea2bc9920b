/**
 * One exporter in a process of its own: `child.js <job as JSON>`. Sends events at a rate, twice: to warm up, and to be measured. It says
 * `warm` between the two and waits for an answer, and then says what the measured events took.
 */
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Tailrace } from '../../dist/esm/index.js';
import { mainThreadCpuNanos } from '../harness/thread-cpu.js';
import { payloadsOf } from '../harness/workloads.js';

const MAX_PER_STEP = 50;
/** Steps a second: more would cost the loop more than the events. */
const STEPS_PER_SECOND = 40;

/** `options`: of the client, without any it makes each event and drops it. */
const { options, workload, perSecond, warmUp, events } = JSON.parse(process.argv[2]);
const client = new Tailrace(options ?? { enabled: false });
const payloads = payloadsOf(workload);
const perStep = Math.max(1, Math.min(MAX_PER_STEP, Math.round(perSecond / STEPS_PER_SECOND)));

async function send(from, count) {
  let nextMs = performance.now();
  for (let i = from; i < from + count; ) {
    for (const end = Math.min(i + perStep, from + count); i < end; i++) {
      client.generation({ name: `#e${i};`, model: 'gpt-4o', input: payloads.input(i) }).end({
        output: { ...payloads.output(i), id: `#o${i};` },
      });
    }
    // On a busy machine the worker may fall behind: a refused event would be cheaper.
    await client.ready();
    nextMs += (1000 * perStep) / perSecond;
    await setTimeout(Math.max(0, nextMs - performance.now()));
  }
}

await send(0, warmUp);
await client.flush();
globalThis.gc?.();
process.send('warm');
await once(process, 'message');
const startMs = performance.now();
const mainBefore = mainThreadCpuNanos();
const before = process.cpuUsage();
await send(warmUp, events);
const sentMs = performance.now() - startMs;
await client.flush();
const { user, system } = process.cpuUsage(before);
const mainMicros = (mainThreadCpuNanos() - mainBefore) / 1000 / events;
const processMicros = (user + system) / events;
const { rss } = process.memoryUsage();
await client.shutdown();
process.send({ mainMicros, processMicros, rssMiB: rss / 2 ** 20, seconds: sentMs / 1000 }, () =>
  process.exit(),
);
