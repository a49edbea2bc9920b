/**
 * One program with one tracer, in a process of its own: `child.js '<job>'`. Sends what its calls cost the main thread and
 * the process, from the first until the last is delivered.
 */
import { setTimeout } from 'node:timers/promises';
import { sinkAt } from '../harness/sink-client.js';
import { mainThreadCpuNanos } from '../harness/thread-cpu.js';
import { FLOOR, NOTHING, OURS, OURS_PLAIN, THEIRS } from './programs.js';

const KEYS = { publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench' };
const WORK_MS = 20;
const PAUSE_MS = 20;
const STALL_MS = 5_000;
/** Enough that one more observation for each process would be seen. */
const SAMPLE_CALLS = 3;

const { url, subject, module, program, name, forMs, warmUpMs } = JSON.parse(process.argv[2]);
const sink = sinkAt(url);
const isTracing = subject !== NOTHING && subject !== FLOOR;

const { [program]: create, tracers } = await import(`./${module}.js`);
const flush = await startClient();
const tracer = subject === NOTHING ? undefined : await tracers[subject === OURS_PLAIN ? OURS : subject]();
const call = await create(tracer, name);

let next = 0;
// How many spans a call has: one process of a tracer always makes as many.
for (; next < SAMPLE_CALLS; next++) await call(next);
const spansPerCall = (await settle()).spans / SAMPLE_CALLS;
// A service runs for days: V8 has optimised what is hot in all threads, which takes thousands of events.
await run(warmUpMs);
await settle();
await sink.reset();
globalThis.gc?.();

next = 0;
const cpuBefore = process.cpuUsage();
const mainBefore = mainThreadCpuNanos();
const loopBefore = performance.eventLoopUtilization();
await run(forMs);
const calls = next;
const counts = await settle();
const main = mainThreadCpuNanos() - mainBefore;
const { user, system } = process.cpuUsage(cpuBefore);
const { active } = performance.eventLoopUtilization(loopBefore);
process.send(
  {
    calls,
    mainMicros: main / 1000 / calls,
    processMicros: (user + system) / calls,
    activeMicros: (active * 1000) / calls,
    delivered: counts.delivered,
    lost: isTracing ? calls - counts.delivered : 0,
    spansPerCall,
    lostSpans: isTracing ? spansPerCall * calls - counts.spans : 0,
    bodyBytes: counts.bodyBytes / calls,
    wireBytes: counts.wireBytes / calls,
    node: process.version,
  },
  () => process.exit(),
);

/**
 * One call after the other, with pauses, in which what is in the background keeps up. So there are enough calls to see a
 * difference of some microseconds, and a timer of a client is not counted as often as at a slow pace.
 */
async function run(forMs) {
  for (const endMs = performance.now() + forMs; performance.now() < endMs; await setTimeout(PAUSE_MS)) {
    for (const pauseMs = performance.now() + WORK_MS; performance.now() < pauseMs; ) await call(next++);
  }
}

async function settle() {
  await flush();
  return isTracing ? sink.wait(next, STALL_MS) : sink.counts();
}

/** The client of the tracer; resolves to its flush. */
async function startClient() {
  if (subject === OURS || subject === OURS_PLAIN) {
    const { Tailrace } = await import('../../dist/esm/index.js');
    const plain = subject === OURS_PLAIN ? { compression: 'none' } : {};
    const client = new Tailrace({ ...KEYS, baseUrl: url, ...plain });
    return () => client.flush();
  }
  if (subject !== THEIRS) return async () => {};
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const { LangfuseSpanProcessor } = await import('@langfuse/otel');
  const processor = new LangfuseSpanProcessor({ ...KEYS, baseUrl: url });
  new NodeSDK({ spanProcessors: [processor], instrumentations: [] }).start();
  return () => processor.forceFlush();
}
