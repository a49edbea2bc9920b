/** Records become what Langfuse's server reads, checked with the official OTLP decoder; its answers are understood. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createExporter } from '../../../../src/exporters/langfuse/exporter.js';
import { OBSERVATION, SCORE, TRACE } from '../../../../src/records/kinds.js';
import type { ScoreRecord } from '../../../../src/records/score.js';
import { rootSpanId } from '../../../../src/records/trace.js';
import { OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../../../../src/records/vocabulary.js';
import type { EncodedRecord } from '../../../../src/shared/contract/exporter.js';
import { parseRetryAfter } from '../../../../src/shared/contract/http-outcome.js';
import { eventBytes } from '../../../support/event-bytes.js';
import { type DecodedSpan, decodeRequest } from '../../../support/otlp.js';
import { exporterContext, idBytes, observation, SPAN_ID, TRACE_ID } from '../../../support/records.js';

const exporter = await createExporter(
  {
    baseUrl: 'https://example.com/',
    publicKey: 'pk',
    secretKey: 'sk',
    sdkVersion: '1.2.3',
    maxEventBytes: 128 * 1024 * 1024,
  },
  exporterContext(),
);

function encode(record: unknown): EncodedRecord {
  return (exporter.encodeBytes as (event: Buffer) => EncodedRecord)(eventBytes(record));
}

function send(...records: unknown[]) {
  const encoded = records.map((record) => encode(record));
  return request((encoded[0] as EncodedRecord).lane, encoded);
}

/** With the body in one piece. */
function request(lane: string, records: readonly EncodedRecord[]) {
  const { body, ...rest } = exporter.request(lane, records);
  return { ...rest, body: Buffer.concat([body].flat() as Uint8Array[]) };
}

function spanOf(record: readonly unknown[]): DecodedSpan {
  return decodeRequest(send(record).body).spans[0] as DecodedSpan;
}

describe('observations', () => {
  it('carry every field under the key that Langfuse reads', () => {
    const record: readonly unknown[] = [
      OBSERVATION,
      OBSERVATION_TYPES.indexOf('generation'),
      idBytes(TRACE_ID),
      idBytes(SPAN_ID),
      idBytes('00000000000000aa'),
      'answer',
      1_700_000_000_000.125,
      1_700_000_001_000.5,
      1_700_000_000_500,
      OBSERVATION_LEVELS.indexOf('WARNING'),
      'slow',
      'v2',
      'test',
      'gpt-4o',
      { temperature: 0.5 },
      { input: 10, output: 5 },
      { total: 0.01 },
      'CHARACTERS',
      'greeting',
      3,
      [{ role: 'user', content: 'hi' }],
      'plain text',
      [{ a: 1, b: { c: 2 }, d: 'text', e: null }],
      ['support', 'u1', 's1', ['a', 'b'], [{ k: 'v' }], 'r1', true, 'v1', 'prod', { q: 1 }, 'told', null],
      true,
      null,
    ];
    const span = spanOf(record);
    expect(span).toMatchObject({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      parentSpanId: '00000000000000aa',
      name: 'answer',
      kind: 1,
      startTimeUnixNano: '1700000000000125000',
      endTimeUnixNano: '1700000001000500000',
    });
    expect(span.attributes).toEqual({
      'langfuse.observation.type': 'generation',
      'langfuse.observation.level': 'WARNING',
      'langfuse.observation.status_message': 'slow',
      'langfuse.observation.model.name': 'gpt-4o',
      'langfuse.observation.model.parameters': '{"temperature":0.5}',
      'langfuse.observation.usage_details': '{"input":10,"output":5}',
      'langfuse.observation.cost_details': '{"total":0.01}',
      'langfuse.observation.prompt.name': 'greeting',
      // An integer in its own type: as a text the server would refuse the observation.
      'langfuse.observation.prompt.version': 3,
      'langfuse.observation.completion_start_time': '"2023-11-14T22:13:20.500Z"',
      'langfuse.observation.input': '[{"role":"user","content":"hi"}]',
      'langfuse.observation.output': 'plain text',
      'langfuse.observation.metadata.a': '1',
      'langfuse.observation.metadata.b': '{"c":2}',
      'langfuse.observation.metadata.d': 'text',
      'langfuse.version': 'v2',
      'langfuse.trace.name': 'support',
      'user.id': 'u1',
      'session.id': 's1',
      'langfuse.trace.tags': ['a', 'b'],
      'langfuse.trace.metadata.k': 'v',
      'langfuse.trace.public': true,
      'langfuse.trace.input': '{"q":1}',
      'langfuse.trace.output': 'told',
      'langfuse.internal.is_app_root': true,
      'langfuse.environment': 'test',
      'langfuse.release': 'r1',
    });
  });

  it('leave out what is not there', () => {
    expect(spanOf(observation()).attributes).toEqual({ 'langfuse.observation.type': 'span' });
  });

  it('with level ERROR have the status of an error', () => {
    expect(
      spanOf(observation({ level: OBSERVATION_LEVELS.indexOf('ERROR'), statusMessage: 'boom' })).status,
    ).toEqual({
      code: 2,
      message: 'boom',
    });
  });

  it('never end before they start', () => {
    expect(spanOf(observation({ startTime: 2000, endTime: 1000 })).endTimeUnixNano).toBe('2000000000');
  });

  it('metadata of several calls is merged; metadata that is no object has a key of its own', () => {
    expect(spanOf(observation({ metadata: [{ a: 1, b: 1 }, { b: 2 }] })).attributes).toMatchObject({
      'langfuse.observation.metadata.a': '1',
      'langfuse.observation.metadata.b': '2',
    });
    const proto = JSON.parse('{"__proto__":"kept"}');
    expect(spanOf(observation({ metadata: [proto, { b: 2 }] })).attributes).toMatchObject({
      'langfuse.observation.metadata.__proto__': 'kept',
    });
    expect(spanOf(observation({ metadata: [{ a: 1 }, Buffer.from('hi')] })).attributes).toMatchObject({
      'langfuse.observation.metadata.a': '1',
      'langfuse.observation.metadata.metadata': '{"type":"Buffer","data":[104,105]}',
    });
    for (const [metadata, text] of [
      [['x'], '["x"]'],
      ['text', 'text'],
      [5, '5'],
      [false, 'false'],
    ]) {
      expect(spanOf(observation({ metadata: [metadata] })).attributes).toMatchObject({
        'langfuse.observation.metadata.metadata': text,
      });
    }
  });

  it('metadata is merged deeply, and has no key that is null', () => {
    const parts = [
      { a: { b: 1, c: { d: [1, 2] } }, gone: 1 },
      { a: { c: { d: [3], e: 4 } }, none: null, gone: null },
    ];
    expect(spanOf(observation({ metadata: parts })).attributes).toEqual({
      'langfuse.observation.type': 'span',
      'langfuse.observation.metadata.a': '{"b":1,"c":{"d":[3,2],"e":4}}',
      'langfuse.observation.metadata.gone': '1',
    });
  });

  it("a trace's own span carries the trace's input and output, and says what it is", () => {
    const span = spanOf(observation({ kind: TRACE, name: 'run', input: 'in', output: { out: 1 } }));
    expect(span.attributes).toEqual({
      'langfuse.observation.type': 'span',
      'langfuse.observation.input': 'in',
      'langfuse.observation.output': '{"out":1}',
      'tailrace.trace': true,
    });
  });

  it('of any text decode to the same text, in a body of exactly the size that was foretold', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 }), { minLength: 1 }), (texts) => {
        const encoded = texts.map((text) => encode(observation({ name: text, input: { text } })));
        const recordBytes = encoded.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
        const { body } = request('spans', encoded);
        expect(body.byteLength).toBe(exporter.bodyBytes?.('spans', encoded.length, recordBytes));
        expect(decodeRequest(body).spans.map(({ name }) => name)).toEqual(
          texts.map((text) => text.toWellFormed()),
        );
      }),
    );
  });

  it('lie side by side and go out in one piece, but for those that were encoded between others', () => {
    const encoded = Array.from({ length: 2000 }, (_, i) =>
      encode(observation({ name: `span ${i}`, input: 'x'.repeat(i) })),
    );
    const pieces = exporter.request('spans', encoded).body as Uint8Array[];
    expect(pieces.length).toBeLessThan(8);
    const mixed = encoded.filter((_, i) => i % 2 === 0);
    expect(decodeRequest(request('spans', mixed).body).spans).toHaveLength(1000);
    expect(decodeRequest(Buffer.concat(pieces)).spans.map(({ name }) => name)).toEqual(
      encoded.map((_, i) => `span ${i}`),
    );
  });

  it('of 30 MB go through', () => {
    const text = '漢'.repeat(10_000_000);
    expect(spanOf(observation({ input: text })).attributes['langfuse.observation.input']).toBe(text);
  });
});

it('the memory of a huge span is not kept for the next ones', () => {
  encode(observation({ input: 'x'.repeat(30_000_000) }));
  expect(encode(observation()).bytes.buffer.byteLength).toBeLessThan(2_000_000);
});

describe('a span that cannot be encoded', () => {
  it('leaves nothing behind in the next one', () => {
    const truncated = eventBytes(observation({ name: 'bad' })).subarray(0, -2);
    expect(() => exporter.encodeBytes?.(truncated)).toThrow();
    expect(spanOf(observation({ name: 'good' })).name).toBe('good');
  });
});

it('the root span of a trace has a valid id even where half of the trace id is zero', () => {
  expect(rootSpanId('0000000000000000463ac35c9f6413ad')).toBe('463ac35c9f6413ad');
  expect(rootSpanId(TRACE_ID)).toBe('0123456789abcdef');
});

describe('requests', () => {
  it('carry additional headers once, whatever their spelling; ours win', async () => {
    const { headers } = (
      await createExporter(
        {
          baseUrl: 'http://x',
          publicKey: 'pk',
          secretKey: 'sk',
          sdkVersion: '1',
          additionalHeaders: { Authorization: 'theirs', 'X-Proxy': 'p' },
        },
        exporterContext(),
      )
    ).request('spans', []);
    expect(Object.keys(headers).filter((name) => name.toLowerCase() === 'authorization')).toHaveLength(1);
    expect(headers).toMatchObject({ authorization: expect.stringContaining('Basic'), 'x-proxy': 'p' });
  });

  it('name the key, the version and the kind of body; the scope and resource name the client', () => {
    const { url, headers, body } = send(observation());
    expect(url).toBe('https://example.com/api/public/otel/v1/traces');
    expect(headers).toMatchObject({
      authorization: `Basic ${Buffer.from('pk:sk').toString('base64')}`,
      'content-type': 'application/x-protobuf',
      'x-langfuse-ingestion-version': '4',
      'x-langfuse-public-key': 'pk',
      'x-langfuse-sdk-name': 'tailrace',
      'x-langfuse-sdk-version': '1.2.3',
    });
    expect(decodeRequest(body)).toMatchObject({
      scope: { name: 'langfuse-sdk', version: '1.2.3', attributes: { 'tailrace.version': '1.2.3' } },
      resource: { 'telemetry.sdk.name': 'tailrace' },
    });
  });
});

describe('scores', () => {
  const score = (id: string): ScoreRecord => [
    SCORE,
    id,
    1_700_000_000_000,
    TRACE_ID,
    SPAN_ID,
    null,
    null,
    'reward',
    0.5,
    'NUMERIC',
    'fine',
    null,
    'test',
    { by: 'x' },
  ];

  it('are score-create events, in a body of exactly the size that was foretold', () => {
    const encoded = ['a', 'b'].map((id) => encode(score(id)));
    const { url, body } = request('scores', encoded);
    expect(url).toBe('https://example.com/api/public/ingestion');
    expect(JSON.parse(body.toString())).toEqual({
      batch: ['a', 'b'].map((id) => ({
        id,
        type: 'score-create',
        timestamp: '2023-11-14T22:13:20.000Z',
        body: {
          id,
          traceId: TRACE_ID,
          observationId: SPAN_ID,
          name: 'reward',
          value: 0.5,
          dataType: 'NUMERIC',
          comment: 'fine',
          environment: 'test',
          metadata: { by: 'x' },
        },
      })),
      metadata: { sdk_name: 'tailrace', sdk_version: '1.2.3', public_key: 'pk' },
    });
    const recordBytes = encoded.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    expect(body.byteLength).toBe(exporter.bodyBytes?.('scores', 2, recordBytes));
  });

  it('a 207 is read event by event', () => {
    const records = ['a', 'b', 'c'].map((id) => encode(score(id)));
    const answer = {
      successes: [{ id: 'a', status: 201 }],
      errors: [
        { id: 'b', status: 400, message: 'bad' },
        { id: 'c', status: 500, message: 'busy' },
      ],
    };
    const outcome = (body: string, status = 207) =>
      exporter.outcome('scores', records, { status, headers: {}, body: Buffer.from(body) });
    expect(outcome(JSON.stringify(answer))).toEqual({
      kind: 'partial',
      refused: [
        { index: 1, reason: 'HTTP 400: bad', retryable: false },
        { index: 2, reason: 'HTTP 500: busy', retryable: true },
      ],
    });
    const stray = { successes: [{ id: 'a' }], errors: [null, { status: '500', message: 'somewhere' }] };
    expect(outcome(JSON.stringify(stray))).toEqual({
      kind: 'partial',
      refused: [1, 2].map((index) => ({ index, reason: 'HTTP 500: somewhere', retryable: true })),
    });
    expect(outcome('{"successes":[],"errors":[]}')).toEqual({ kind: 'success' });
    expect(outcome('<html>a proxy</html>')).toMatchObject({ kind: 'retryable' });
  });

  it('a 207 with thousands of reasons has words for a few of them', () => {
    const records = Array.from({ length: 2_000 }, (_, index) => encode(score(`s${index}`)));
    const errors = records.map(({ id }, index) => ({
      id,
      status: 40_000 + index,
      message: `busy for ${index} s`,
      error: `${id}`,
    }));
    const body = Buffer.from(JSON.stringify({ successes: [], errors }));
    const outcome = exporter.outcome('scores', records, { status: 207, headers: {}, body });
    const refused = outcome.kind === 'partial' ? outcome.refused : [];
    expect(refused).toHaveLength(2_000);
    expect(refused[0]?.reason).toMatch(/^HTTP status unknown: busy for 0 s/);
    expect(new Set(refused.map(({ reason }) => reason)).size).toBeLessThan(10);
  });
});

describe('statuses', () => {
  const outcome = (status: number, headers = {}, body = '') =>
    exporter.outcome('spans', [], { status, headers, body: Buffer.from(body) });

  it.each([408, 429, 500, 502, 503, 504, 507, 520, 529])('%i is worth another try', (status) => {
    expect(outcome(status)).toMatchObject({ kind: 'retryable' });
    expect(outcome(status)).not.toHaveProperty('misconfigured');
  });
  it.each([301, 302, 307, 308, 401, 403])('%i is for somebody to put right', (status) => {
    expect(outcome(status)).toMatchObject({ kind: 'retryable', misconfigured: true });
  });
  it.each([400, 404, 405, 501, 505])('%i is not', (status) => {
    expect(outcome(status)).toMatchObject({ kind: 'failure' });
  });
  it('413 is a matter of size', () => expect(outcome(413)).toMatchObject({ kind: 'too-large' }));
  it('any success is one, whatever the body', () =>
    expect(outcome(200, {}, '\n\0')).toEqual({ kind: 'success' }));
  it('shows the words of an HTML page, not its markup', () => {
    expect(outcome(400, {}, '<html><h1>Not\n here</h1></html>')).toMatchObject({
      reason: 'HTTP 400: Not here',
    });
  });
  it('Retry-After counts in seconds or as a date', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect(parseRetryAfter('7', now)).toBe(7000);
    expect(parseRetryAfter('Thu, 01 Jan 2026 00:00:30 GMT', now)).toBe(30_000);
    expect(parseRetryAfter('Thu, 01 Jan 2020 00:00:00 GMT', now)).toBe(0);
    expect(parseRetryAfter('999999', now)).toBe(300_000);
    expect(parseRetryAfter('9'.repeat(400), now)).toBe(300_000);
    expect(parseRetryAfter('-5', now)).toBe(0);
    expect(parseRetryAfter('Fri, 01 Jan 2100 00:00:00 GMT', now)).toBe(300_000);
    expect(parseRetryAfter('soon', now)).toBeUndefined();
    expect(parseRetryAfter(undefined, now)).toBeUndefined();
  });
});
