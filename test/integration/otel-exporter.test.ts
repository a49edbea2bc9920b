/** An exporter of the application's own: called on its thread, in batches, one at a time, and never trusted. */
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import { InMemorySpanExporter, type ReadableSpan, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { TailraceSpanProcessor, type TailraceSpanProcessorOptions } from 'tailrace/otel';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listenToDiag, tracing } from '../support/otel.js';

type Done = (result: { code: number; error?: Error }) => void;

const LATER = { flushInterval: 59 };
const SUCCESS = { code: 0 };

function start(exporter: Partial<SpanExporter>, options: TailraceSpanProcessorOptions = {}) {
  const messages = listenToDiag();
  const whole = (exporter.shutdown ? exporter : { ...exporter, shutdown: async () => {} }) as SpanExporter;
  const processor = new TailraceSpanProcessor({ ...LATER, exporter: whole, ...options });
  onTestFinished(() => processor.shutdown());
  const { end } = tracing(processor, 'langfuse-sdk');
  const endAll = (count: number): void => {
    for (let i = 0; i < count; i++) end(`span-${i}`);
  };
  return { processor, end, endAll, messages };
}

/** Keeps what it is given, and answers when it is told to. */
function manual() {
  const batches: string[][] = [];
  const waiting: Done[] = [];
  let onExport = () => {};
  return {
    batches,
    export(spans: ReadableSpan[], done: Done) {
      batches.push(spans.map(({ name }) => name));
      waiting.push(done);
      onExport();
    },
    answer: (result = SUCCESS) => waiting.shift()?.(result),
    underWay: () => waiting.length,
    exported: (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => batches.length >= count && resolve();
        onExport = look;
        look();
      }),
  };
}

describe('batches', () => {
  it('are exported when they are full, not in the call that fills them', async () => {
    const exporter = new InMemorySpanExporter();
    const { processor, endAll } = start(exporter, { flushAt: 5 });
    endAll(5);
    expect(exporter.getFinishedSpans()).toHaveLength(0);
    await processor.forceFlush();
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual([
      'span-0',
      'span-1',
      'span-2',
      'span-3',
      'span-4',
    ]);
  });

  it('are exported when their time has come', async () => {
    const exporter = manual();
    const { endAll } = start(exporter, { flushInterval: 0.02 });
    endAll(2);
    await exporter.exported(1);
    expect(exporter.batches).toEqual([['span-0', 'span-1']]);
    exporter.answer();
  });

  it('go one after the other', async () => {
    const exporter = manual();
    const { processor, endAll } = start(exporter, { flushAt: 2 });
    endAll(5);
    const flushing = processor.forceFlush();
    for (let batch = 1; batch <= 3; batch++) {
      await exporter.exported(batch);
      expect([exporter.batches.length, exporter.underWay()]).toEqual([batch, 1]);
      exporter.answer();
    }
    await flushing;
    expect(exporter.batches.map(({ length }) => length)).toEqual([2, 2, 1]);
    expect(processor.stats()).toMatchObject({ accepted: 5, sent: 5, pending: 0 });
  });

  it('hold one span each in immediate mode, and a burst loses none', async () => {
    const exporter = new InMemorySpanExporter();
    const { processor, endAll } = start(exporter, { exportMode: 'immediate' });
    endAll(3000);
    await processor.forceFlush();
    expect(exporter.getFinishedSpans()).toHaveLength(3000);
  });

  it('are bounded: the newest is dropped, which is told when it starts and when it has ended', async () => {
    const exporter = manual();
    const { processor, end, endAll, messages } = start(exporter, { maxQueueSize: 4, flushAt: 4 });
    endAll(6);
    expect(processor.stats()).toMatchObject({
      accepted: 4,
      pending: 4,
      dropped: { total: 2, 'queue-full': 2 },
    });
    await exporter.exported(1);
    exporter.answer();
    await processor.forceFlush();
    end('again');
    const flushing = processor.forceFlush();
    await exporter.exported(2);
    exporter.answer();
    await flushing;
    expect(messages).toEqual([
      expect.stringMatching(
        /^warn: \[tailrace\] dropping spans: the queue is full\. .* \[TAILRACE_QUEUE_FULL\]$/,
      ),
      'warn: [tailrace] spans are accepted again; dropped so far: 2 [TAILRACE_QUEUE_ACCEPTING_AGAIN]',
    ]);
  });
});

describe('forceFlush', () => {
  it('does not wait for what ends after it, however steadily it comes', async () => {
    let ended = 0;
    let stopped = false;
    const { processor, end } = start(
      {
        export(_, done) {
          if (!stopped) end(`more-${ended++}`);
          setImmediate(done, SUCCESS);
        },
      },
      { exportMode: 'immediate', flushTimeoutMs: 3000 },
    );
    onTestFinished(() => {
      stopped = true;
    });
    end('one');
    await processor.forceFlush();
    expect(ended).toBeLessThan(5);
  });

  it('covers what is in flight and flushes the exporter', async () => {
    const exporter = manual();
    let flushed = 0;
    const { processor, endAll } = start(
      { ...exporter, forceFlush: async () => void flushed++ },
      { flushAt: 1 },
    );
    endAll(1);
    await exporter.exported(1);
    const flushing = processor.forceFlush();
    await new Promise((resolve) => setImmediate(resolve));
    expect(flushed).toBe(0);
    exporter.answer();
    await flushing;
    expect(flushed).toBe(1);
  });

  it.each<[string, Partial<SpanExporter>]>([
    ['fails', { export: (_, done) => done({ code: 1, error: new Error('no') }) }],
    [
      'throws',
      {
        export: () => {
          throw new Error('no');
        },
      },
    ],
    ['calls back with nonsense', { export: (_, done) => done(undefined as never) }],
    [
      'rejects its flush',
      { export: (_, done) => done(SUCCESS), forceFlush: () => Promise.reject(new Error('no')) },
    ],
    [
      'rejects its shutdown',
      { export: (_, done) => done(SUCCESS), shutdown: () => Promise.reject(new Error('no')) },
    ],
  ])('never rejects where the exporter %s, and says so', async (_, exporter) => {
    const { processor, endAll, messages } = start(exporter);
    endAll(1);
    await expect(processor.forceFlush()).resolves.toBeUndefined();
    await expect(processor.shutdown()).resolves.toBeUndefined();
    expect(processor.stats().pending).toBe(0);
    expect([...new Set(messages)]).toEqual([expect.stringMatching(/^(error|warn): \[tailrace\] .*/)]);
  });

  it('gives an export up that takes too long, and exports the next', async () => {
    const exporter = manual();
    process.env.OTEL_BSP_EXPORT_TIMEOUT = '50';
    onTestFinished(() => void delete process.env.OTEL_BSP_EXPORT_TIMEOUT);
    const { processor, endAll, messages } = start(exporter, { flushAt: 1, flushTimeoutMs: 5000 });
    endAll(2);
    await exporter.exported(2);
    exporter.answer();
    exporter.answer();
    await processor.forceFlush();
    expect(processor.stats()).toMatchObject({ accepted: 2, sent: 1, failed: 1 });
    expect(messages).toEqual([
      'error: [tailrace] 1 span not exported: no answer after 50 ms [TAILRACE_NOT_EXPORTED]',
    ]);
  });

  it('exports on after a failure', async () => {
    const results = [{ code: 1 }, SUCCESS];
    const { processor, endAll } = start({ export: (_, done) => done(results.shift() ?? SUCCESS) });
    endAll(1);
    await processor.forceFlush();
    endAll(1);
    await processor.forceFlush();
    expect(processor.stats()).toMatchObject({ sent: 1, failed: 1 });
  });
});

describe('shutdown', () => {
  it('exports what is left, shuts the exporter down once, and takes nothing more', async () => {
    const exporter = new InMemorySpanExporter();
    const names: string[] = [];
    let shutdowns = 0;
    const { processor, end, endAll } = start({
      export: (spans, done) => {
        names.push(...spans.map(({ name }) => name));
        exporter.export(spans, done);
      },
      shutdown: async () => void shutdowns++,
    });
    endAll(3);
    await Promise.all([processor.shutdown(), processor.shutdown()]);
    end('late');
    await processor.forceFlush();
    expect([names, shutdowns]).toEqual([['span-0', 'span-1', 'span-2'], 1]);
  });
});

it.each<[string, Partial<SpanExporter>]>([
  ['answers an export', { export: () => {} }],
  ['ends its flush', { export: (_, done) => done(SUCCESS), forceFlush: () => new Promise(() => {}) }],
  ['ends its shutdown', { export: (_, done) => done(SUCCESS), shutdown: () => new Promise(() => {}) }],
])('an exporter that never %s holds neither forceFlush nor shutdown up', async (_, exporter) => {
  const { processor, endAll } = start(exporter, { flushTimeoutMs: 100, flushAt: 1 });
  endAll(2);
  await processor.forceFlush();
  await processor.shutdown();
  const { sent, failed, pending } = processor.stats();
  expect(sent + failed + pending).toBe(2);
});

it('the exporter’s own requests make no spans', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(() => context.disable());
  const suppressed: boolean[] = [];
  const { processor, endAll } = start({
    export(_, done) {
      suppressed.push(isTracingSuppressed(context.active()));
      done(SUCCESS);
    },
  });
  endAll(1);
  await processor.forceFlush();
  expect(suppressed).toEqual([true]);
});

it('the exporter gets spans as the SDK made them, and masked ones with all their fields', async () => {
  const exporter = new InMemorySpanExporter();
  const { processor, end } = start(exporter, { mask: () => '***', environment: 'test' });
  end('masked', { 'input.value': 'secret' });
  end('as it is');
  await processor.forceFlush();
  const [masked, plain] = exporter.getFinishedSpans() as [ReadableSpan, ReadableSpan];
  expect(masked.attributes).toMatchObject({ 'input.value': '***', 'langfuse.environment': 'test' });
  for (const span of [masked, plain]) {
    expect(span).toMatchObject({ ended: true, kind: 0, status: { code: 0 }, events: [], links: [] });
    expect(span.spanContext().spanId).toMatch(/^[0-9a-f]{16}$/);
    expect([span.duration.length, span.instrumentationScope.name]).toEqual([2, 'langfuse-sdk']);
  }
});
