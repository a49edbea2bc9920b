/**
 * Delivery on the application's thread, whose requests are traced: by OpenTelemetry's instrumentation of http, and by a listener on
 * undici's channel that does as its instrumentation does, once for OpenTelemetry and once for us. Writes the names of what was traced.
 */
import { subscribe } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { Tailrace } from 'tailrace';
import { TailraceSpanProcessor } from 'tailrace/otel';

const [baseUrl, mode] = process.argv.slice(2);
const names = [];
const onEnd = ({ name }) => void names.push(name);
const settle = async () => {};
const witness = { onStart() {}, onEnd, forceFlush: settle, shutdown: settle };
// A worker that cannot start: three times, and then it is this thread.
const worker = mode === 'fallback' ? 'file:///nowhere/worker.js' : false;
const exporter = mode === 'late' ? './json-exporter.mjs' : './asking-exporter.mjs';
const client = new Tailrace({
  worker,
  logLevel: 'none',
  exporter: { url: new URL(exporter, import.meta.url), options: { url: baseUrl } },
});
if (mode === 'late') {
  client.span({ name: 'before OpenTelemetry comes' }).end();
  await client.flush();
}
const processor = new TailraceSpanProcessor({
  endpoint: baseUrl,
  shouldExportSpan: () => true,
  worker,
});
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const provider = new BasicTracerProvider({ spanProcessors: [processor, witness] });
trace.setGlobalTracerProvider(provider);
const instrumentation = new HttpInstrumentation();
instrumentation.setTracerProvider(provider);
const tracer = trace.getTracer('app');
const own = client.trace({ name: 'ours' });
let requests = 0;
subscribe('undici:request:create', () => {
  requests++;
  tracer.startSpan('undici').end();
  own.span({ name: 'undici' }).end();
  client.span({ name: 'undici' }).end();
  own.score({ name: 'requests', value: requests });
});

// As a service would that makes its client in its first request.
await tracer.startActiveSpan('request', async (span) => {
  client.span({ name: 'work' }).end();
  span.end();
});
for (let round = 0; round < 5; round++) {
  await client.flush();
  await processor.forceFlush();
}
const { get } = createRequire(import.meta.url)('node:http');
await new Promise((resolve) => get(baseUrl, (answer) => answer.resume().on('end', resolve)));
console.log(JSON.stringify({ names, requests, accepted: client.stats().accepted }));
process.exit(0);
