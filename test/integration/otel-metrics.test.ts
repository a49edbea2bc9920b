/** The processor's own metrics, by OpenTelemetry's names, in an application's meter provider. */
import type { Worker } from 'node:worker_threads';
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { expect, it, onTestFinished } from 'vitest';
import { startProcessor } from '../support/otel.js';
import { type Answer, status } from '../support/sink.js';

function startMetrics() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  onTestFinished(() => meterProvider.shutdown());
  return {
    meterProvider,
    /** Value by the metric's name, and by `error.type` where there is one. */
    async read(): Promise<Record<string, number>> {
      exporter.reset();
      await meterProvider.forceFlush();
      const metrics = exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((one) => one.metrics));
      return Object.fromEntries(
        metrics.flatMap(({ descriptor, dataPoints }) =>
          (dataPoints as DataPoint<number | Histogram>[]).map(({ attributes, value }) => {
            const failure = attributes['error.type'];
            const name = descriptor.name.replace('otel.sdk.', '') + (failure ? ` ${failure}` : '');
            return [name, typeof value === 'number' ? value : value.count];
          }),
        ),
      );
    },
  };
}

it('tell of the queue, of what is in flight and of what has been exported', async () => {
  const { meterProvider, read } = startMetrics();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const answer: Answer = (_, response) => void released.then(() => response.end());
  const { processor, sink, end } = await startProcessor(
    { meterProvider, maxQueueSize: 5, flushAt: 3, flushInterval: 59 },
    { answer },
  );
  for (let i = 0; i < 7; i++) end(`span-${i}`);
  await sink.received(1);
  expect(await read()).toEqual({
    'processor.span.queue.size': 2,
    'processor.span.queue.capacity': 5,
    'processor.span.processed': 3,
    'processor.span.processed queue_full': 2,
    'exporter.span.inflight': 3,
    'exporter.span.exported': 0,
    'exporter.span.exported export_failed': 0,
  });
  release();
  await processor.forceFlush();
  expect(await read()).toMatchObject({
    'processor.span.queue.size': 0,
    'processor.span.processed': 5,
    'exporter.span.inflight': 0,
    'exporter.span.exported': 5,
    'exporter.operation.duration': 2,
  });
});

it('tell of failures', async () => {
  const { meterProvider, read } = startMetrics();
  const { processor, end } = await startProcessor({ meterProvider }, { answer: status(400) });
  end('refused');
  await processor.forceFlush();
  expect(await read()).toMatchObject({
    'exporter.span.exported': 0,
    'exporter.span.exported export_failed': 1,
    'exporter.operation.duration failure': 1,
  });
});

it('name why a span was lost', async () => {
  const { meterProvider, read } = startMetrics();
  const shouldExportSpan = ({ otelSpan }: { otelSpan: { name: string } }) => {
    if (otelSpan.name === 'unclear') throw new Error('no idea');
    return true;
  };
  const { processor, end } = await startProcessor({ meterProvider, shouldExportSpan });
  end('unclear');
  end('sent');
  await processor.forceFlush();
  expect(await read()).toMatchObject({
    'processor.span.processed': 1,
    'processor.span.processed queue_full': 0,
    'processor.span.processed filter_failed': 1,
  });
});

it('know what is in flight after the death of a worker', async () => {
  let worker: Worker | undefined;
  const onWorker = (started: Worker): void => {
    worker = started;
  };
  process.on('worker', onWorker);
  onTestFinished(() => void process.off('worker', onWorker));
  const { meterProvider, read } = startMetrics();
  // The first request has no answer.
  const answer: Answer = (_, response, index) => {
    if (index > 0) response.end();
  };
  const { processor, sink, end } = await startProcessor(
    { meterProvider, flushAt: 3, flushInterval: 59 },
    { answer },
  );
  for (let i = 0; i < 3; i++) end(`span-${i}`);
  await sink.received(1);
  await worker?.terminate();
  await processor.forceFlush();
  for (let i = 0; i < 2; i++) end(`waiting-${i}`);
  expect(await read()).toMatchObject({
    'processor.span.queue.size': 2,
    'processor.span.processed': 3,
    'exporter.span.inflight': 0,
    'exporter.span.exported': 3,
  });
});

it('never break a processor: a provider that throws is told of', async () => {
  const broken = {
    getMeter: () => {
      throw new Error('no meter');
    },
  };
  const { processor, end, names, messages } = await startProcessor({ meterProvider: broken as never });
  end('one');
  await processor.forceFlush();
  expect(names()).toEqual(['one']);
  expect(messages).toEqual(['warn: [tailrace] the meter failed: no meter [TAILRACE_METER_FAILED]']);
});
