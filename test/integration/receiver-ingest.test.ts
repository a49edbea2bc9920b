import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Receiver, startReceiver } from '../support/receiver.js';
import {
  authorization,
  call,
  ingestionEvent,
  otelSpan,
  postJson,
  postProtobuf,
  traceA,
  traceB,
} from '../unit/receiver/helpers.js';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver({ port: 0 });
});
afterEach(() => receiver.close());

const protobuf = (...spans: ReadableSpan[]) => ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array;
const otlpPath = '/api/public/otel/v1/traces';
const ingestionPath = '/api/public/ingestion';
const ingest = (...batch: unknown[]) => postJson(`${receiver.url}${ingestionPath}`, { batch });
const trace = async (id: string) => (await call(`${receiver.url}/api/public/traces/${id}`)).json;

/** fetch sets Host and Content-Length itself; this sends what the test says. */
async function rawRequest(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: Buffer,
): Promise<{ status: number; text: string }> {
  const request = httpRequest({
    host: '127.0.0.1',
    port: receiver.port,
    method,
    path,
    headers: { authorization, ...headers },
  });
  request.end(body);
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text };
}

describe('OTLP', () => {
  it('is taken as protobuf, plain and gzipped, and answered as the specification says', async () => {
    const plain = await postProtobuf(receiver.url, protobuf(otelSpan({ spanId: '0000000000000001' })));
    const zipped = await postProtobuf(
      receiver.url,
      gzipSync(protobuf(otelSpan({ spanId: '0000000000000002' }))),
      {
        'content-encoding': 'gzip',
      },
    );
    for (const answer of [plain, zipped]) {
      expect(answer).toMatchObject({ status: 200, text: '' });
      expect(answer.headers.get('content-type')).toBe('application/x-protobuf');
    }
    expect(await receiver.counts()).toMatchObject({ traces: 1, observations: 2 });
  });

  it('is taken as JSON, and answered in JSON', async () => {
    const body = Buffer.from(JsonTraceSerializer.serializeRequest([otelSpan()]) as Uint8Array).toString();
    const answer = await postJson(`${receiver.url}${otlpPath}`, body, {
      'content-type': 'application/json; charset=utf-8',
    });
    expect(answer).toMatchObject({ status: 200, json: {} });
    expect(await receiver.counts()).toMatchObject({ observations: 1, observationsByType: { span: 1 } });
  });

  it('may be empty', async () => {
    expect((await postProtobuf(receiver.url, protobuf())).status).toBe(200);
    expect(await receiver.counts()).toEqual({
      traces: 0,
      observations: 0,
      observationsByType: {},
      scores: 0,
      scoreMeans: {},
    });
  });

  it('with one invalid id is refused as a whole', async () => {
    const good = otelSpan();
    const bad = {
      ...good,
      spanContext: () => ({ traceId: traceA, spanId: '0000000000000000', traceFlags: 1 }),
    };
    const answer = await postProtobuf(receiver.url, protobuf(good, bad as ReadableSpan));
    expect(answer).toMatchObject({
      status: 400,
      json: { message: expect.stringContaining('span id must be 8 bytes') },
    });
    expect((await receiver.counts()).observations).toBe(0);
  });

  it.each([
    ['cut-off protobuf', Buffer.from(protobuf(otelSpan())).subarray(0, -3), {}],
    ['text', Buffer.from('this is not protobuf at all'), {}],
    ['broken gzip', Buffer.from('not gzip'), { 'content-encoding': 'gzip' }],
    ['cut-off gzip', gzipSync(protobuf(otelSpan())).subarray(0, -12), { 'content-encoding': 'gzip' }],
    ['broken JSON', Buffer.from('{"resourceSpans":'), { 'content-type': 'application/json' }],
    ['other JSON', Buffer.from('{"resourceSpans":5}'), { 'content-type': 'application/json' }],
  ])('that is %s is answered with 400 and a message', async (_what, body, headers) => {
    const answer = await postProtobuf(receiver.url, body, headers as Record<string, string>);
    expect(answer).toMatchObject({
      status: 400,
      json: { message: expect.any(String), error: 'InvalidRequestError' },
    });
  });
});

describe('the same span', () => {
  it('sent twice, or again with more to say, is one observation', async () => {
    const generation = { 'langfuse.observation.type': 'generation' };
    const usage = (input: number) => ({ 'langfuse.observation.usage_details': `{"input":${input}}` });
    const span = { traceId: traceA, attributes: { ...generation, ...usage(5) } };
    await postProtobuf(receiver.url, protobuf(otelSpan(span), otelSpan(span)));
    await postProtobuf(receiver.url, protobuf(otelSpan(span)));
    const again = otelSpan({
      ...span,
      endMs: 3000,
      attributes: { ...generation, ...usage(7) },
    });
    await postProtobuf(receiver.url, protobuf(again));
    expect(await receiver.counts()).toMatchObject({ traces: 1, observations: 1 });
    const { observations, latency } = await trace(traceA);
    expect(observations).toMatchObject([{ usage: { input: 7, total: 7 }, latency: 3 }]);
    expect(latency).toBe(3);
  });

  it('replaces what an unfinished record of it said', async () => {
    const unfinished = {
      'langfuse.observation.level': 'WARNING',
      'langfuse.observation.status_message': 'still open',
    };
    await postProtobuf(receiver.url, protobuf(otelSpan({ attributes: unfinished })));
    await postProtobuf(receiver.url, protobuf(otelSpan({})));
    expect((await trace(traceA)).observations).toMatchObject([{ level: 'DEFAULT', statusMessage: null }]);
  });
});

describe("tailrace's trace record", () => {
  const derived = traceA.slice(0, 16);
  const record = (endMs: number, attributes = {}) =>
    otelSpan({
      scope: 'langfuse-sdk',
      spanId: derived,
      name: 'chat',
      endMs,
      attributes: { 'tailrace.trace': true, ...attributes },
    });
  const child = (spanId: string, startMs: number) =>
    otelSpan({
      scope: 'langfuse-sdk',
      spanId,
      parentSpanId: derived,
      startMs,
      endMs: startMs + 100,
      attributes: {
        'langfuse.trace.name': 'chat (early)',
        'langfuse.trace.tags': ['early'],
        'user.id': 'ada',
      },
    });
  const spans = [
    child('0000000000000001', 50),
    record(900, { 'langfuse.trace.output': 'bye' }),
    child('0000000000000002', 200),
  ];

  it.each([[[0, 1, 2]], [[1, 0, 2]], [[2, 0, 1]], [[1, 2, 0, 1, 0, 2]]])(
    'is folded into the trace in the order %j',
    async (order) => {
      for (const index of order) await postProtobuf(receiver.url, protobuf(spans[index] as ReadableSpan));
      expect(await receiver.counts()).toMatchObject({ traces: 1, observations: 2 });
      const stored = await trace(traceA);
      expect(stored).toMatchObject({
        // Its children began later: of the trace's name theirs stands, as on Langfuse 3.
        name: 'chat (early)',
        userId: 'ada',
        tags: ['early'],
        output: 'bye',
        latency: 0.9,
      });
      expect(stored.observations).toMatchObject([
        { parentObservationId: null },
        { parentObservationId: null },
      ]);
    },
  );

  it('sent again after an update loses what Langfuse 3 would lose, and both servers are told apart', async () => {
    await postProtobuf(receiver.url, protobuf(...spans));
    await postProtobuf(
      receiver.url,
      protobuf(record(2000, { 'langfuse.trace.name': 'renamed', 'user.id': 'grace' })),
    );
    expect(await trace(traceA)).toMatchObject({
      name: 'chat (early)',
      userId: 'ada',
      output: 'bye',
      latency: 2,
    });
    const { complaints } = await receiver.complaints();
    const differing = complaints.filter(({ severity }) => severity === 'disagreement');
    expect(differing.map(({ field }) => field).sort()).toEqual(['name', 'userId']);
  });
});

describe('a plain OpenTelemetry trace', () => {
  it('takes name, input and output from its root span', async () => {
    const root = otelSpan({
      spanId: '0000000000000001',
      name: 'GET /ask',
      attributes: { 'langfuse.observation.input': '{"q":1}' },
    });
    const below = otelSpan({ spanId: '0000000000000002', parentSpanId: '0000000000000001', name: 'inner' });
    await postProtobuf(receiver.url, protobuf(below, root));
    expect(await trace(traceA)).toMatchObject({ name: 'GET /ask', input: { q: 1 }, output: null });
  });
});

describe('classic ingestion', () => {
  it('answers 207 for each event, and stores the good ones', async () => {
    const { status, json } = await ingest(
      ingestionEvent('trace-create', { id: 't1', name: 'run' }),
      ingestionEvent('generation-create', {
        id: 'g1',
        traceId: 't1',
        model: 'm',
        usage: { promptTokens: 2, completionTokens: 3 },
      }),
      ingestionEvent('score-create', { id: 's1', traceId: 't1', name: 'reward', value: 0.25 }),
      ingestionEvent('score-create', { id: 's2', traceId: 't1', name: 'reward', value: 0.75 }),
      ingestionEvent('score-create', { id: 's3', traceId: 't1', name: 'no value' }),
      ingestionEvent('unheard-of', {}),
    );
    expect(status).toBe(207);
    expect(json.successes).toHaveLength(4);
    expect(json.errors).toMatchObject([{ status: 400 }, { status: 400 }]);
    expect(await receiver.counts()).toEqual({
      traces: 1,
      observations: 1,
      observationsByType: { generation: 1 },
      scores: 2,
      scoreMeans: { reward: 0.5 },
    });
  });

  it('takes a score before its trace', async () => {
    await ingest(ingestionEvent('score-create', { id: 's', traceId: traceB, name: 'early', value: 1 }));
    expect((await receiver.counts()).traces).toBe(0);
    await postProtobuf(receiver.url, protobuf(otelSpan({ traceId: traceB })));
    expect((await trace(traceB)).scores).toMatchObject([{ id: 's', name: 'early', value: 1 }]);
    const { json } = await call(`${receiver.url}/api/tailrace/traces`);
    expect(json.traces[0].scores).toEqual([{ name: 'early', count: 1, mean: 1, last: null }]);
  });

  it('refuses what nests without end, and keeps what another way in has as text', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const event = JSON.stringify(ingestionEvent('trace-create', { id: 't1', input: 'DEEP' })).replace(
      '"DEEP"',
      deep,
    );
    const { json } = await postJson(`${receiver.url}${ingestionPath}`, `{"batch":[${event}]}`);
    expect(json).toMatchObject({
      successes: [],
      errors: [{ message: expect.stringContaining('too deeply') }],
    });

    const attributes = { 'langfuse.observation.input': deep, 'langfuse.observation.metadata.deep': deep };
    expect((await postProtobuf(receiver.url, protobuf(otelSpan({ attributes })))).status).toBe(200);
    expect((await trace(traceA)).observations).toMatchObject([{ input: deep, metadata: { deep } }]);
    expect((await call(`${receiver.url}/trace/${traceA}`)).status).toBe(200);
  });

  it('answers 400 when there is no batch', async () => {
    expect(await postJson(`${receiver.url}${ingestionPath}`, { events: [] })).toMatchObject({ status: 400 });
  });
});

describe('limits', () => {
  const mebibyte = 1024 * 1024;

  it('hold for an ingestion body, announced and streamed, which is not inflated', async () => {
    const large = JSON.stringify({ batch: [], padding: 'x'.repeat(5 * mebibyte) });
    const json = { 'content-type': 'application/json' };
    expect(await postJson(`${receiver.url}${ingestionPath}`, large)).toMatchObject({ status: 413 });
    const streamed = await rawRequest(
      'POST',
      ingestionPath,
      { ...json, 'transfer-encoding': 'chunked' },
      Buffer.from(large),
    );
    expect(streamed.status).toBe(413);
    const zipped = { ...json, 'content-encoding': 'gzip' };
    const small = gzipSync(JSON.stringify({ batch: [] }));
    expect((await rawRequest('POST', ingestionPath, zipped, small)).status).toBe(400);
  });

  it('stop a gzip bomb while it inflates', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * mebibyte));
    expect(bomb.length).toBeLessThan(mebibyte);
    const answer = await postProtobuf(receiver.url, bomb, { 'content-encoding': 'gzip' });
    expect(answer).toMatchObject({
      status: 413,
      json: { message: expect.stringContaining('after decompression') },
    });
  });

  it('hold for the compressed size as well', async () => {
    const answer = await postProtobuf(receiver.url, Buffer.alloc(9 * mebibyte), {
      'content-encoding': 'gzip',
    });
    expect(answer).toMatchObject({ status: 413 });
  });

  it('leave the connection usable, and let in what fits', async () => {
    await postProtobuf(receiver.url, Buffer.alloc(9 * mebibyte), { 'content-encoding': 'gzip' });
    const span = otelSpan({ attributes: { 'langfuse.observation.input': 'x'.repeat(9 * mebibyte) } });
    expect((await postProtobuf(receiver.url, protobuf(span))).status).toBe(200);
  });
});

describe('a request that is not for this server', () => {
  it.each([
    ['GET', '/nowhere', {}, 404],
    ['GET', '/api/public/nowhere', {}, 404],
    ['GET', otlpPath, {}, 405],
    ['DELETE', '/api/public/observations', {}, 405],
    ['POST', '/', {}, 405],
    ['POST', otlpPath, { 'content-type': 'text/plain' }, 415],
    ['POST', otlpPath, {}, 415],
    ['POST', ingestionPath, { 'content-type': 'application/x-protobuf' }, 415],
    ['POST', otlpPath, { 'content-type': 'application/x-protobuf', 'content-encoding': 'br' }, 415],
    ['GET', '/api/public/traces/%ff', {}, 400],
    ['GET', '/api/public/traces', { authorization: '' }, 401],
    ['GET', '/api/public/traces', { authorization: 'Bearer' }, 401],
    ['POST', ingestionPath, { authorization: 'Bearer sk-lf-1' }, 401],
    // A public key alone may only create scores.
    ['GET', '/api/public/traces', { authorization: 'Bearer pk-lf-1' }, 403],
    ['GET', '/api/public/scores', { authorization: 'Bearer pk-lf-1' }, 403],
    ['DELETE', '/api/public/scores/s', { authorization: 'Bearer pk-lf-1' }, 403],
    ['POST', otlpPath, { authorization: 'Bearer pk-lf-1' }, 403],
    ['GET', '/api/public/traces', { authorization: `Basic ${btoa('no-colon')}` }, 401],
    ['GET', '/api/public/traces', { authorization: `Basic ${btoa(':secret-only')}` }, 401],
    ['GET', '/api/public/health', { host: 'evil.example' }, 403],
    ['GET', '/', { host: 'evil.example:3210' }, 403],
    ['GET', '/', { host: '127.0.0.1:1' }, 403],
    ['GET', '/', { origin: 'https://evil.example' }, 403],
    ['POST', ingestionPath, { origin: 'null', 'content-type': 'application/json' }, 403],
  ])('%s %s %j is answered with %i', async (method, path, headers, status) => {
    const answer = await rawRequest(method, path, headers as Record<string, string>);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ message: expect.any(String), error: expect.any(String) });
  });

  it('may come under any loopback name', async () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]', '127.1.2.3']) {
      const answer = await rawRequest('GET', '/api/public/health', { host: `${host}:${receiver.port}` });
      expect(answer.status).toBe(200);
    }
  });

  it('gets no permission for other origins', async () => {
    const answer = await call(`${receiver.url}/api/public/health`, { headers: { authorization: '' } });
    expect(answer).toMatchObject({ status: 200, json: { status: 'OK', version: expect.any(String) } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a client that goes away', () => {
  it('in the middle of its body harms nobody', async () => {
    const socket = connect(receiver.port, '127.0.0.1');
    socket.write(
      `POST ${otlpPath} HTTP/1.1\r\nHost: 127.0.0.1:${receiver.port}\r\nAuthorization: ${authorization}\r\n` +
        'Content-Type: application/x-protobuf\r\nContent-Length: 1000\r\n\r\nsome',
    );
    await once(socket, 'connect');
    socket.destroy();
    await once(socket, 'close');
    expect((await postProtobuf(receiver.url, protobuf(otelSpan()))).status).toBe(200);
  });

  it('or stays without finishing does not hold up the end', async () => {
    const socket = connect(receiver.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`POST ${otlpPath} HTTP/1.1\r\nHost: 127.0.0.1:${receiver.port}\r\n`);
    await once(socket, 'connect');
    await receiver.close();
    socket.destroy();
  });
});

describe('many requests at once', () => {
  it('are all stored when they are answered', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const spanId = (index + 1).toString(16).padStart(16, '0');
        const answer = await postProtobuf(receiver.url, protobuf(otelSpan({ spanId })));
        const stored = await call(`${receiver.url}/api/public/observations/${spanId}`);
        return [answer.status, stored.status];
      }),
    );
    expect(answers).toEqual(Array.from({ length: 100 }, () => [200, 200]));
    expect((await receiver.counts()).observations).toBe(100);
  });
});
