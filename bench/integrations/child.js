/**
 * One program with one tracer, in a process of its own: `child.js '<job>'`. Sends what the tracer adds to a call on the main
 * thread, and what the other threads take.
 *
 * Calls with and without the tracer take turns of some milliseconds: the difference is a few per cent of a call, and two
 * processes differ by more than that. The pause after a turn belongs to it: what clients and libraries do in the background
 * is done then.
 */
import { setTimeout } from 'node:timers/promises';
import { sinkAt } from '../harness/sink-client.js';
import { mainThreadCpuNanos } from '../harness/thread-cpu.js';
import { FLOOR, NOTHING, OURS, OURS_GZIP, THEIRS } from './programs.js';

const KEYS = { publicKey: 'pk-lf-bench', secretKey: 'sk-lf-bench' };
const TURN_MS = 20;
const PAUSE_MS = 20;
const STALL_MS = 5_000;
/** Enough that one more observation for each process would be seen. */
const SAMPLE_CALLS = 3;

const { url, subject, module, program, name, forMs, warmUpMs } = JSON.parse(process.argv[2]);
const sink = sinkAt(url);
const isTracing = subject !== NOTHING && subject !== FLOOR;

const { [program]: create, tracers } = await import(`./${module}.js`);
const flush = await startClient();
const tracer = subject === NOTHING ? undefined : await tracers[subject === OURS_GZIP ? OURS : subject]();
const traced = await create(tracer, name);
const plain = await create(undefined, name);

let next = 0;
// How many spans a call has: one process of a tracer always makes as many.
for (; next < SAMPLE_CALLS; next++) await traced(next);
const spansPerCall = (await settle()).spans / SAMPLE_CALLS;
// A service runs for days: V8 has optimised what is hot in all threads, which takes thousands of events.
await run(warmUpMs);
await settle();
await sink.reset();
globalThis.gc?.();

next = 0;
const cpuBefore = process.cpuUsage();
const mainBefore = mainThreadNanos();
const turns = await run(forMs);
const counts = await settle();
const main = mainThreadNanos() - mainBefore;
const { user, system } = process.cpuUsage(cpuBefore);
const plainMicros = turns.plainNanos / 1000 / turns.plainCalls;
const tracedMicros = (main - turns.plainNanos) / 1000 / next;
process.send(
  {
    calls: next,
    plainMicros,
    mainAdded: tracedMicros - plainMicros,
    /** Of all calls, with and without the tracer. */
    othersMicros: (user + system - main / 1000) / (next + turns.plainCalls),
    plainCalls: turns.plainCalls,
    lost: isTracing ? next - counts.delivered : 0,
    spansPerCall,
    lostSpans: isTracing ? spansPerCall * next - counts.spans : 0,
    bodyBytes: counts.bodyBytes / next,
    wireBytes: counts.wireBytes / next,
    node: process.version,
  },
  () => process.exit(),
);

async function run(forMs) {
  const turns = { plainNanos: 0, plainCalls: 0 };
  for (const endMs = performance.now() + forMs; performance.now() < endMs; ) {
    for (const until = performance.now() + TURN_MS; performance.now() < until; ) await traced(next++);
    await setTimeout(PAUSE_MS);
    const before = mainThreadNanos();
    for (const until = performance.now() + TURN_MS; performance.now() < until; )
      await plain(turns.plainCalls++);
    await setTimeout(PAUSE_MS);
    turns.plainNanos += mainThreadNanos() - before;
  }
  return turns;
}

/** CPU time; where the system does not tell it, the time that has passed. */
function mainThreadNanos() {
  return mainThreadCpuNanos() ?? Number(process.hrtime.bigint());
}

async function settle() {
  await flush();
  return isTracing ? sink.wait(next, STALL_MS) : sink.counts();
}

/** The client of the tracer; resolves to its flush. */
async function startClient() {
  if (subject === OURS || subject === OURS_GZIP) {
    const { Tailrace } = await import('../../dist/esm/index.js');
    const compressing = subject === OURS_GZIP ? { compression: 'gzip' } : {};
    const client = new Tailrace({ ...KEYS, baseUrl: url, ...compressing });
    return () => client.flush();
  }
  if (subject !== THEIRS) return async () => {};
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const { LangfuseSpanProcessor } = await import('@langfuse/otel');
  const processor = new LangfuseSpanProcessor({ ...KEYS, baseUrl: url });
  new NodeSDK({ spanProcessors: [processor], instrumentations: [] }).start();
  return () => processor.forceFlush();
}
