/** The model of a Langfuse server, rule by rule. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  decodeOtlp,
  type Server,
  type ServerVersion,
  serverOf,
  startCapture,
} from '../../support/langfuse-server/index.js';
import {
  at,
  batchRequest,
  otlpRequest,
  type SpanSpec,
  TRACE,
} from '../../support/langfuse-server/requests.js';

const ROOT = '00f067aa0ba902b7';
const CHILD = '00f067aa0ba902b8';

const tracesOf = (version: ServerVersion, ...requests: SpanSpec[][]) =>
  serverOf(
    version,
    requests.map((spans) => otlpRequest(spans)),
  ).traces.get(TRACE);
const span = (attributes: Record<string, unknown>, rest: Partial<SpanSpec> = {}): SpanSpec => ({
  id: ROOT,
  attributes,
  ...rest,
});
const child = (attributes: Record<string, unknown>, rest: Partial<SpanSpec> = {}): SpanSpec =>
  span(attributes, { id: CHILD, parentId: ROOT, ...rest });
const named = (name: string, more: Record<string, unknown> = {}) => ({
  'langfuse.trace.name': name,
  ...more,
});
const observationOf = (version: ServerVersion, attributes: Record<string, unknown>) =>
  serverOf(version, [otlpRequest([span(attributes)])]).observations.get(ROOT);
const whyOf = ({ changed }: Server, field: string) =>
  changed.filter((one) => one.field === field).map(({ why }) => why);

describe('a trace of spans', () => {
  it.each<[string, SpanSpec[][], { 3: object; 4: object }]>([
    [
      'a late update of the root, which began earlier, loses on 3 and wins on 4',
      [[child(named('first'), { startMs: 5 })], [span(named('last'), { startMs: 0 })]],
      { 3: { name: 'first' }, 4: { name: 'last' } },
    ],
    [
      'of two spans of one millisecond, the one that arrived first wins on 3',
      [[child(named('first'), { startMs: 1.2 }), span(named('last'), { startMs: 1.9 })]],
      { 3: { name: 'first' }, 4: { name: 'last' } },
    ],
    [
      'a version that is not said overwrites on 3',
      [[span(named('t', { 'langfuse.version': 'v1' })), child(named('t'), { startMs: 1 })]],
      { 3: { version: null }, 4: { version: 'v1' } },
    ],
    [
      'a release that is not said overwrites on 3',
      [[span(named('t', { 'langfuse.release': 'r1' })), child(named('t'), { startMs: 1 })]],
      { 3: { release: null }, 4: { release: 'r1' } },
    ],
    [
      'public that is not said is false on 3, and stays true on 4',
      [[span({ 'langfuse.trace.public': true }), child(named('t'), { startMs: 1 })]],
      { 3: { public: false }, 4: { public: true } },
    ],
    [
      'a false public is no update of the trace',
      [[span({ 'langfuse.trace.public': true }), child({ 'langfuse.trace.public': false }, { startMs: 1 })]],
      { 3: { public: true }, 4: { public: true } },
    ],
    [
      'a user that is not said stays',
      [[span({ 'user.id': 'u', 'session.id': 's' }), child(named('t'), { startMs: 1 })]],
      { 3: { userId: 'u', sessionId: 's' }, 4: { userId: 'u', sessionId: 's' } },
    ],
    [
      'tags are united and sorted on 3, the last ones on 4',
      [[span({ 'langfuse.trace.tags': ['b'] }), child({ 'langfuse.trace.tags': ['a'] }, { startMs: 1 })]],
      { 3: { tags: ['a', 'b'] }, 4: { tags: ['a'] } },
    ],
    [
      'the time is that of the first event on 3, the earliest of all on 4',
      [[span(named('t'), { startMs: 3 }), child({}, { startMs: 1 })]],
      { 3: { timestamp: at(3) }, 4: { timestamp: at(1) } },
    ],
    [
      'the environment is that of the first event on 3, the last one on 4',
      [
        [
          span({ 'langfuse.environment': 'one' }),
          child(named('t', { 'langfuse.environment': 'two' }), { startMs: 1 }),
        ],
      ],
      { 3: { environment: 'one' }, 4: { environment: 'two' } },
    ],
    [
      'input and output are those of the root',
      [[span({ 'langfuse.observation.input': 'in' }), child({ 'langfuse.observation.output': 'no' })]],
      { 3: { input: 'in', output: null }, 4: { input: 'in', output: null } },
    ],
    [
      "a trace's own input counts on 3 alone",
      [[span({ 'langfuse.observation.input': 'span', 'langfuse.trace.input': 'trace' })]],
      { 3: { input: 'trace' }, 4: { input: 'span' } },
    ],
    [
      'a root without a trace name gives its own',
      [[span({}, { name: 'root' }), child({}, { name: 'child' })]],
      { 3: { name: 'root' }, 4: { name: 'root' } },
    ],
    [
      'the root of an application gives its name on 4, one that is marked as root on 3',
      [[child({ 'langfuse.internal.is_app_root': true }, { name: 'app' })]],
      { 3: { name: null }, 4: { name: 'app' } },
    ],
    [
      'a span that is marked as root is one on 3',
      [[child({ 'langfuse.internal.as_root': true }, { name: 'marked' })]],
      { 3: { name: 'marked' }, 4: { name: null } },
    ],
    [
      'a shallow event, of a trace that is new, says nothing but that it is there',
      [[child({ 'langfuse.version': 'v' })]],
      { 3: { id: TRACE, name: null, version: null }, 4: { version: 'v' } },
    ],
    [
      'a shallow event beside a full one of the same request does not count',
      [[child({}, { startMs: 0 }), span(named('t'), { startMs: 4 })]],
      { 3: { timestamp: at(4) }, 4: { timestamp: at(0) } },
    ],
    [
      'a span that is sent again replaces its row on 4, and adds an event on 3',
      [[span({ 'user.id': 'u1' })], [span({})]],
      { 3: { userId: 'u1' }, 4: { userId: null } },
    ],
  ])('%s', (_, requests, expected) => {
    expect(tracesOf(3, ...requests)).toMatchObject(expected[3]);
    expect(tracesOf(4, ...requests)).toMatchObject(expected[4]);
  });

  it('whose files are listed in another order is another one where times are the same', () => {
    const requests = [otlpRequest([span(named('one'))]), otlpRequest([child(named('two'))])];
    expect(serverOf(3, requests).traces.get(TRACE)?.name).toBe('one');
    expect(serverOf(3, requests, 'reversed').traces.get(TRACE)?.name).toBe('two');
  });
});

describe('metadata', () => {
  const TEXT = 'dropped: no object, and no JSON of one';

  it.each([
    ['text', '"text"', TEXT],
    ['a number', 7, TEXT],
    ['a truth value', true, TEXT],
    ['no JSON', '{', TEXT],
    ['an empty text', '', 'dropped: it is empty'],
  ])('that is %s is dropped over OTLP', (_, value, why) => {
    for (const version of [3, 4] as const) {
      const server = serverOf(version, [otlpRequest([span({ 'langfuse.trace.metadata': value })])]);
      expect(Object.keys(server.traces.get(TRACE)?.metadata ?? {}).join()).toMatch(/^scope|^resource/);
      expect(whyOf(server, 'trace metadata')).toEqual([why]);
    }
  });

  it('that is a list becomes an object of its indices over OTLP', () => {
    const server = serverOf(3, [otlpRequest([span({ 'langfuse.trace.metadata': '["a"]' })])]);
    expect(server.traces.get(TRACE)?.metadata).toMatchObject({ 0: 'a' });
    expect(whyOf(server, 'trace metadata')).toEqual(['a list: its indices become keys']);
  });

  it('goes by key: text for each on 3, flattened on 4', () => {
    const deep = span({
      'langfuse.trace.metadata': '{"a":{"b":[1],"c":null},"n":1}',
      'langfuse.trace.metadata.k': 'v',
    });
    expect(tracesOf(3, [deep])?.metadata).toMatchObject({ a: '{"b":[1],"c":null}', n: '1', k: 'v' });
    expect(tracesOf(4, [deep])?.metadata).toMatchObject({ 'a.b': '[1]', 'a.c': '', n: '1', k: 'v' });
  });

  it('is merged deeply on 3; on 4 it is that of the root which arrived last', () => {
    const requests = [
      [span({ 'langfuse.trace.metadata': '{"a":{"x":1,"l":[1,2]},"k":1}' })],
      [child({ 'langfuse.trace.metadata': '{"a":{"y":2,"l":[3]}}' }, { startMs: 1 })],
    ];
    const a = (text: string | undefined) => JSON.parse(text as string);
    expect(a(tracesOf(3, ...requests)?.metadata.a)).toEqual({ x: 1, y: 2, l: [3, 2] });
    expect(tracesOf(4, ...requests)?.metadata).toMatchObject({ 'a.x': '1', 'a.l': '[1,2]', k: '1' });
    expect(tracesOf(4, ...requests)?.metadata).not.toHaveProperty('a.y');
  });

  it('of a scope that is not Langfuse’s holds the attributes, but for those that are stored elsewhere', () => {
    const attributes = {
      'langfuse.observation.input': 'in',
      'langfuse.observation.metadata.k': 'v',
      other: 1,
    };
    for (const version of [3, 4] as const) {
      const server = serverOf(version, [otlpRequest([span(attributes)], { scope: 'mine' })]);
      const { metadata } = server.observations.get(ROOT) ?? {};
      expect(
        version === 3 ? JSON.parse(metadata?.attributes as string) : metadata?.['attributes.other'],
      ).toEqual(version === 3 ? { other: '1' } : '1');
      expect(whyOf(server, 'metadata.attributes')).toHaveLength(1);
      expect(whyOf(serverOf(version, [otlpRequest([span(attributes)])]), 'metadata.attributes')).toEqual([]);
    }
  });
});

describe('an observation of a span', () => {
  const prompt = (version: unknown, type = 'generation') => ({
    'langfuse.observation.type': type,
    'langfuse.observation.prompt.name': 'p',
    'langfuse.observation.prompt.version': version,
  });

  it('with the version of its prompt as text is dropped on 3', () => {
    const requests = [otlpRequest([span(prompt('7'))])];
    expect(serverOf(3, requests).observations.size).toBe(0);
    expect(serverOf(3, requests).dropped).toMatchObject([
      { id: ROOT, type: 'generation-create', status: 400 },
    ]);
    expect(serverOf(4, requests).observations.get(ROOT)).toMatchObject({ promptName: 'p', promptVersion: 7 });
  });

  it('has a prompt if it is a generation', () => {
    for (const version of [3, 4] as const) {
      expect(observationOf(version, prompt(7))).toMatchObject({ promptName: 'p', promptVersion: 7 });
      const tool = serverOf(version, [otlpRequest([span(prompt(7, 'tool'))])]);
      expect(tool.observations.get(ROOT)).toMatchObject({
        type: 'TOOL',
        promptName: null,
        promptVersion: null,
      });
      expect(whyOf(tool, 'prompt')).toEqual(['dropped: not a generation']);
    }
  });

  it('keeps of its usage what is a count', () => {
    const usage = { input: 1, text: '2', none: null, less: -1, half: 0.5, nested: { a: 1 }, words: 'x' };
    const attributes = {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.usage_details': JSON.stringify(usage),
    };
    for (const version of [3, 4] as const) {
      const server = serverOf(version, [otlpRequest([span(attributes)])]);
      expect(server.observations.get(ROOT)?.usageDetails).toEqual({ input: 1, text: 2 });
      expect(whyOf(server, 'usageDetails')).toEqual([
        'stored without or otherwise: text, none, less, half, nested, words',
      ]);
    }
  });

  it('has the parts of OpenAI’s usage taken out of their whole', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 4,
      total_tokens: 14,
      prompt_tokens_details: { cached_tokens: 6 },
    };
    const attributes = {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.usage_details': JSON.stringify(usage),
    };
    expect(observationOf(3, attributes)?.usageDetails).toEqual({
      input: 4,
      input_cached_tokens: 6,
      output: 4,
      total: 14,
    });
  });

  it('is merged with what is stored, on 3, and replaced on 4', () => {
    const requests = [
      otlpRequest([span({ 'langfuse.observation.output': 'out', 'langfuse.observation.metadata.a': '1' })]),
      otlpRequest([span({ 'langfuse.observation.input': 'in', 'langfuse.observation.metadata.b': '2' })]),
    ];
    const [three, four] = ([3, 4] as const).map((version) =>
      serverOf(version, requests).observations.get(ROOT),
    );
    expect(three).toMatchObject({ input: 'in', output: 'out', metadata: { a: '1', b: '2' } });
    expect(four).toMatchObject({ input: 'in', output: null, metadata: { b: '2' } });
    expect(four?.metadata).not.toHaveProperty('a');
  });

  it.each([
    ['Langfuse_Prod', 'prod'],
    ['langfuselangfuse-x', 'x'],
    ['with space', 'default'],
    ['e'.repeat(50), 'e'.repeat(40)],
  ])('in the environment %s is in %s', (given, stored) => {
    for (const version of [3, 4] as const) {
      const server = serverOf(version, [otlpRequest([span({ 'langfuse.environment': given })])]);
      expect(server.observations.get(ROOT)?.environment).toBe(stored);
      expect(whyOf(server, 'environment')).toEqual([`normalised to ${stored}`]);
    }
  });

  it('in no environment is in the default one', () => {
    expect(observationOf(3, {})?.environment).toBe('default');
    expect(observationOf(4, {})?.environment).toBe('default');
  });
});

describe('classic events', () => {
  const trace = (body: object, atMs = 0) => ({ type: 'trace-create', atMs, body: { id: 't', ...body } });
  const traceOf = (...events: ReturnType<typeof trace>[]) =>
    serverOf(3, [batchRequest(events)]).traces.get('t');

  it('of a trace are merged by the time of their envelope', () => {
    expect(traceOf(trace({ name: 'last' }, 2), trace({ name: 'first' }, 1))?.name).toBe('last');
    expect(traceOf(trace({ name: 'first' }, 1), trace({ name: 'second' }, 1))?.name).toBe('first');
  });

  it('keep what they do not say, but for public', () => {
    const merged = traceOf(trace({ version: 'v', release: 'r', userId: 'u', public: true }), trace({}, 1));
    expect(merged).toMatchObject({ version: 'v', release: 'r', userId: 'u', public: false });
    expect(traceOf(trace({ version: 'v' }), trace({ version: null }, 1))?.version).toBeNull();
  });

  it('give the last input and output that are truthy', () => {
    expect(
      traceOf(trace({ input: { a: 1 }, output: 'o' }), trace({ input: '', output: 0 }, 1)),
    ).toMatchObject({
      input: '{"a":1}',
      output: 'o',
    });
  });

  it.each([
    ['text', { metadata: 'text' }],
    [7, { metadata: '7' }],
    [['a'], { metadata: '["a"]' }],
    [
      { k: null, n: { a: 1 } },
      { k: 'null', n: '{"a":1}' },
    ],
  ])('keep metadata of any sort: %j', (metadata, stored) => {
    expect(traceOf(trace({ metadata }))?.metadata).toEqual(stored);
  });

  it('of an observation are merged by time, whatever request they came in', () => {
    const event = (type: string, atMs: number, body: object) => ({
      type,
      atMs,
      body: { id: 'o', traceId: 't', ...body },
    });
    const server = serverOf(3, [
      batchRequest([event('span-update', 2, { output: 'done', endTime: at(9) })]),
      batchRequest([event('span-create', 1, { name: 'n', startTime: at(5), level: 'ERROR' })]),
    ]);
    expect(server.observations.get('o')).toMatchObject({
      type: 'SPAN',
      name: 'n',
      output: 'done',
      level: 'ERROR',
      startTime: at(5),
      endTime: at(9),
    });
  });

  it('that the schema refuses are dropped alone, and named', () => {
    const { dropped, traces } = serverOf(3, [
      batchRequest([
        { id: 'bad', ...trace({ name: 'x'.repeat(1001) }) },
        { id: 'unknown', type: 'dream-create', body: { id: 'd' } },
        { id: 'half', type: 'generation-create', body: { id: 'g', promptName: 'p' } },
        trace({ name: 'good' }),
      ]),
    ]);
    expect(traces.get('t')?.name).toBe('good');
    expect(dropped.map(({ id, status, message }) => [id, status, message])).toEqual(
      ['bad', 'unknown', 'half'].map((id) => [id, 400, 'Invalid request data']),
    );
  });

  it('lose fields that their type has not', () => {
    const server = serverOf(3, [
      batchRequest([
        { type: 'span-create', body: { id: 'o', traceId: 't', model: 'm', environment: 'Prod' } },
      ]),
    ]);
    expect(server.changed).toEqual([
      { id: 'o', field: 'model', why: 'dropped: no field of span-create' },
      { id: 'o', field: 'environment', why: 'becomes "prod"' },
    ]);
  });

  it('but for scores are refused by version 4', () => {
    const score = { type: 'score-create', body: { id: 's', name: 'n', value: 1, traceId: 't' } };
    const { scores, traces, dropped } = serverOf(4, [batchRequest([{ id: 'e', ...trace({}) }, score])]);
    expect([...scores.keys()]).toEqual(['s']);
    expect(traces.size).toBe(0);
    expect(dropped).toMatchObject([
      { id: 'e', type: 'trace-create', status: 400, message: 'Event type not accepted' },
    ]);
  });
});

describe('a score', () => {
  const score = (body: object) => ({
    type: 'score-create',
    body: { id: 's', name: 'n', traceId: 't', ...body },
  });
  const scoreOf = (body: object) => serverOf(4, [batchRequest([score(body)])]).scores.get('s');

  it.each([
    [{ value: 0.5 }, { value: 0.5, stringValue: null, dataType: 'NUMERIC' }],
    [{ value: 'good' }, { value: 0, stringValue: 'good', dataType: 'CATEGORICAL' }],
    [
      { value: 1, dataType: 'BOOLEAN' },
      { value: 1, stringValue: 'True', dataType: 'BOOLEAN' },
    ],
    [
      { value: 'text', dataType: 'TEXT' },
      { stringValue: 'text', dataType: 'TEXT' },
    ],
    [
      { value: 'new', dataType: 'CORRECTION' },
      { name: 'output', longStringValue: 'new' },
    ],
  ])('%j is stored as %j', (body, stored) => {
    expect(scoreOf(body)).toMatchObject(stored);
  });

  it.each([
    ['of nothing', { traceId: null, value: 1 }],
    ['of two things', { sessionId: 's', value: 1 }],
    ['that is half true', { value: 0.5, dataType: 'BOOLEAN' }],
    ['with a text as number', { value: '1', dataType: 'NUMERIC' }],
    ['with a long text', { value: 'x'.repeat(501), dataType: 'TEXT' }],
    ['without a name', { name: '', value: 1 }],
    ['of an annotator without configuration', { value: 1, source: 'ANNOTATION' }],
  ])('%s is dropped', (_, body) => {
    expect(scoreOf(body)).toBeUndefined();
    expect(serverOf(4, [batchRequest([score(body)])]).dropped).toHaveLength(1);
  });
});

describe('attributes', () => {
  it('have the types that they had on the wire', () => {
    const attributes = { text: '1', truth: true, int: 1, double: 0.5, list: ['a'], empty: [] };
    const [decoded] = decodeOtlp(otlpRequest([span(attributes)]));
    const types = [...(decoded?.attributes ?? [])].map(([key, { type }]) => [key, type]);
    expect(Object.fromEntries(types)).toEqual({
      text: 'string',
      truth: 'bool',
      int: 'int',
      double: 'double',
      list: 'string[]',
      empty: '[]',
    });
  });
});

describe('the capturing server', () => {
  async function capture(version: ServerVersion) {
    const server = await startCapture({ version });
    onTestFinished(() => server.close());
    const post = (
      path: string,
      body: string | Uint8Array<ArrayBuffer>,
      headers: Record<string, string> = {},
    ) =>
      fetch(server.url + path, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      });
    return { server, post };
  }

  it('keeps what it is sent, inflated, in the order of arrival', async () => {
    const { server, post } = await capture(3);
    const { body } = otlpRequest([span(named('t'))]);
    await post('/api/public/otel/v1/traces', new Uint8Array(gzipSync(body)), { 'content-encoding': 'gzip' });
    await post('/api/public/ingestion', '{"batch":[]}');
    expect(server.requests.map(({ method, path, arrivedAt }) => [method, path, arrivedAt])).toEqual([
      ['POST', '/api/public/otel/v1/traces', 0],
      ['POST', '/api/public/ingestion', 1],
    ]);
    expect(serverOf(3, server.requests).traces.get(TRACE)?.name).toBe('t');
  });

  it('answers for each event', async () => {
    const { post } = await capture(4);
    const events = [
      { id: 'a', type: 'trace-create', body: { id: 't' } },
      { id: 'b', type: 'score-create', body: { id: 's', name: '', value: 1, traceId: 't' } },
      { id: 'c', type: 'score-create', body: { id: 's', name: 'n', value: 1, traceId: 't' } },
    ];
    const answer = await post('/api/public/ingestion', Buffer.from(batchRequest(events).body).toString());
    expect(answer.status).toBe(207);
    expect(await answer.json()).toEqual({
      successes: [{ id: 'c', status: 201 }],
      errors: [
        { id: 'b', status: 400, message: 'Invalid request data', error: expect.stringContaining('name') },
        {
          id: 'a',
          status: 400,
          message: 'Event type not accepted',
          error: expect.stringContaining('"trace-create"'),
        },
      ],
    });
  });

  it.each([
    ['text/plain', {}, 400],
    ['application/json', { 'x-langfuse-ingestion-version': '5' }, 400],
    ['application/json; charset=utf-8', { 'x-langfuse-ingestion-version': '4' }, 200],
  ])('answers spans as %s with %j by %i', async (type, headers, status) => {
    const { server, post } = await capture(3);
    const { body } = otlpRequest([span(named('t'))]);
    const answer = await post('/api/public/otel/v1/traces', Buffer.from(body).toString(), {
      'content-type': type,
      ...headers,
    });
    expect(answer.status).toBe(status);
    expect(serverOf(3, server.requests).traces.size).toBe(status === 200 ? 1 : 0);
  });
});
