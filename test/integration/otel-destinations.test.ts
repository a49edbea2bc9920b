/** Several destinations of one span processor: one worker for all, and all the rest apart. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import type { metrics } from '@opentelemetry/api';
import { TailraceSpanProcessor, type TailraceSpanProcessorOptions } from 'tailrace/otel';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { decodeSpans, listenToDiag, tracing } from '../support/otel.js';
import { ended, REPOSITORY } from '../support/processes.js';
import { type Answer, ok, type Sink, startSink, status } from '../support/sink.js';
import { countWorkers, workersToBe } from '../support/worker-threads.js';

const NAMES = ['first', 'second', 'third'];

async function startSinks(answers: readonly Answer[] = [ok, ok, ok]): Promise<Sink[]> {
  const sinks = await Promise.all(answers.map((answer) => startSink(answer)));
  onTestFinished(async () => {
    await Promise.all(sinks.map((sink) => sink.close()));
  });
  return sinks;
}

function start(sinks: readonly Sink[], options: Omit<TailraceSpanProcessorOptions, 'destinations'> = {}) {
  const processor = new TailraceSpanProcessor({
    ...options,
    destinations: sinks.map(({ url }) => ({ endpoint: url })),
  });
  onTestFinished(() => processor.shutdown());
  return { processor, ...tracing(processor) };
}

const namesAt = ({ requests }: Sink): string[] =>
  requests.flatMap(({ body }) => decodeSpans(body)).map(({ name }) => name);

describe('the destinations of a span processor', () => {
  it('share a worker, which ends with the last of them', async () => {
    listenToDiag();
    const sinks = await startSinks();
    const before = countWorkers();
    const { processor, end } = start(sinks);
    for (const name of NAMES) end(name);
    await processor.forceFlush();
    expect(countWorkers()).toBe(before + 1);
    expect(sinks.map(namesAt)).toEqual([NAMES, NAMES, NAMES]);
    expect(processor.stats()).toMatchObject({ accepted: 9, sent: 9, pending: 0 });
    await processor.shutdown();
    await workersToBe(before);
  });

  it('do not where what is said of the worker differs', async () => {
    const [one, two] = await startSinks();
    const before = countWorkers();
    const destinations = [
      { endpoint: one?.url as string },
      { endpoint: two?.url as string, resourceLimits: { maxOldGenerationSizeMb: 256 } },
    ];
    const processor = new TailraceSpanProcessor({ destinations });
    onTestFinished(() => processor.shutdown());
    await workersToBe(before + 2);
  });

  it('do not where one has code of its own run there: what it holds up is its own', async () => {
    listenToDiag();
    const [held, free] = (await startSinks()) as [Sink, Sink, Sink];
    const maskModule = new URL('../support/masks/endless.mjs', import.meta.url);
    const processor = new TailraceSpanProcessor({
      flushAt: 1,
      flushTimeoutMs: 100,
      exitTimeoutMs: 100,
      destinations: [{ endpoint: held.url, maskModule }, { endpoint: free.url }],
    });
    onTestFinished(() => processor.shutdown());
    tracing(processor).end('stuck', { 'input.value': 'aaaa!' });
    await free.received(1);
    expect(namesAt(free)).toEqual(['stuck']);
    expect(held.requests).toEqual([]);
  });

  it('share several, each a part of the traces, where there are to be several', async () => {
    const sinks = await startSinks();
    const before = countWorkers();
    const { processor, end } = start(sinks, { workers: 2 });
    const names = Array.from({ length: 20 }, (_, i) => `span ${i}`);
    for (const name of names) end(name);
    await processor.forceFlush();
    expect(countWorkers()).toBe(before + 2);
    for (const sink of sinks) expect(namesAt(sink).toSorted()).toEqual(names.toSorted());
  });

  it('do not wait for one another, however few requests each may have under way', async () => {
    const held: Answer = () => {};
    const sinks = await startSinks([held, ok]);
    const { processor, end } = start(sinks, {
      flushAt: 1,
      maxInFlight: 1,
      flushTimeoutMs: 200,
      ringBytes: 65_536,
    });
    for (let i = 0; i < 20; i++) end(`span ${i}`);
    await sinks[1]?.received(20);
    await processor.forceFlush();
    expect(processor.stats()).toMatchObject({ accepted: 40, sent: 20, pending: 20 });
    expect(sinks[0]?.requests).toHaveLength(1);
  });

  it('that fail and those that do not are told apart', async () => {
    const messages = listenToDiag();
    const [bad, good, worse] = await startSinks([status(400), ok, status(404)]);
    const { processor, end } = start([bad, good, worse] as Sink[]);
    end('one');
    await processor.forceFlush();
    expect(processor.stats()).toMatchObject({ accepted: 3, sent: 1, failed: 2 });
    const errors = messages.filter((message) => message.startsWith('error'));
    expect(errors.map((message) => /\b(?:400|404)\b/.exec(message)?.[0]).toSorted()).toEqual(['400', '404']);
  });

  it('all begin anew where the worker has rested, whichever gets a span first', async () => {
    const sinks = await startSinks();
    const before = countWorkers();
    const processor = new TailraceSpanProcessor({
      workerIdleMs: 20,
      flushAt: 1,
      destinations: sinks.map(({ url }, i) => ({
        endpoint: url,
        shouldExportSpan: ({ otelSpan }: { otelSpan: { name: string } }) => otelSpan.name === NAMES[i],
      })),
    });
    onTestFinished(() => processor.shutdown());
    const { end } = tracing(processor);
    for (const [i, name] of [...NAMES.entries()].toReversed()) {
      await workersToBe(before);
      end(name);
      await sinks[i]?.received(1);
    }
    await workersToBe(before);
    expect(sinks.map(namesAt)).toEqual(NAMES.map((name) => [name]));
  });

  it('are measured apart', async () => {
    const sinks = await startSinks([ok, status(400)]);
    const counted: { name: string; value: number; attributes: Record<string, unknown> }[] = [];
    const instrument = (name: string) => ({
      add: (value: number, attributes = {}) => counted.push({ name, value, attributes }),
      record: (value: number, attributes = {}) => counted.push({ name, value, attributes }),
      addCallback() {},
      removeCallback() {},
    });
    const meter = new Proxy({}, { get: () => instrument });
    const processor = new TailraceSpanProcessor({
      meterProvider: { getMeter: () => meter } as unknown as ReturnType<typeof metrics.getMeterProvider>,
      destinations: sinks.map(({ url }) => ({ endpoint: url })),
    });
    onTestFinished(() => processor.shutdown());
    tracing(processor).end('one');
    await processor.forceFlush();
    const ports = sinks.map(({ url }) => Number(new URL(url).port));
    await vi.waitFor(() => {
      const durations = counted.filter(({ name }) => name === 'otel.sdk.exporter.operation.duration');
      expect(durations.map(({ attributes }) => attributes['server.port']).toSorted()).toEqual(
        ports.toSorted(),
      );
    });
  });

  it('find all that was pending again where the worker dies, each on its own ring', async () => {
    listenToDiag();
    const held: Answer = () => {};
    const sinks = await startSinks([held, held]);
    const workers: Worker[] = [];
    const onWorker = (worker: Worker): void => void workers.push(worker);
    process.on('worker', onWorker);
    onTestFinished(() => void process.off('worker', onWorker));
    const { processor, end } = start(sinks, { flushAt: 3 });
    for (const name of NAMES) end(name);
    await Promise.all(sinks.map((sink) => sink.received(1)));
    for (const sink of sinks) sink.answer = ok;
    await workers[0]?.terminate();
    await processor.forceFlush();
    expect(workers).toHaveLength(2);
    expect(processor.stats()).toMatchObject({ accepted: 6, sent: 6, pending: 0, failed: 0 });
    expect(sinks.map(namesAt)).toEqual([
      [...NAMES, ...NAMES],
      [...NAMES, ...NAMES],
    ]);
  });

  it('that have had their time at a shutdown take none from the others', async () => {
    const messages = listenToDiag();
    const sinks = await startSinks([() => {}, ok]);
    const { processor, end } = start(sinks, { flushTimeoutMs: 300, flushAt: 3 });
    for (const name of NAMES) end(name);
    await Promise.all(sinks.map((sink) => sink.received(1)));
    await processor.shutdown();
    expect(processor.stats()).toMatchObject({ accepted: 6, sent: 3, failed: 3, pending: 0 });
    expect(messages.filter((message) => message.includes('undelivered'))).toHaveLength(1);
  });

  it('keep what cannot be delivered apart on disk, and send it later', async () => {
    listenToDiag();
    const spoolDir = mkdtempSync(join(tmpdir(), 'tailrace-destinations-'));
    onTestFinished(() => rmSync(spoolDir, { recursive: true }));
    const sinks = await startSinks([status(503), status(503)]);
    const first = start(sinks, { spoolDir });
    for (const name of NAMES) first.end(name);
    await first.processor.shutdown();
    expect(first.processor.stats()).toMatchObject({ accepted: 6, spooled: 6, pending: 0, failed: 0 });
    for (const sink of sinks) {
      sink.answer = ok;
      sink.requests.splice(0);
    }
    const second = start(sinks, { spoolDir });
    await vi.waitFor(() => expect(second.processor.stats()).toMatchObject({ recovered: 6 }), {
      timeout: 20_000,
    });
    expect(sinks.map(namesAt)).toEqual([NAMES, NAMES]);
  });
});

describe('at the end of the process', () => {
  const program = (sinks: readonly Sink[], end: string): string => `
    import { TailraceSpanProcessor } from 'tailrace/otel';
    import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
    const processor = new TailraceSpanProcessor({
      exitTimeoutMs: 50000,
      destinations: ${JSON.stringify(sinks.map(({ url }) => ({ endpoint: url })))},
    });
    const tracer = new BasicTracerProvider({ spanProcessors: [processor] }).getTracer('test');
    for (const name of ${JSON.stringify(NAMES)}) tracer.startSpan(name).end();
    ${end}`;

  it.each([
    ['while the worker boots', 'process.exit();'],
    ['of itself', ''],
    [
      'when the worker is there',
      'await processor.forceFlush(); tracer.startSpan("last").end(); process.exit();',
    ],
    ['by a signal', `process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);`],
  ])('%s all of them get all', async (_, end) => {
    const sinks = await startSinks();
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program(sinks, end)], {
      cwd: REPOSITORY,
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    expect(await ended(child)).toMatchObject({ stdout: '', stderr: '' });
    const expected = end.includes('last') ? [...NAMES, 'last'] : NAMES;
    for (const sink of sinks) expect([...new Set(namesAt(sink))]).toEqual(expected);
  });
});
