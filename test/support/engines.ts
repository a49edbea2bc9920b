/** Engines over the JSON exporter, which are shut down after the test that made them. */
import { createEngine, type Engine, type EngineInput } from 'tailrace/engine';
import { onTestFinished } from 'vitest';
import { type Answer, type Sink, type SinkRequest, startSink } from './sink.js';

const EXPORTER = new URL('./json-exporter.mjs', import.meta.url);

export interface Bench {
  readonly sink: Sink;
  readonly engine: Engine;
  readonly messages: { error: string[]; drop: string[]; warning: string[] };
}

/** `trouble`: how many events may still misbehave as their `trouble` field says. */
export async function startBench(
  options: Partial<EngineInput> & { trouble?: number; answer?: Answer; exporterOptions?: object } = {},
): Promise<Bench> {
  const { trouble: troubles = 0, answer, exporterOptions, ...rest } = options;
  const sink = await startSink(answer);
  const trouble = new Int32Array(new SharedArrayBuffer(4));
  trouble[0] = troubles;
  const engine = createEngine({
    exporter: { url: EXPORTER, options: { url: sink.url, trouble, ...exporterOptions } },
    flushTimeoutMs: 20_000,
    ...rest,
  });
  const messages: Bench['messages'] = { error: [], drop: [], warning: [] };
  engine.on('error', (message) => messages.error.push(message));
  engine.on('drop', (message) => messages.drop.push(message));
  engine.on('warning', (message) => messages.warning.push(message));
  onTestFinished(async () => {
    await engine.shutdown();
    await sink.close();
  });
  return { sink, engine, messages };
}

export function eventsOf(requests: readonly SinkRequest[]): Record<string, unknown>[] {
  return requests.flatMap(({ body }) => JSON.parse(body.toString()) as Record<string, unknown>[]);
}

export function idsOf(requests: readonly SinkRequest[]): unknown[] {
  return eventsOf(requests).map(({ id }) => id);
}
