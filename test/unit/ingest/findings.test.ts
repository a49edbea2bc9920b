/** Each complaint, provoked on the wire: by OTLP in JSON and in protobuf, and by classic ingestion. */
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMPLAINT_CODES, type ComplaintCode } from '../../../src/ingest/complaint-codes.js';
import { type Receiver, startReceiver } from '../../../src/receiver/receiver.js';
import {
  baseMs,
  call,
  ingestionEvent,
  otelSpan,
  postJson,
  postProtobuf,
  traceA,
} from '../receiver/helpers.js';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver({ port: 0 });
});
afterEach(() => receiver.close());

async function complaints(): Promise<{ code: string; severity: string; field: string; message: string }[]> {
  const { json } = await call(`${receiver.url}/api/public/tailrace/complaints?limit=100`);
  return json.data;
}

async function observations(): Promise<Record<string, unknown>[]> {
  return (await call(`${receiver.url}/api/public/observations`)).json.data;
}

const otlpPath = '/api/public/otel/v1/traces';
const spanId = '00f067aa0ba902b7';

/** OTLP in JSON, as an encoder writes it. */
function anyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number')
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return value === null ? {} : { kvlistValue: { values: keyValues(value as object) } };
}

function keyValues(attributes: object): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
}

interface JsonSpan {
  attributes?: object;
  scope?: string;
  [field: string]: unknown;
}

function postSpans(...spans: JsonSpan[]) {
  const scopeSpans = spans.map(({ attributes = {}, scope = 'langfuse-sdk', ...fields }) => ({
    scope: { name: scope },
    spans: [
      {
        traceId: traceA,
        spanId,
        name: 'work',
        startTimeUnixNano: String(baseMs * 1_000_000),
        endTimeUnixNano: String(baseMs * 1_000_000 + 1),
        attributes: keyValues(attributes),
        ...fields,
      },
    ],
  }));
  return postJson(`${receiver.url}${otlpPath}`, { resourceSpans: [{ scopeSpans }] });
}

/** The official encoder takes any attribute; the SDK before it does not. */
function protobuf(attributes: object): Uint8Array {
  const span = Object.create(otelSpan({ scope: 'langfuse-sdk' }), { attributes: { value: attributes } });
  return ProtobufTraceSerializer.serializeRequest([span as ReadableSpan]) as Uint8Array;
}

const generation = { 'langfuse.observation.type': 'generation' };
const at = (name: string) => `langfuse.observation.${name}`;

/** Attributes, the complaint, its field, and what is stored; `null`: no observation. */
const otlpCases: [object, ComplaintCode, string, object | null][] = [
  [{ [at('usage_details')]: '{"input":1}' }, 'field-ignored', at('usage_details'), { usageDetails: {} }],
  [
    { [at('type')]: 'span', [at('completion_start_time')]: 5 },
    'field-ignored',
    at('completion_start_time'),
    { completionStartTime: null },
  ],
  [{ [at('input')]: false }, 'payload-falsy', at('input'), { input: null }],
  [
    { ...generation, [at('prompt.name')]: 'p', [at('prompt.version')]: '3' },
    'prompt-version-type',
    at('prompt.version'),
    null,
  ],
  [
    { ...generation, [at('prompt.name')]: 'p', [at('prompt.version')]: 1.5 },
    'prompt-version-type',
    at('prompt.version'),
    null,
  ],
  [{ ...generation, [at('prompt.name')]: 'p' }, 'prompt-incomplete', at('prompt.name'), null],
  [{ ...generation, [at('prompt.version')]: 3 }, 'prompt-incomplete', at('prompt.version'), null],
  [
    { ...generation, [at('prompt.name')]: 'p', [at('prompt.version')]: 0 },
    'prompt-incomplete',
    at('prompt.name'),
    null,
  ],
  [
    { [at('type')]: 'tool', [at('prompt.name')]: 'p', [at('prompt.version')]: 1 },
    'prompt-ignored',
    at('prompt.name'),
    { promptName: null, promptVersion: null },
  ],
  [
    { ...generation, [at('model.parameters')]: '"hot"' },
    'model-parameters-shape',
    at('model.parameters'),
    null,
  ],
  [{ ...generation, [at('model.parameters')]: 5 }, 'model-parameters-shape', at('model.parameters'), null],
  [
    { ...generation, [at('model.parameters')]: 'hot' },
    'model-parameters-ignored',
    at('model.parameters'),
    { modelParameters: null },
  ],
  [
    { ...generation, [at('model.parameters')]: '{"stream":true}' },
    'model-parameter-as-text',
    `${at('model.parameters')}.stream`,
    { modelParameters: { stream: 'true' } },
  ],
  [
    { ...generation, [at('usage_details')]: '{"input":-1,"output":2}' },
    'usage-member-dropped',
    `${at('usage_details')}.input`,
    { usageDetails: { output: 2, total: 2 } },
  ],
  [
    { ...generation, [at('usage_details')]: '{"input":1.5}' },
    'usage-member-dropped',
    `${at('usage_details')}.input`,
    { usageDetails: {} },
  ],
  [
    { ...generation, [at('usage_details')]: '{"input":"7 or so"}' },
    'usage-member-parsed',
    `${at('usage_details')}.input`,
    { usageDetails: { input: 7, total: 7 } },
  ],
  [
    { ...generation, [at('usage_details')]: '{"prompt_tokens":3}' },
    'usage-openai-shape',
    at('usage_details'),
    { usageDetails: { prompt_tokens: 3, total: 3 } },
  ],
  [
    { ...generation, [at('usage_details')]: 'many' },
    'usage-ignored',
    at('usage_details'),
    { usageDetails: {} },
  ],
  [{ ...generation, [at('usage_details')]: 5 }, 'usage-ignored', at('usage_details'), { usageDetails: {} }],
  [
    { ...generation, [at('usage_details')]: { input: 5 } },
    'attribute-structured',
    at('usage_details'),
    { type: 'GENERATION' },
  ],
  [
    { ...generation, [at('cost_details')]: '{"total":"1","input":0.5}' },
    'cost-member-dropped',
    `${at('cost_details')}.total`,
    { costDetails: { input: 0.5, total: 0.5 } },
  ],
  [{ ...generation, [at('cost_details')]: '[1]' }, 'cost-ignored', at('cost_details'), { costDetails: {} }],
  [
    { ...generation, [at('completion_start_time')]: '2026-01-15 12:00' },
    'time-format',
    at('completion_start_time'),
    null,
  ],
  [
    { ...generation, [at('completion_start_time')]: 1_768_478_400_000 },
    'time-format',
    at('completion_start_time'),
    null,
  ],
  [
    { ...generation, [at('completion_start_time')]: '{"toString":1}' },
    'time-ignored',
    at('completion_start_time'),
    { completionStartTime: null },
  ],
  [
    { ...generation, [at('completion_start_time')]: 'soon' },
    'time-ignored',
    at('completion_start_time'),
    { completionStartTime: null },
  ],
  [{ [at('metadata')]: 'plain' }, 'metadata-dropped', at('metadata'), { metadata: {} }],
  [{ [at('metadata')]: '5' }, 'metadata-dropped', at('metadata'), { metadata: {} }],
  [{ [at('metadata')]: true }, 'metadata-dropped', at('metadata'), { metadata: {} }],
  [{ [at('metadata')]: '["a"]' }, 'metadata-spread', at('metadata'), { metadata: { 0: 'a' } }],
  [
    { [at('metadata')]: '{"gone":null}' },
    'metadata-null',
    `${at('metadata')}.gone`,
    { metadata: { gone: null } },
  ],
  [{ [at('level')]: 'LOUD' }, 'level-unknown', at('level'), { level: 'DEFAULT' }],
  [{ [at('level')]: { toString: 1 } }, 'level-unknown', at('level'), { level: 'DEFAULT' }],
  [{ [at('level')]: 'FATAL' }, 'level-renamed', at('level'), { level: 'ERROR' }],
  [
    { 'langfuse.environment': 'Prod' },
    'environment-changed',
    'langfuse.environment',
    { environment: 'prod' },
  ],
  [
    { 'langfuse.environment': 'langfuse-prod' },
    'environment-changed',
    'langfuse.environment',
    { environment: 'prod' },
  ],
  [
    { 'langfuse.environment': 'pr od' },
    'environment-changed',
    'langfuse.environment',
    { environment: 'default' },
  ],
  [{ [at('type')]: 'GENERATION' }, 'observation-type-unknown', at('type'), { type: 'SPAN' }],
  [{ [at('type')]: { toString: 1 } }, 'observation-type-unknown', at('type'), { type: 'SPAN' }],
  [{ [at('status_message')]: 5 }, 'field-type', at('status_message'), null],
  [{ 'langfuse.version': 5 }, 'field-type', 'langfuse.version', null],
  [
    { 'langfuse.trace.name': 'n'.repeat(1001) },
    'trace-name-too-long',
    'langfuse.trace.name',
    { name: 'work' },
  ],
  [{ 'langfuse.trace.name': 5 }, 'trace-field-type', 'langfuse.trace.name', { name: 'work' }],
  [{ 'langfuse.release': true }, 'trace-field-type', 'langfuse.release', { name: 'work' }],
  [{ 'langfuse.trace.tags': 'a,b' }, 'tags-changed', 'langfuse.trace.tags', {}],
  [{ 'langfuse.trace.tags': [1, 'a'] }, 'tags-changed', 'langfuse.trace.tags', {}],
  [{ 'langfuse.trace.tags': 5 }, 'tags-ignored', 'langfuse.trace.tags', {}],
  [{ 'langfuse.trace.public': 'yes' }, 'public-not-boolean', 'langfuse.trace.public', {}],
  [{ 'user.id': 5 }, 'text-from-value', 'user.id', {}],
  [
    { [at('input')]: { q: 'x' } },
    'attribute-structured',
    at('input'),
    { input: { kvlistValue: { values: [{ key: 'q', value: { stringValue: 'x' } }] } } },
  ],
  [{ 'http.method': 'GET' }, 'attribute-not-kept', 'http.method', { metadata: {} }],
  [{ 'langfuse.trace.tags': '[{"toString":1}]' }, 'conversion-fails', 'langfuse.trace.tags', null],
];

describe('a span over OTLP', () => {
  it.each(otlpCases)('%j is a complaint: %s of %s', async (attributes, code, field, stored) => {
    for (const send of [
      () => postSpans({ attributes }),
      () => postProtobuf(receiver.url, protobuf(attributes)),
    ]) {
      expect((await send()).status).toBe(200);
      const all = await complaints();
      expect(all.filter((one) => one.code === code)).toMatchObject([
        { code, field, severity: COMPLAINT_CODES[code] },
      ]);
      // Each once, by whichever encoding it came, and never with what was sent.
      const dropped = all.filter((one) => one.severity === 'dropped');
      expect(dropped).toHaveLength(COMPLAINT_CODES[code] === 'dropped' ? 1 : 0);
      if (stored === null) expect(await observations()).toEqual([]);
      else expect(await observations()).toMatchObject([stored]);
    }
  });

  it('whose trace event is refused leaves its trace without what it said', async () => {
    await postSpans({
      attributes: { 'langfuse.trace.name': 'n'.repeat(1001), 'user.id': 'ada', 'langfuse.trace.tags': ['a'] },
    });
    expect((await call(`${receiver.url}/api/public/traces/${traceA}`)).json).toMatchObject({
      userId: null,
      tags: [],
    });
  });

  it('has complaints about what JSON can write and protobuf cannot', async () => {
    await postSpans({ attributes: { 'langfuse.trace.name': 'half \ud800', [at('status_message')]: 'fine' } });
    expect(await complaints()).toMatchObject([{ code: 'text-not-unicode', field: 'langfuse.trace.name' }]);
  });

  it('has complaints about integers beyond what a double holds', async () => {
    await postSpans({ attributes: { 'langfuse.trace.metadata.n': 2n ** 53n + 1n } });
    expect(await complaints()).toMatchObject([
      { code: 'integer-rounded', field: 'langfuse.trace.metadata.n' },
    ]);
  });

  it('takes a missing time from the other, and an end before the start for the start', async () => {
    await postSpans({ startTimeUnixNano: undefined });
    expect(await complaints()).toMatchObject([{ code: 'time-missing', field: 'startTimeUnixNano' }]);
    await postSpans({ spanId: '00f067aa0ba902b8', endTimeUnixNano: '1700000000000000000' });
    expect(await complaints()).toEqual(
      expect.arrayContaining([expect.objectContaining({ code: 'end-before-start' })]),
    );
    const stored = await observations();
    for (const { startTime, endTime } of stored) expect(endTime).toBe(startTime);
  });

  it('that is an event has no end, and a complaint where that is another than its start', async () => {
    const attributes = { [at('type')]: 'event' };
    await postSpans({ attributes });
    expect((await receiver.complaints()).complaints).toEqual([]);
    await postSpans({ attributes, endTimeUnixNano: String((baseMs + 5) * 1_000_000) });
    expect(await complaints()).toMatchObject([{ code: 'field-ignored', field: 'endTimeUnixNano' }]);
    expect(await observations()).toMatchObject([{ type: 'EVENT', endTime: null }]);
  });

  it('of a scope that is not Langfuse’s is complained about once for its trace, and keeps its attributes', async () => {
    const attributes = { ...generation, 'http.method': 'GET' };
    await postSpans(
      { attributes, scope: 'my-app' },
      { attributes, scope: 'my-app', spanId: '00f067aa0ba902b8' },
    );
    expect(await complaints()).toMatchObject([
      { code: 'scope-not-langfuse-sdk', severity: 'changed', observationId: null, field: 'scope.name' },
    ]);
    const kept = { metadata: { attributes: { 'http.method': 'GET', [at('type')]: 'generation' } } };
    expect(await observations()).toMatchObject([kept, kept]);
  });

  it('of another instrumentation is fine, also with what a span processor put on it', async () => {
    const attributes = {
      'gen_ai.operation.name': 'chat',
      'gen_ai.usage.input_tokens': 5,
      'http.method': 'GET',
    };
    await postSpans({ attributes, scope: 'ai' });
    await postSpans({
      traceId: 'b7ad6b7169203331aaaaaaaaaaaaaaaa',
      attributes: {
        ...attributes,
        'langfuse.environment': 'prod',
        'user.id': 'ada',
        'langfuse.trace.name': 'run',
      },
      scope: 'http',
    });
    expect((await receiver.complaints()).complaints).toEqual([]);
  });

  it('as Langfuse’s clients write it is fine', async () => {
    const attributes = {
      ...generation,
      [at('input')]: '[{"role":"user"}]',
      [at('output')]: 'text',
      [at('level')]: 'WARNING',
      [at('status_message')]: 'slow',
      [at('completion_start_time')]: '"2026-01-15T12:00:00.250Z"',
      [at('model.name')]: 'gpt-4o',
      [at('model.parameters')]: '{"temperature":0.2,"stop":"x"}',
      [at('usage_details')]: '{"input":1,"output":2}',
      [at('cost_details')]: '{"total":0.5}',
      [at('prompt.name')]: 'p',
      [at('prompt.version')]: 3,
      [at('metadata.key')]: '{"a":1}',
      'langfuse.trace.name': 'run',
      'langfuse.trace.tags': ['a'],
      'langfuse.trace.public': true,
      'langfuse.trace.metadata.key': 'text',
      'langfuse.environment': 'prod',
      'langfuse.release': 'r',
      'langfuse.version': 'v',
      'user.id': 'ada',
      'session.id': 's',
    };
    await postSpans({ attributes });
    await postProtobuf(receiver.url, protobuf(attributes));
    expect((await receiver.complaints()).complaints).toEqual([]);
    expect(await observations()).toMatchObject([{ promptName: 'p', promptVersion: 3, level: 'WARNING' }]);
  });

  it('with one invalid id fails the request, and its conversion fails the others of the request', async () => {
    expect((await postSpans({ spanId: 'nonsense' })).status).toBe(400);
    expect(await complaints()).toMatchObject([{ code: 'invalid-id', traceId: null, field: 'spanId' }]);
    await postSpans(
      {},
      { spanId: '00f067aa0ba902b8', attributes: { 'langfuse.trace.tags': '[{"toString":1}]' } },
    );
    expect(await observations()).toEqual([]);
  });

  it.each([
    ['application/json', '{"resourceSpans":'],
    ['application/x-protobuf', 'no protobuf'],
    ['text/plain', 'text'],
  ])('in a body of the type %s that cannot be read is a complaint without the body', async (type, body) => {
    await call(`${receiver.url}${otlpPath}`, { method: 'POST', headers: { 'content-type': type }, body });
    expect(await complaints()).toMatchObject([{ code: 'request-refused', field: otlpPath }]);
  });

  it.each([
    ['an object for a double', { doubleValue: { toString: 1 } }],
    ['an object for text', { stringValue: { toString: 1 } }],
    ['an object for an integer', { intValue: { toString: 1 } }],
  ])('with %s is answered with 400', async (_what, value) => {
    const span = { traceId: traceA, spanId, name: 'x', attributes: [{ key: 'k', value }] };
    const body = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] };
    expect((await postJson(`${receiver.url}${otlpPath}`, body)).status).toBe(400);
  });

  it('with objects where enumerations stand is taken', async () => {
    expect((await postSpans({ kind: { toString: 1 }, status: { code: { valueOf: 1 } } })).status).toBe(200);
  });
});

const score = { id: 's', traceId: 't', name: 'n', value: 1 };
const gen = { id: 'o', traceId: 't' };

/** Type, body, the complaint, its field. */
const classicCases: [string, object, ComplaintCode, string][] = [
  [
    'generation-create',
    { ...gen, promptName: 'p', promptVersion: '3' },
    'prompt-version-type',
    'body.promptVersion',
  ],
  ['generation-create', { ...gen, promptName: 'p' }, 'prompt-incomplete', 'body.promptName'],
  [
    'generation-create',
    { ...gen, promptName: 'p', promptVersion: 0 },
    'prompt-incomplete',
    'body.promptName',
  ],
  [
    'generation-create',
    { ...gen, modelParameters: { a: { b: 1 } } },
    'model-parameters-shape',
    'body.modelParameters',
  ],
  ['generation-create', { ...gen, modelParameters: 'hot' }, 'model-parameters-shape', 'body.modelParameters'],
  ['generation-create', { ...gen, usage: { input: 1.5 } }, 'usage-shape', 'body.usage'],
  ['generation-create', { ...gen, usage: { input: { toString: 1 } } }, 'usage-shape', 'body.usage'],
  ['generation-create', { ...gen, usage: { unit: 'BITS' } }, 'usage-shape', 'body.usage'],
  ['generation-create', { ...gen, usageDetails: [1] }, 'usage-shape', 'body.usageDetails'],
  [
    'generation-create',
    { ...gen, usageDetails: { input: -1 } },
    'usage-member-dropped',
    'body.usageDetails.input',
  ],
  [
    'generation-create',
    { ...gen, usageDetails: { input: '5' } },
    'usage-member-parsed',
    'body.usageDetails.input',
  ],
  [
    'generation-create',
    { ...gen, usageDetails: { input_tokens: 5 } },
    'usage-openai-shape',
    'body.usageDetails',
  ],
  [
    'generation-create',
    { ...gen, costDetails: { total: 'free' } },
    'cost-member-dropped',
    'body.costDetails.total',
  ],
  [
    'generation-create',
    { ...gen, completionStartTime: '2026-01-15' },
    'time-format',
    'body.completionStartTime',
  ],
  ['generation-create', { ...gen, startTime: '2026-02-30T00:00:00Z' }, 'time-format', 'body.startTime'],
  ['generation-create', { ...gen, startTime: '2026-01-15T12:00:00' }, 'time-format', 'body.startTime'],
  ['generation-create', { ...gen, level: 'FATAL' }, 'level-refused', 'body.level'],
  ['generation-create', { ...gen, name: { toString: 1 } }, 'field-type', 'body.name'],
  ['generation-create', { ...gen, id: 'x'.repeat(801) }, 'id-refused', 'body.id'],
  ['generation-create', { traceId: 't' }, 'id-refused', 'body.id'],
  ['generation-create', { id: 'o' }, 'observation-without-trace', 'body.traceId'],
  [
    'generation-create',
    { ...gen, startTime: '2026-01-15T12:00:01Z', endTime: '2026-01-15T12:00:00Z' },
    'end-before-start',
    'body.endTime',
  ],
  ['generation-create', { ...gen, input: 0 }, 'payload-falsy', 'body.input'],
  ['generation-create', { ...gen, statusMessage: 'half \ud800' }, 'text-not-unicode', 'body.statusMessage'],
  ['span-create', { ...gen, model: 'm' }, 'field-ignored', 'body.model'],
  ['event-create', { ...gen, endTime: '2026-01-15T12:00:00Z' }, 'field-ignored', 'body.endTime'],
  ['trace-create', { id: 't', tags: [{ toString: 1 }] }, 'field-type', 'body.tags'],
  ['trace-create', { id: 't', public: 1 }, 'field-type', 'body.public'],
  ['trace-create', { id: 't', name: 'n'.repeat(1001) }, 'trace-name-too-long', 'body.name'],
  ['trace-create', { id: 't', metadata: 'plain' }, 'metadata-wrapped', 'body.metadata'],
  ['trace-create', { id: 't', metadata: { gone: null } }, 'metadata-null', 'body.metadata.gone'],
  ['trace-create', { id: 't', environment: 'Prod' }, 'environment-changed', 'body.environment'],
  ['trace-create', { name: 'without' }, 'id-missing', 'body.id'],
  ['score-create', { ...score, id: undefined }, 'id-missing', 'body.id'],
  ['score-create', { ...score, value: 'x', dataType: 'NUMERIC' }, 'score-invalid', 'body.value'],
  ['score-create', { ...score, value: 'x'.repeat(501), dataType: 'TEXT' }, 'score-invalid', 'body.value'],
  ['score-create', { ...score, sessionId: 's' }, 'score-invalid', 'body'],
  ['score-delete', score, 'event-invalid', 'type'],
];

describe('a classic event', () => {
  it.each(classicCases)('%s %j is a complaint: %s of %s', async (type, body, code, field) => {
    const { status, json } = await postJson(`${receiver.url}/api/public/ingestion`, {
      batch: [ingestionEvent(type, body)],
    });
    expect(status).toBe(207);
    const isDropped = COMPLAINT_CODES[code] === 'dropped';
    expect(json.errors).toHaveLength(isDropped && code !== 'id-missing' ? 1 : 0);
    expect(await complaints()).toMatchObject([{ code, field, severity: COMPLAINT_CODES[code] }]);
    const { traces, observations, scores } = await receiver.counts();
    expect(traces + observations + scores > 0).toBe(!isDropped);
  });

  it('that nests without end is a complaint', async () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    const event = JSON.stringify(ingestionEvent('trace-create', { id: 't', metadata: 'DEEP' })).replace(
      '"DEEP"',
      deep,
    );
    await postJson(`${receiver.url}/api/public/ingestion`, `{"batch":[${event}]}`);
    expect(await complaints()).toMatchObject([{ code: 'nested-too-deep' }]);
  });

  it('that a public key alone may not send is a complaint', async () => {
    const batch = [ingestionEvent('trace-create', { id: 't' }), ingestionEvent('score-create', score)];
    const { status, json } = await postJson(
      `${receiver.url}/api/public/ingestion`,
      { batch },
      { authorization: 'Bearer pk-lf-1' },
    );
    expect(status).toBe(207);
    expect(json.errors).toEqual([expect.objectContaining({ status: 401, error: 'UnauthorizedError' })]);
    expect(json.successes).toHaveLength(1);
    expect(await complaints()).toMatchObject([{ code: 'scope-denied', traceId: 't', field: 'type' }]);
    expect(await receiver.counts()).toMatchObject({ traces: 0, scores: 1 });
  });

  it('that makes a span of an agent is a complaint', async () => {
    const batch = [
      ingestionEvent('agent-create', gen, baseMs),
      ingestionEvent('span-update', gen, baseMs + 1),
    ];
    await postJson(`${receiver.url}/api/public/ingestion`, { batch });
    expect(await complaints()).toMatchObject([{ code: 'type-overwritten' }]);
  });
});

describe('complaints', () => {
  it('hold the type of what came, never a payload', async () => {
    const secret = 'sk-lf-0123 a secret';
    await postSpans({
      attributes: {
        ...generation,
        [at('prompt.version')]: secret,
        [at('level')]: secret,
        [at('metadata')]: secret,
        [at('usage_details')]: `{"input":"${secret}"}`,
      },
    });
    await postJson(`${receiver.url}/api/public/ingestion`, {
      batch: [
        ingestionEvent('generation-create', { ...gen, level: secret }),
        ingestionEvent('trace-create', { id: 't', tags: secret, environment: secret }),
        ingestionEvent(secret, {}),
      ],
    });
    const all = await complaints();
    expect(all.length).toBeGreaterThan(5);
    expect(JSON.stringify(all)).not.toContain('secret');
  });

  it('repeat nothing, and are found by trace, code and severity, in pages', async () => {
    const wrong = { attributes: { [at('level')]: 'LOUD', [at('metadata')]: '5' } };
    const otherTrace = 'b7ad6b7169203331aaaaaaaaaaaaaaaa';
    for (let times = 0; times < 3; times += 1) await postSpans(wrong, { ...wrong, traceId: otherTrace });
    const get = async (query: string) =>
      (await call(`${receiver.url}/api/public/tailrace/complaints?${query}`)).json;
    expect((await get('')).meta).toEqual({ page: 1, limit: 50, totalItems: 4, totalPages: 1, beyond: 0 });
    expect((await get(`traceId=${traceA}`)).data).toHaveLength(2);
    expect((await get('code=level-unknown&limit=1&page=2')).meta).toMatchObject({
      totalItems: 2,
      totalPages: 2,
    });
    expect((await get('severity=dropped')).data).toEqual([]);
    const [one] = (await get(`traceId=${traceA}&code=level-unknown`)).data;
    expect(one).toEqual({
      id: expect.any(String),
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      code: 'level-unknown',
      severity: 'changed',
      traceId: traceA,
      observationId: spanId,
      field: at('level'),
      message: `${at('level')} must be DEBUG, DEFAULT, WARNING or ERROR, but got "LOUD": it becomes DEFAULT`,
    });
    for (const query of ['code=no-such-code', 'severity=awful', 'page=0']) {
      expect((await call(`${receiver.url}/api/public/tailrace/complaints?${query}`)).status).toBe(400);
    }
  });

  it('are among the data of the page', async () => {
    await postSpans({ attributes: { [at('level')]: 'LOUD' } });
    await postSpans({ spanId: 'nonsense' });
    const data = async (path: string) => (await call(`${receiver.url}/api/tailrace/${path}`)).json;
    expect((await data('traces')).traces).toMatchObject([{ id: traceA, complaintCount: 1 }]);
    expect(await data('complaints')).toMatchObject({ complaints: [{ code: 'invalid-id' }], total: 1 });
    const { complaints } = await data(`trace/${traceA}`);
    expect(complaints).toMatchObject({ complaints: [{ code: 'level-unknown' }], total: 1 });
  });
});

it('each code is provoked here, or by the tests of merging', () => {
  const elsewhere: ComplaintCode[] = ['trace-views-differ', 'observation-rewritten'];
  const alone: ComplaintCode[] = [
    'text-not-unicode',
    'integer-rounded',
    'time-missing',
    'end-before-start',
    'scope-not-langfuse-sdk',
    'invalid-id',
    'request-refused',
    'nested-too-deep',
    'scope-denied',
    'type-overwritten',
  ];
  const inTables = [...otlpCases.map(([, code]) => code), ...classicCases.map(([, , code]) => code)];
  const provoked = new Set<string>([...inTables, ...alone, ...elsewhere]);
  expect([...provoked].sort()).toEqual(Object.keys(COMPLAINT_CODES).sort());
});
