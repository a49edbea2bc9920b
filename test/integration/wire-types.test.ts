/** Every field of every body, as it is on the wire: a Langfuse server must store it, and as it was given. */

import type { GenerationBody, ObservationBody, ScoreBody, TraceBody } from 'tailrace';
import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../src/shared/langfuse-options.js';
import { type CapturedClient, lossesOf, NO_LOSSES, ROADS, startCapturedClient } from '../support/captured.js';
import { decodeOtlp, type ServerVersion, type WireSpan } from '../support/langfuse-server/index.js';

const START = Date.UTC(2026, 0, 15, 12);
const at = (ms: number) => new Date(START + ms);
const iso = (ms: number) => at(ms).toISOString();

const TRACE = 'ab'.repeat(16);
const idOf = (digit: string) => digit.repeat(16);

const trace: TraceBody = {
  id: TRACE,
  name: 'trace',
  userId: 'user',
  sessionId: 'session',
  input: { question: 'why' },
  output: ['because'],
  metadata: { text: 'text', number: 7, truth: true, deep: { list: [1, 'two'] } },
  tags: ['a', 'b'],
  version: 'v1',
  release: 'r1',
  environment: 'test',
  public: true,
  timestamp: at(0),
};

const observation: ObservationBody = {
  name: 'observation',
  input: 'in',
  output: { answer: 42 },
  metadata: { ownText: 'own', ownNumber: 0, ownTruth: false, ownDeep: { own: [null] } },
  level: 'ERROR',
  statusMessage: 'failed',
  version: 'v1',
  environment: 'test',
  startTime: at(10),
  endTime: at(20),
};

const generation: GenerationBody = {
  ...observation,
  model: 'gpt-4o',
  modelParameters: { temperature: 0.5, max_tokens: 100, stop: 'END' },
  usageDetails: { input: 10, output: 5, total: 15, input_cached: 4 },
  costDetails: { input: 0.1, output: 0.2, total: 0.3 },
  completionStartTime: at(15),
  prompt: { name: 'greeting', version: 3 },
};

const score: ScoreBody = {
  name: 'quality',
  value: 0.5,
  dataType: 'NUMERIC',
  comment: 'good',
  configId: 'config',
  environment: 'test',
  metadata: { by: 'judge', deep: { of: 1 } },
  timestamp: at(30),
};

const SPAN_TYPES = [
  'span',
  'agent',
  'tool',
  'chain',
  'retriever',
  'evaluator',
  'guardrail',
  'event',
] as const;
const SCORES: [string, Pick<ScoreBody, 'value' | 'dataType'>, object][] = [
  ['number', { value: 0.5 }, { value: 0.5, dataType: 'NUMERIC' }],
  ['truth', { value: true }, { value: 1, stringValue: 'True', dataType: 'BOOLEAN' }],
  ['category', { value: 'good' }, { stringValue: 'good', dataType: 'CATEGORICAL' }],
  ['text', { value: 'well', dataType: 'TEXT' }, { stringValue: 'well', dataType: 'TEXT' }],
];

const sent = new Map<string, Promise<CapturedClient>>();

/** All that there is to say, once for each road. */
function sendAll(protocol: Protocol, version: ServerVersion): Promise<CapturedClient> {
  const road = `${protocol} ${version}`;
  const sending = sent.get(road) ?? sendOnce(protocol, version);
  sent.set(road, sending);
  return sending;
}

async function sendOnce(protocol: Protocol, version: ServerVersion): Promise<CapturedClient> {
  const captured = await startCapturedClient(version, { protocol });
  const handle = captured.client.trace(trace);
  for (const [index, type] of SPAN_TYPES.entries()) {
    // An event is a point in time.
    const endTime = type === 'event' ? null : observation.endTime;
    handle[type]({ ...observation, endTime, id: idOf(`${index + 1}`) });
  }
  const parent = handle.generation({ ...generation, id: idOf('a') });
  parent.embedding({ ...generation, id: idOf('b'), prompt: null });
  for (const [id, value] of SCORES) parent.score({ ...score, dataType: null, ...value, id });
  captured.client.score({ ...score, id: 'of-session', sessionId: 'session' });
  captured.client.score({ ...score, id: 'of-run', datasetRunId: 'run' });
  handle.end({ endTime: at(40) });
  expect(await captured.client.shutdown()).toMatchObject({ failed: 0, pending: 0 });
  return captured;
}

function spansOf({ requests }: CapturedClient): WireSpan[] {
  return requests.filter(({ path }) => path.endsWith('/traces')).flatMap(decodeOtlp);
}

describe.each(ROADS)('over %s, to Langfuse %i', (protocol, version) => {
  it('nothing is dropped, nothing is changed', async () => {
    const captured = await sendAll(protocol, version);
    expect(lossesOf(captured)).toEqual(NO_LOSSES);
    expect(captured.messages).toEqual([]);
  });

  it('a trace is stored as it was given', async () => {
    const captured = await sendAll(protocol, version);
    expect(captured.server().traces.get(TRACE)).toMatchObject({
      name: 'trace',
      userId: 'user',
      sessionId: 'session',
      tags: ['a', 'b'],
      version: 'v1',
      release: 'r1',
      environment: 'test',
      public: true,
      timestamp: iso(0),
      input: '{"question":"why"}',
      output: '["because"]',
      metadata: { text: 'text', number: '7', truth: 'true', deep: '{"list":[1,"two"]}' },
    });
  });

  it.each([...SPAN_TYPES.map((type, index) => [type, idOf(`${index + 1}`)] as const)])(
    'an observation of type %s is stored as it was given',
    async (type, id) => {
      const captured = await sendAll(protocol, version);
      const stored = captured.server().observations.get(id);
      expect(stored).toMatchObject({
        type: type.toUpperCase(),
        traceId: TRACE,
        name: 'observation',
        input: 'in',
        output: '{"answer":42}',
        metadata: { ownText: 'own', ownNumber: '0', ownTruth: 'false', ownDeep: '{"own":[null]}' },
        level: 'ERROR',
        statusMessage: 'failed',
        version: 'v1',
        environment: 'test',
        startTime: iso(10),
      });
      // Of events, the older endpoint knows no end.
      if (type !== 'event') expect(stored?.endTime).toBe(iso(20));
    },
  );

  it.each([
    ['generation', idOf('a'), { promptName: 'greeting', promptVersion: 3 }],
    ['embedding', idOf('b'), { promptName: null, promptVersion: null, parentObservationId: idOf('a') }],
  ])('an observation of type %s is stored as it was given', async (type, id, prompt) => {
    const captured = await sendAll(protocol, version);
    const stored = captured.server().observations.get(id);
    expect(stored).toMatchObject({
      type: type.toUpperCase(),
      name: 'observation',
      model: 'gpt-4o',
      ...prompt,
    });
    expect(stored).toMatchObject({
      level: 'ERROR',
      startTime: iso(10),
      endTime: iso(20),
      environment: 'test',
    });
    expect(stored?.modelParameters).toEqual(generation.modelParameters);
    expect(stored?.usageDetails).toEqual(generation.usageDetails);
    expect(stored?.costDetails).toEqual(generation.costDetails);
    expect(new Date(stored?.completionStartTime as string)).toEqual(at(15));
  });

  it('scores of every sort are stored as they were given', async () => {
    const { scores } = (await sendAll(protocol, version)).server();
    const { configId, comment, environment, name } = score;
    const all = {
      name,
      configId,
      comment,
      environment,
      timestamp: iso(30),
      metadata: { by: 'judge', deep: '{"of":1}' },
    };
    for (const [id, , stored] of SCORES) {
      expect(scores.get(id)).toMatchObject({ ...all, ...stored, traceId: TRACE, observationId: idOf('a') });
    }
    expect(scores.get('of-session')).toMatchObject({ ...all, sessionId: 'session' });
    expect(scores.get('of-run')).toMatchObject({ ...all, datasetRunId: 'run' });
  });
});

describe('over OTLP', () => {
  /** What a span may carry: anything else the server copies into the metadata, or loses. */
  const TYPES: Record<string, string> = {
    'langfuse.trace.name': 'string',
    'langfuse.trace.tags': 'string[]',
    'langfuse.trace.public': 'bool',
    'langfuse.trace.input': 'string',
    'langfuse.trace.output': 'string',
    'user.id': 'string',
    'session.id': 'string',
    'langfuse.release': 'string',
    'langfuse.version': 'string',
    'langfuse.environment': 'string',
    'langfuse.observation.type': 'string',
    'langfuse.observation.input': 'string',
    'langfuse.observation.output': 'string',
    'langfuse.observation.level': 'string',
    'langfuse.observation.status_message': 'string',
    'langfuse.observation.completion_start_time': 'string',
    'langfuse.observation.model.name': 'string',
    'langfuse.observation.model.parameters': 'string',
    'langfuse.observation.usage_details': 'string',
    'langfuse.observation.cost_details': 'string',
    'langfuse.observation.prompt.name': 'string',
    'langfuse.observation.prompt.version': 'int',
    'langfuse.internal.as_root': 'bool',
    'langfuse.internal.is_app_root': 'bool',
    'tailrace.trace': 'bool',
  };
  const expectedType = (key: string) =>
    /^langfuse\.(trace|observation)\.metadata(\.|$)/.test(key)
      ? 'string'
      : (TYPES[key] ?? 'no such attribute');

  it('each attribute has the type that the server reads', async () => {
    const spans = spansOf(await sendAll('otel', 4));
    expect(spans).toHaveLength(SPAN_TYPES.length + 3);
    for (const { name, attributes } of spans) {
      const types = [...attributes].map(([key, { type }]) => [key, type]);
      const expected = types.map(([key]) => [key, expectedType(key as string)]);
      expect(Object.fromEntries(types), name).toEqual(Object.fromEntries(expected));
    }
  });

  it('each field of a body has its attribute', async () => {
    const spans = spansOf(await sendAll('otel', 4));
    const keysOf = (id: string) => [...(spans.find(({ spanId }) => spanId === id)?.attributes.keys() ?? [])];
    const optional = ['langfuse.trace.input', 'langfuse.trace.output', 'tailrace.trace'];
    const all = Object.keys(TYPES).filter((key) => !optional.includes(key) && !key.includes('.internal.'));
    expect(keysOf(idOf('a'))).toEqual(expect.arrayContaining(all));
  });

  it('the scope is one whose attributes the server does not copy', async () => {
    const captured = await sendAll('otel', 4);
    for (const { scope } of spansOf(captured)) expect(scope.name).toMatch(/^langfuse-sdk/);
    expect(captured.server().changed).toEqual([]);
  });

  it('spans are marked as finished ones, for version 4', async () => {
    const { requests } = await sendAll('otel', 4);
    const versions = requests.filter(({ path }) => path.endsWith('/traces')).map(({ headers }) => headers);
    for (const headers of versions) expect(headers).toMatchObject({ 'x-langfuse-ingestion-version': '4' });
  });
});
