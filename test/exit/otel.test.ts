/** The end of a process that nobody has told the span processor of: nothing is missing, nothing gets out unmasked. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { decodeSpans } from '../support/otel.js';
import { startSink } from '../support/sink.js';

const PROGRAM = join(import.meta.dirname, '../fixtures/otel/exit.mjs');

it.each([
  ['its natural end', 'end', 0],
  ['process.exit()', 'exit', 0],
  ['an uncaught error', 'throw', 1],
])('at %s spans are sent, also those that were waiting', async (_, how, code) => {
  const sink = await startSink();
  onTestFinished(() => sink.close());
  const keys = { LANGFUSE_PUBLIC_KEY: 'pk', LANGFUSE_SECRET_KEY: 'sk', LANGFUSE_BASE_URL: sink.url };
  const child = spawn(process.execPath, [PROGRAM, how], {
    env: { ...process.env, ...keys },
    stdio: 'ignore',
  });
  expect(await once(child, 'exit')).toEqual([code, null]);
  const spans = sink.requests.flatMap(({ body }) => decodeSpans(body));
  expect(Object.fromEntries(spans.map(({ name, attributes }) => [name, attributes['input.value']]))).toEqual({
    ready: '***',
    'held for its resource': '***',
    'held for its mask': '<fully masked due to failed mask function>',
  });
  expect(spans.find(({ name }) => name === 'held for its resource')?.resource).toMatchObject({
    known: 'yes',
  });
});

it.each(['exit', 'throw'])(
  'what an exporter of the application could not export before %s is told',
  async (how) => {
    const program = `import { TailraceSpanProcessor } from 'tailrace/otel';
    import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
    const processor = new TailraceSpanProcessor({ exporter: { export() {}, shutdown: async () => {} } });
    const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('langfuse-sdk');
    for (let i = 0; i < 3; i++) tracer.startSpan('lost').end();
    ${how === 'exit' ? 'process.exit()' : "throw new Error('boom')"};`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const stderr = text(child.stderr);
    await once(child, 'close');
    expect(await stderr).toContain('[tailrace] 3 spans not exported: the process ended');
  },
);
