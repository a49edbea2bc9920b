/** Engines over the otlp exporter, which are shut down after the test that made them, and spans of the official SDK. */
import { BasicTracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { createEngine, type Engine, type EngineInput } from 'tailrace/engine';
import { onTestFinished } from 'vitest';
import { writeSpan } from '../../dist/records/span.js';
import type { FinishedSpan } from '../../src/records/finished-span.js';
import type { OtlpExporterOptions } from '../../src/shared/contract/otlp-options.js';

export interface OtlpEngine {
  readonly engine: Engine;
  readonly errors: string[];
  readonly warnings: string[];
  write(span: FinishedSpan | ReadableSpan): boolean;
}

export function startOtlpEngine(
  options: Partial<OtlpExporterOptions> & Pick<OtlpExporterOptions, 'url'>,
  engineOptions: Partial<EngineInput> = {},
): OtlpEngine {
  const engine = createEngine({
    exporter: { url: 'otlp', options: { headers: {}, ...options } },
    flushTimeoutMs: 20_000,
    ...engineOptions,
  });
  const errors: string[] = [];
  const warnings: string[] = [];
  engine.on('error', (message) => errors.push(message));
  engine.on('warning', (message) => warnings.push(message));
  onTestFinished(async () => {
    await engine.shutdown();
  });
  // Not in the published types.
  const { write } = engine as unknown as import('../../src/producer/engine.js').Engine;
  return { engine, errors, warnings, write: (span) => write(writeSpan, span as FinishedSpan, 0) };
}

/** The spans that `run` ends, as the SDK hands them to a processor. */
export async function spansOfSdk(run: (provider: BasicTracerProvider) => void): Promise<ReadableSpan[]> {
  const spans: ReadableSpan[] = [];
  const provider = new BasicTracerProvider({
    spanProcessors: [
      {
        onStart: () => {},
        onEnd: (span) => void spans.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  });
  run(provider);
  await provider.shutdown();
  return spans;
}
