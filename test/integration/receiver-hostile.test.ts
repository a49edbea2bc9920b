/** Well-formed input that no decent client sends: never a 500, which clients would try again for ten minutes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMPLAINT_CODES } from '../../src/ingest/complaint-codes.js';
import { type Receiver, startReceiver } from '../../src/receiver/receiver.js';
import { call, ingestionEvent, postJson, traceA } from '../unit/receiver/helpers.js';

let receiver: Receiver;
const failures: string[] = [];
beforeEach(async () => {
  failures.length = 0;
  receiver = await startReceiver({ port: 0, onFailure: (message) => failures.push(message) });
});
afterEach(() => receiver.close());

const ingest = (...batch: unknown[]) => postJson(`${receiver.url}/api/public/ingestion`, { batch });
const get = (path: string) => call(`${receiver.url}${path}`, { headers: { accept: 'text/html' } });

const deepArray = '['.repeat(20_000) + ']'.repeat(20_000);
const deepObject = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
const hostileTexts = {
  'toString that is no function': '[{"toString":1}]',
  'valueOf that is no function': '[{"toString":1,"valueOf":2}]',
  'an object without a text': '{"toString":1,"valueOf":1}',
  ['__proto__']: '{"__proto__":{"toString":1}}',
  'a list of __proto__': '[{"__proto__":null,"toString":null}]',
  'toJSON that is no function': '{"toJSON":1}',
  constructor: '{"constructor":{"prototype":1},"hasOwnProperty":1}',
  'deep lists': deepArray,
  'deep objects': deepObject,
  'a deep list in an object': `{"a":${deepArray}}`,
  'a length': '{"length":-1}',
  'a number beyond all': '{"input":1e999,"output":-1e999,"total":1e308,"a":1e308}',
  'digits beyond all': `{"input":"${'9'.repeat(400)}"}`,
  'half of a pair': '"\\ud800"',
  'NUL characters': '{"\\u0000":"a\\u0000b"}',
  'a list of lists': '[[[[1]]],[null],[{}]]',
};

const attributeKeys = [
  'langfuse.observation.completion_start_time',
  'langfuse.observation.usage_details',
  'langfuse.observation.cost_details',
  'langfuse.observation.model.parameters',
  'langfuse.observation.model.name',
  'langfuse.observation.metadata',
  'langfuse.observation.metadata.key',
  'langfuse.observation.prompt.name',
  'langfuse.observation.prompt.version',
  'langfuse.observation.level',
  'langfuse.observation.type',
  'langfuse.observation.input',
  'langfuse.observation.output',
  'langfuse.observation.status_message',
  'langfuse.trace.tags',
  'langfuse.trace.name',
  'langfuse.trace.metadata',
  'langfuse.trace.metadata.key',
  'langfuse.trace.public',
  'langfuse.environment',
  'langfuse.release',
  'langfuse.version',
  'user.id',
  'session.id',
  'gen_ai.usage.input_tokens',
  'gen_ai.operation.name',
];

/** A text, and what it is the JSON of as OTLP's own structure. */
function otlpForms(text: string): object[] {
  const forms: object[] = [{ stringValue: text }];
  // The JSON of OTLP nests three levels for each.
  if (text.length < 5_000) forms.push(anyValue(JSON.parse(text)));
  return forms;
}

function anyValue(value: unknown): object {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'number') return { doubleValue: Number.isFinite(value) ? value : String(value) };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  const values = Object.entries(value as object).map(([key, one]) => ({ key, value: anyValue(one) }));
  return { kvlistValue: { values } };
}

function otlpBody(attributes: object[], spanId = '00f067aa0ba902b7') {
  const span = {
    traceId: traceA,
    spanId,
    name: 'hostile',
    startTimeUnixNano: '1768478400000000000',
    endTimeUnixNano: '1768478401000000000',
    attributes,
  };
  return { resourceSpans: [{ scopeSpans: [{ scope: { name: 'langfuse-sdk' }, spans: [span] }] }] };
}

/** All that can be read of what is stored. */
async function expectReads() {
  const { data: traces } = (await get('/api/public/traces?limit=100')).json;
  const { data: observations } = (await get('/api/public/observations?limit=100')).json;
  const ofTraces = traces.flatMap(({ id }: { id: string }) => {
    const part = encodeURIComponent(id);
    return ['input', 'output', 'metadata', '']
      .map((side) => `/trace/${part}/${side}`.replace(/\/$/, ''))
      .concat(
        `/api/public/traces/${part}`,
        `/api/tailrace/trace/${part}`,
        `/api/tailrace/trace/${part}/payloads`,
      );
  });
  const ofObservations = observations.flatMap(({ id, traceId }: { id: string; traceId: string }) => [
    `/api/public/observations/${encodeURIComponent(id)}`,
    `/trace/${encodeURIComponent(traceId)}/${encodeURIComponent(id)}/metadata`,
    `/api/tailrace/trace/${encodeURIComponent(traceId)}/observation/${encodeURIComponent(id)}`,
  ]);
  const lists = [
    'sessions',
    'v2/observations?fields=core,io,metadata,usage,model',
    'scores',
    'v2/scores',
    'v3/scores',
  ];
  const ofPage = ['traces', 'facets', 'series', 'complaints'].map((name) => `/api/tailrace/${name}`);
  const paths = [
    '/',
    ...ofPage,
    ...ofTraces,
    ...ofObservations,
    ...lists.map((list) => `/api/public/${list}`),
  ];
  for (const path of paths) expect((await get(path)).status, path).toBe(200);
  const { data } = (await get('/api/public/tailrace/complaints?limit=100')).json;
  for (const { code, message } of data) {
    expect(Object.keys(COMPLAINT_CODES)).toContain(code);
    expect(message).not.toContain('undefined');
  }
}

describe('a span', () => {
  it.each(Object.entries(hostileTexts))('with %s in any attribute', async (_, text) => {
    for (const key of attributeKeys) {
      for (const type of ['generation', 'span']) {
        for (const value of otlpForms(text)) {
          const typed =
            key === 'langfuse.observation.type'
              ? []
              : [{ key: 'langfuse.observation.type', value: { stringValue: type } }];
          const body = otlpBody([{ key, value }, ...typed]);
          const { status, text: answer } = await postJson(`${receiver.url}/api/public/otel/v1/traces`, body);
          expect(status, `${key}: ${answer}`).toBe(200);
        }
      }
    }
    expect(failures).toEqual([]);
    await expectReads();
  });
});

it.each(Object.entries(hostileTexts))(
  'OTLP in JSON with %s in any of its own fields is refused or stored',
  async (_, text) => {
    const spanFields = [
      'startTimeUnixNano',
      'endTimeUnixNano',
      'name',
      'kind',
      'status',
      'events',
      'links',
      'traceState',
      'attributes',
    ];
    const values = [
      'stringValue',
      'boolValue',
      'intValue',
      'doubleValue',
      'bytesValue',
      'arrayValue',
      'kvlistValue',
    ];
    const spans = [
      ...spanFields.map((field) => `"${field}":${text}`),
      ...values.map((kind) => `"attributes":[{"key":"a","value":{"${kind}":${text}}}]`),
      `"events":[{"timeUnixNano":${text}}]`,
      `"status":{"code":${text},"message":${text}}`,
    ];
    for (const fields of spans) {
      const span = `{"traceId":"${traceA}","spanId":"00f067aa0ba902b7",${fields}}`;
      const body = `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`;
      const { status } = await postJson(`${receiver.url}/api/public/otel/v1/traces`, body);
      expect([200, 400], fields.slice(0, 100)).toContain(status);
    }
    expect(failures).toEqual([]);
    await expectReads();
  },
);

it.each(Object.entries(hostileTexts))(
  'a page of chat messages with %s in any of their fields',
  async (_, text) => {
    const fields = ['role', 'content', 'name', 'tool_calls'];
    const messages = [
      ...fields.map((field) => `{"role":"user","content":"a","${field}":${text}}`),
      `{"role":"assistant","content":[{"type":"text","text":${text}}]}`,
      `{"role":"assistant","content":null,"tool_calls":[{"function":{"name":${text},"arguments":${text}}}]}`,
      `{"role":"assistant","content":null,"tool_calls":[{"name":${text}},${text}]}`,
    ];
    const attributes = (input: string) => [
      { key: 'langfuse.observation.input', value: { stringValue: input } },
    ];
    for (const [index, message] of messages.entries()) {
      const body = otlpBody(attributes(`[${message}]`), `000000000000000${index + 1}`);
      expect((await postJson(`${receiver.url}/api/public/otel/v1/traces`, body)).status).toBe(200);
    }
    await expectReads();
  },
);

const bodyFields = [
  'id',
  'traceId',
  'name',
  'parentObservationId',
  'startTime',
  'endTime',
  'completionStartTime',
  'level',
  'type',
  'statusMessage',
  'version',
  'release',
  'environment',
  'model',
  'modelParameters',
  'usage',
  'usageDetails',
  'costDetails',
  'promptName',
  'promptVersion',
  'metadata',
  'input',
  'output',
  'tags',
  'public',
  'userId',
  'sessionId',
  'value',
  'dataType',
  'comment',
  'configId',
  'observationId',
  'timestamp',
];

describe('a classic event', () => {
  it.each(Object.entries(hostileTexts))('with %s in any field', async (_, text) => {
    for (const type of [
      'trace-create',
      'generation-create',
      'generation-update',
      'span-create',
      'score-create',
    ]) {
      const events = bodyFields.map((field) => {
        const { body, ...event } = ingestionEvent(type, {
          id: 'a',
          traceId: 't',
          name: 'n',
          value: 1,
          promptName: 'p',
        });
        const given = JSON.stringify({ ...(body as object), [field]: null }).replace(
          `"${field}":null`,
          `"${field}":${text}`,
        );
        return JSON.stringify({ ...event, body: null }).replace('"body":null', `"body":${given}`);
      });
      const answer = await postJson(`${receiver.url}/api/public/ingestion`, `{"batch":[${events.join()}]}`);
      expect(answer.status, answer.text.slice(0, 200)).toBe(207);
      expect(answer.json.successes.length + answer.json.errors.length).toBe(events.length);
    }
    expect(failures).toEqual([]);
    await expectReads();
  });

  it('with metadata that is no list where a list is stored', async () => {
    const states: unknown[] = [
      { list: [1, 2, 3], deep: { list: [{ a: 1 }] } },
      { list: { length: -1 }, deep: { list: { length: 4_294_967_295 } } },
      { list: { length: 'x' }, deep: { list: { 4294967294: 1, 1000000000: 2 } } },
      { list: { length: 1e9, 1: 'two' }, deep: { list: { 1: 'next' } } },
    ];
    for (const metadata of states) {
      expect((await ingest(ingestionEvent('trace-create', { id: 't', metadata }))).status).toBe(207);
      for (const type of ['span-create', 'span-update']) {
        const event = ingestionEvent(type, { id: 'o', traceId: 't', metadata });
        expect((await ingest(event)).status).toBe(207);
      }
    }
    const merged = { list: [1, 'two', 3], deep: { list: [{ a: 1 }, 'next'] } };
    expect((await get('/api/public/traces/t')).json).toMatchObject({ metadata: merged });
    expect((await get('/api/public/observations/o')).json).toMatchObject({ metadata: merged });
    expect(failures).toEqual([]);
  });

  it('with keys of metadata that every object has', async () => {
    const metadata = { toString: 1, constructor: 2, valueOf: 3, hasOwnProperty: 4 };
    const event = otlpBody(
      [{ key: 'langfuse.observation.metadata', value: { stringValue: JSON.stringify(metadata) } }],
      '00000000000000aa',
    );
    await postJson(`${receiver.url}/api/public/otel/v1/traces`, event);
    const later = { toString: 5, constructor: 6, valueOf: 7, hasOwnProperty: 8 };
    await ingest(ingestionEvent('span-update', { id: '00000000000000aa', traceId: traceA, metadata: later }));
    expect((await get('/api/public/observations/00000000000000aa')).json.metadata).toMatchObject(later);
  });
});
