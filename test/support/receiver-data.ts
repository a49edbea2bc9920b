/** What the tests of the receiver's API read: some of everything, with and without each optional field. */
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { expect } from 'vitest';
import type { Receiver } from '../../src/receiver/receiver.js';
import { baseMs, ingestionEvent, otelSpan, postJson, postProtobuf } from '../unit/receiver/helpers.js';

export const iso = (ms: number) => new Date(baseMs + ms).toISOString();

/** `t1` has all, `t2` nothing that may be missing, `t3` came over OTLP as `otlpTrace`. */
export const otlpTrace = '0af7651916cd43dd8448eb211c80319c';

export async function fill(receiver: Receiver): Promise<void> {
  const at = (ms: number) => ({ timestamp: iso(ms) });
  const batch = [
    ingestionEvent('trace-create', {
      id: 't1',
      name: 'chat',
      userId: 'ada',
      sessionId: 's1',
      release: 'r1',
      version: 'v1',
      environment: 'prod',
      public: true,
      tags: ['a', 'b,c', 'ü'],
      input: { q: 1 },
      output: 'text',
      metadata: { tier: 'gold', nested: { deep: [1] }, n: 5, yes: true, long: 'x'.repeat(300) },
      ...at(0),
    }),
    ingestionEvent('trace-create', { id: 't2', ...at(1000) }),
    ingestionEvent('trace-create', { id: 't4', sessionId: 's1', userId: 'bob', tags: ['a'], ...at(3000) }),
    ingestionEvent('span-create', {
      id: 'o1',
      traceId: 't1',
      name: 'root',
      startTime: iso(0),
      endTime: iso(2000),
      metadata: { step: 'one' },
    }),
    ingestionEvent('generation-create', {
      id: 'o2',
      traceId: 't1',
      parentObservationId: 'o1',
      name: 'answer',
      model: 'gpt-4o',
      modelParameters: { temperature: 0.5 },
      input: [{ role: 'user', content: 'Needle in the hay' }],
      output: 'yes',
      startTime: iso(100),
      endTime: iso(1100),
      completionStartTime: iso(300),
      usageDetails: { input: 10, input_cached: 5, output: 20 },
      promptName: 'greet',
      promptVersion: 3,
      level: 'WARNING',
      statusMessage: 'slow',
      version: 'v2',
      environment: 'prod',
    }),
    ingestionEvent('event-create', { id: 'o3', traceId: 't1', name: 'click', startTime: iso(200) }),
    // An update without the create that it belongs to.
    ingestionEvent('span-update', { id: 'o4', traceId: 't2', startTime: iso(1000), endTime: iso(1200) }),
    ingestionEvent('generation-create', { id: 'o5', traceId: 't4', startTime: iso(3000), level: 'ERROR' }),
    score('numeric', {
      traceId: 't1',
      value: 0.5,
      comment: 'fine',
      metadata: { by: 'me' },
      environment: 'prod',
    }),
    score('category', { traceId: 't1', observationId: 'o2', value: 'good' }),
    score('boolean', { traceId: 't1', value: 1, dataType: 'BOOLEAN' }),
    score('text', { traceId: 't1', value: 'well done', dataType: 'TEXT' }),
    score('correction', { traceId: 't1', name: 'output', value: 'better', dataType: 'CORRECTION' }),
    score('mood', { sessionId: 's1', value: 'calm' }),
    score('run', { datasetRunId: 'run1', value: 3, configId: 'c1' }),
    score('numeric2', { name: 'numeric', traceId: 't4', value: -2 }),
  ];
  expect((await postJson(`${receiver.url}/api/public/ingestion`, { batch })).json.errors).toEqual([]);
  const spans = [
    otelSpan({ spanId: '00f067aa0ba902b7', name: 'otel root', startMs: 2000, endMs: 2500 }),
    otelSpan({
      spanId: '00f067aa0ba902b8',
      parentSpanId: '00f067aa0ba902b7',
      name: 'otel child',
      startMs: 2100,
      endMs: 2300,
      attributes: { 'langfuse.observation.type': 'tool' },
    }),
  ];
  await postProtobuf(receiver.url, ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array);
  await receiver.usage();
}

let scores = 0;
function score(id: string, body: object) {
  scores += 1;
  return ingestionEvent('score-create', { id, name: id, ...body, timestamp: iso(scores) });
}
