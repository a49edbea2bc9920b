/** What the library does on the application's thread leaves no trace there, and holds no request's context. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { asLangfuse } from '../support/clients.js';
import { type Sink, startSink } from '../support/sink.js';

const EXPORT = fileURLToPath(new URL('../support/own-export.mjs', import.meta.url));
const CONTEXTS = fileURLToPath(new URL('../support/kept-contexts.mjs', import.meta.url));
const execFileAsync = promisify(execFile);

async function startLangfuse(): Promise<Sink> {
  const sink = await startSink(asLangfuse);
  onTestFinished(() => sink.close());
  return sink;
}

async function run(args: string[]): Promise<unknown> {
  const { stdout } = await execFileAsync(process.execPath, args);
  return JSON.parse(stdout);
}

describe('delivery from the application’s thread, where requests are traced', () => {
  it.each(['worker: false', 'fallback'])('traces its own requests in no way: %s', async (mode) => {
    const sink = await startLangfuse();
    const outcome = await run([EXPORT, sink.url, mode]);
    // The last is the program's own: the instrumentation is at work.
    expect(outcome).toEqual({ names: ['request', 'GET'], requests: 2, accepted: 2 });
    const paths = new Set(sink.requests.map(({ url }) => url));
    expect(paths).toEqual(new Set(['/asked', '/events', '/v1/traces', '/']));
  });
});

describe('delivery that began before OpenTelemetry came', () => {
  it('is not traced either', async () => {
    const sink = await startLangfuse();
    const outcome = await run([EXPORT, sink.url, 'late']);
    expect(outcome).toMatchObject({ names: ['request', 'GET'], accepted: 3 });
  });
});

describe('a worker that is started inside a request', () => {
  it.each(['true', 'false'])('keeps nothing of the request’s context (worker: %s)', async (worker) => {
    const sink = await startLangfuse();
    expect(await run(['--expose-gc', CONTEXTS, sink.url, worker])).toBe(3);
  });
});
