import { describe, expect, it } from 'vitest';
import { type AttributeValue, emptySpan, type OtlpSpan } from '../../../../src/ingest/otlp/otlp-span.js';
import { mapSpans } from '../../../../src/ingest/otlp/span-mapping.js';
import { atOnce } from '../../../../src/receiver/slices.js';
import { traceA } from '../../receiver/helpers.js';

interface Spec extends Partial<Omit<OtlpSpan, 'attributes' | 'scope' | 'resource'>> {
  attributes?: Record<string, AttributeValue>;
  scope?: string;
  resource?: Record<string, AttributeValue>;
}

function span({ attributes = {}, scope = 'test', resource = {}, ...rest }: Spec = {}): OtlpSpan {
  const empty = emptySpan(
    { attributes: new Map(Object.entries(resource)) },
    { name: scope, version: '1', attributes: new Map() },
  );
  const ids = { traceId: traceA, spanId: '00f067aa0ba902b7', name: 'work' };
  return { ...empty, ...ids, ...rest, attributes: new Map(Object.entries(attributes)) };
}

function mapOne(spec: Spec) {
  const { observations, traces } = atOnce(mapSpans([span(spec)])).changes;
  return { row: observations[0]?.row, trace: traces[0] };
}

describe('an observation', () => {
  it('has all that Langfuse attributes say', () => {
    const { row } = mapOne({
      parentSpanId: '1111111111111111',
      startTimeUnixNano: 1_700_000_000_123_456_789n,
      endTimeUnixNano: 1_700_000_001_000_000_000n,
      attributes: {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.level': 'WARNING',
        'langfuse.observation.status_message': 'slow',
        'langfuse.observation.input': '{"question":"why?"}',
        'langfuse.observation.output': 'because',
        'langfuse.observation.completion_start_time': '"2026-01-15T12:00:00.250Z"',
        'langfuse.observation.model.name': 'gpt-4o',
        'langfuse.observation.model.parameters': '{"temperature":0}',
        'langfuse.observation.usage_details': '{"input":10,"output":5}',
        'langfuse.observation.cost_details': '{"input":0.1,"output":0.2,"total":0.3}',
        'langfuse.observation.prompt.name': 'greeting',
        'langfuse.observation.prompt.version': 3,
        'langfuse.observation.metadata.plain': 'text',
        'langfuse.observation.metadata.object': '{"a":[1]}',
        'langfuse.version': '1.2',
        'langfuse.environment': 'staging',
      },
    });
    expect(row).toMatchObject({
      id: '00f067aa0ba902b7',
      traceId: traceA,
      parentId: '1111111111111111',
      type: 'GENERATION',
      level: 'WARNING',
      statusMessage: 'slow',
      startUs: 1_700_000_000_123_456,
      endUs: 1_700_000_001_000_000,
      completionStartUs: Date.UTC(2026, 0, 15, 12, 0, 0, 250) * 1000,
      input: '{"question":"why?"}',
      output: 'because',
      model: 'gpt-4o',
      modelParameters: '{"temperature":0}',
      totalTokens: 15,
      totalCost: 0.3,
      promptName: 'greeting',
      promptVersion: 3,
      version: '1.2',
      environment: 'staging',
    });
    expect(JSON.parse(row?.metadata ?? '')).toMatchObject({ plain: 'text', object: { a: [1] } });
  });

  it('keeps what it does not know under metadata, with resource and scope', () => {
    const { row } = mapOne({
      attributes: { 'http.method': 'GET', big: 9007199254740993n, bytes: new Uint8Array([1, 2]) },
      resource: { 'service.name': 'shop' },
      events: [{ name: 'retry', timeUnixNano: 0n, attributes: new Map([['n', 1]]) }],
    });
    expect(JSON.parse(row?.metadata ?? '')).toMatchObject({
      attributes: { 'http.method': 'GET', big: '9007199254740993', bytes: 'AQI=' },
      resourceAttributes: { 'service.name': 'shop' },
      scope: { name: 'test', version: '1' },
      events: [{ name: 'retry', attributes: { n: 1 } }],
    });
  });

  it('of the scope tailrace leaves resource and scope out', () => {
    expect(mapOne({ scope: 'langfuse-sdk', resource: { 'service.name': 'shop' } }).row?.metadata).toBeNull();
  });

  it.each([
    [{ 'langfuse.observation.type': 'tool' }, 'TOOL'],
    [{ 'langfuse.observation.type': 'no such type' }, 'SPAN'],
    [{ 'gen_ai.request.model': 'm' }, 'GENERATION'],
    [{ 'gen_ai.operation.name': 'chat' }, 'GENERATION'],
    [{ 'gen_ai.operation.name': 'execute_tool' }, 'TOOL'],
    [{ 'ai.toolCall.id': 'c-1' }, 'TOOL'],
    [{ 'gen_ai.operation.name': 'embeddings', 'gen_ai.request.model': 'm' }, 'EMBEDDING'],
    [{}, 'SPAN'],
  ])('with %j is a %s', (attributes, type) => {
    expect(mapOne({ attributes: attributes as Record<string, string> }).row?.type).toBe(type);
  });

  it('is an ERROR when the span failed, and says why', () => {
    const failed = { status: { code: 2, message: '' } };
    const exception = {
      name: 'exception',
      timeUnixNano: 1n,
      attributes: new Map([['exception.message', 'boom']]),
    };
    expect(mapOne({ ...failed, events: [exception] }).row).toMatchObject({
      level: 'ERROR',
      statusMessage: 'boom',
    });
    expect(mapOne({ status: { code: 2, message: 'no' } }).row).toMatchObject({
      level: 'ERROR',
      statusMessage: 'no',
    });
    expect(mapOne({ ...failed, attributes: { 'langfuse.observation.level': 'DEBUG' } }).row?.level).toBe(
      'DEBUG',
    );
    expect(mapOne({}).row?.level).toBe('DEFAULT');
  });

  it('takes usage, model and parameters from the gen_ai attributes', () => {
    const { row } = mapOne({
      attributes: {
        'gen_ai.request.model': 'claude',
        'gen_ai.request.temperature': 0.5,
        'gen_ai.usage.input_tokens': 100,
        'gen_ai.usage.cache_read.input_tokens': 60,
        'gen_ai.usage.output_tokens': 20,
      },
    });
    expect(row).toMatchObject({ model: 'claude', modelParameters: '{"temperature":0.5}', totalTokens: 120 });
    expect(JSON.parse(row?.usageDetails ?? '')).toEqual({ input: 40, input_cache_read: 60, output: 20 });
  });

  it('takes a time that cannot be one from the other, or from the clock', () => {
    const end = 1_700_000_000_000_000_000n;
    expect(mapOne({ startTimeUnixNano: 0n, endTimeUnixNano: end }).row).toMatchObject({
      startUs: Number(end / 1000n),
      endUs: Number(end / 1000n),
    });
    const before = Date.now() * 1000;
    const { row } = mapOne({ startTimeUnixNano: 0n, endTimeUnixNano: 2n ** 64n - 1n });
    expect(row?.startUs).toBeGreaterThanOrEqual(before);
    expect(row?.endUs).toBe(row?.startUs);
  });
});

describe('a trace', () => {
  it('has what any of its spans says of it', () => {
    const { trace } = mapOne({
      parentSpanId: '1111111111111111',
      attributes: {
        'langfuse.trace.name': 'checkout',
        'user.id': 'ada',
        'session.id': 's1',
        'langfuse.trace.tags': ['a', 'b'],
        'langfuse.trace.public': true,
        'langfuse.trace.input': '{"cart":1}',
        'langfuse.trace.metadata.region': 'eu',
        'langfuse.release': 'v7',
      },
      resource: { 'deployment.environment.name': 'prod' },
    });
    expect(trace).toMatchObject({
      id: traceA,
      rootId: null,
      name: 'checkout',
      userId: 'ada',
      sessionId: 's1',
      tags: ['a', 'b'],
      public: 1,
      input: { text: '{"cart":1}' },
      metadata: { region: 'eu' },
      release: 'v7',
      environment: 'prod',
    });
  });

  it('is stood for by its root span, or the one that says it is', () => {
    expect(mapOne({}).trace?.rootId).toBe('00f067aa0ba902b7');
    const remoteParent = { parentSpanId: '1111111111111111' };
    expect(mapOne(remoteParent).trace?.rootId).toBeNull();
    const asRoot = { ...remoteParent, attributes: { 'langfuse.internal.as_root': true } };
    expect(mapOne(asRoot).trace?.rootId).toBe('00f067aa0ba902b7');
  });

  it('is written once for spans that say the same of it', () => {
    const spans = ['01', '02', '03'].map((end) =>
      span({
        spanId: `00000000000000${end}`,
        parentSpanId: '1111111111111111',
        attributes: { 'user.id': 'ada' },
      }),
    );
    expect(atOnce(mapSpans(spans)).changes).toMatchObject({
      traces: [{ userId: 'ada' }],
      observations: { length: 3 },
    });
  });
});

describe("tailrace's trace record", () => {
  const derived = traceA.slice(0, 16);
  const record: Spec = {
    scope: 'langfuse-sdk',
    spanId: derived,
    name: 'support chat',
    startTimeUnixNano: 5_000_000n,
    endTimeUnixNano: 9_000_000n,
    attributes: { 'tailrace.trace': true, 'langfuse.observation.input': 'hello' },
  };

  it('becomes the trace and no observation', () => {
    const { traces, observations } = atOnce(mapSpans([span(record)])).changes;
    expect(observations).toEqual([]);
    expect(traces[0]).toMatchObject({
      id: traceA,
      name: 'support chat',
      ownStartUs: 5000,
      ownEndUs: 9000,
      input: { text: 'hello' },
      rootId: null,
    });
  });

  it('is known by id and attribute together, whatever the scope', () => {
    const stored = (spec: Spec) => atOnce(mapSpans([span(spec)])).changes.observations;
    expect(stored({ ...record, scope: 'langfuse-sdk' })).toHaveLength(0);
    expect(stored({ ...record, attributes: {} })).toHaveLength(1);
    expect(stored({ ...record, spanId: '00f067aa0ba902b7' })).toHaveLength(1);
  });
});
