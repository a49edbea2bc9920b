/**
 * One span processor in a process of its own: `otel-child.js <subject> <url of the sink>`. Prints what the spans cost
 * the main thread, from the first until the last is delivered.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { sinkAt } from '../harness/sink-client.js';
import { mainThreadCpuNanos } from '../harness/thread-cpu.js';
import { NOTHING, SUBJECTS } from './otel-subjects.js';

const SPANS = 20_000;
const WARM_UP_SPANS = 5_000;
const SPANS_PER_STEP = 50;
const STEP_MS = 5;
const STALL_MS = 3_000;
const TEXT = 'What a span of an LLM application carries most: text. '.repeat(40).slice(0, 2040);
/** Strings of their own, as answers of a model are. */
const POOL = Array.from({ length: 64 }, (_, i) => `${String(i).padStart(8, '0')}${TEXT}`);

const [id, url] = process.argv.slice(2);
const sink = sinkAt(url);
const processor = await SUBJECTS[id](url);
const provider = new BasicTracerProvider({ spanProcessors: [processor] });
const tracer = provider.getTracer('langfuse-sdk', '5.11.1');

/** Ten attributes, two of them 2 KB. The numbers are what the sink looks for. */
function makeSpan(i) {
  const span = tracer.startSpan(`#e${i};`);
  span.setAttributes({
    'langfuse.observation.type': 'generation',
    'langfuse.observation.model.name': 'gpt-4o',
    'langfuse.observation.input': POOL[i % POOL.length],
    'gen_ai.request.temperature': 0.5,
    'gen_ai.usage.input_tokens': 120,
    'gen_ai.usage.output_tokens': 40,
    'http.response.status_code': 200,
    stream: true,
    attempt: `#o${i};`,
    'langfuse.observation.output': POOL[(i + 7) % POOL.length],
  });
  span.end();
}

async function makeSpans(count) {
  let nextMs = performance.now();
  for (let i = 0; i < count; ) {
    for (const end = i + SPANS_PER_STEP; i < end; i++) makeSpan(i);
    nextMs += STEP_MS;
    await setTimeout(Math.max(0, nextMs - performance.now()));
  }
}

async function settle(count) {
  await Promise.resolve(processor.forceFlush()).catch(() => {});
  if (id !== NOTHING) await sink.wait(count, STALL_MS);
}

// The worker is there from here on.
await makeSpans(SPANS_PER_STEP);
await processor.forceFlush();
await makeSpans(WARM_UP_SPANS);
await settle(WARM_UP_SPANS);
await sink.reset();
globalThis.gc?.();

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
const cpuBefore = mainThreadCpuNanos();
const loopBefore = performance.eventLoopUtilization();
await makeSpans(SPANS);
await settle(SPANS);
const { active } = performance.eventLoopUtilization(loopBefore);
const cpu = mainThreadCpuNanos() - cpuBefore;
delay.disable();
const { delivered } = await sink.counts();
process.send(
  {
    activeMicros: (active * 1000) / SPANS,
    cpuMicros: cpu / 1000 / SPANS,
    loopDelayP99Ms: delay.percentile(99) / 1e6,
    lost: id === NOTHING ? 0 : SPANS - delivered,
  },
  () => process.exit(),
);
