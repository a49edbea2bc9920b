/** Spans of the official SDK through the ring and the worker, to servers over HTTP and TLS. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { context, type Span, SpanKind, TraceFlags, trace } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { describe, expect, it, onTestFinished } from 'vitest';
import { finishedSpan } from '../support/finished-spans.js';
import { dataUri, imageBytes, mediaIdOf, tagOf } from '../support/media.js';
import { spansOfSdk, startOtlpEngine } from '../support/otlp-engines.js';
import { fromJson, fromProtobuf, spansOf } from '../support/otlp-messages.js';
import { SELF_SIGNED } from '../support/self-signed.js';
import { type Answer, ok, type Sink, startSink, status } from '../support/sink.js';

async function startServer(answer?: Answer): Promise<Sink> {
  const sink = await startSink(answer);
  onTestFinished(() => sink.close());
  return sink;
}

const namesIn = ({ requests }: Sink): string[][] =>
  requests.map(({ body }) => spansOf(fromProtobuf(body)).map(({ span }) => span.name));

describe('spans of the SDK', () => {
  const remote = {
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  };

  const someSpans = () =>
    spansOfSdk((provider) => {
      const tracer = provider.getTracer('one', '1.0', {
        schemaUrl: 'https://opentelemetry.io/schemas/1.37.0',
      });
      const parent = tracer.startSpan(
        'parent',
        { kind: SpanKind.SERVER, links: [{ context: remote, attributes: { why: 'queue' } }] },
        trace.setSpanContext(context.active(), remote),
      );
      const child = (name: string): Span => {
        const own = provider.getTracer(name === 'b' ? 'two' : 'one', '1.0');
        return own.startSpan(name, {}, trace.setSpan(context.active(), parent));
      };
      for (const name of ['a', 'b', 'c']) {
        const span = child(name);
        span.setAttributes({ text: `中文 ${name}`, list: ['x', 'y'], n: 1.5, i: 7, long: 'l'.repeat(3000) });
        span.recordException(new Error('boom'));
        span.setStatus({ code: 2, message: 'failed' });
        span.end();
      }
      parent.end();
    });

  it.each([
    ['http/protobuf', 'application/x-protobuf', fromProtobuf],
    ['http/json', 'application/json', fromJson],
  ] as const)(
    'arrive as the official exporter sends them, over %s',
    async (protocol, contentType, decode) => {
      const sink = await startServer();
      const spans = await someSpans();
      const url = `${sink.url}/v1/traces`;
      const { engine, write } = startOtlpEngine({ url, protocol, headers: { 'X-Key': 'k' } });
      for (const span of spans) expect(write(span)).toBe(true);
      expect(await engine.flush()).toMatchObject({ sent: 4, pending: 0, failed: 0 });

      const [request] = sink.requests;
      expect(request).toMatchObject({ method: 'POST', url: '/v1/traces' });
      expect(request?.headers).toMatchObject({
        'content-type': contentType,
        'x-key': 'k',
        'user-agent': expect.stringMatching(/^tailrace-otlp-exporter-javascript\/\d/),
      });
      const official = ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array;
      expect(decode(request?.body as Buffer)).toEqual(fromProtobuf(official));
    },
  );

  it('are cut into requests of at most maxBatchBytes, whatever is grouped in them', async () => {
    const sink = await startServer();
    const maxBatchBytes = 4096;
    const { engine, write } = startOtlpEngine({ url: sink.url }, { maxBatchBytes });
    const scopes = ['x', 'y', 'z'].map((name) => ({ name, version: '1'.repeat(100) }));
    for (let i = 0; i < 200; i++) {
      const instrumentationScope = scopes[i % 3] as (typeof scopes)[0];
      write(finishedSpan({ name: String(i), instrumentationScope, attributes: { a: 'x'.repeat(i) } }));
    }
    await engine.flush();
    const names = namesIn(sink).flat();
    expect(new Set(names)).toEqual(new Set(Array.from({ length: 200 }, (_, i) => String(i))));
    for (const { body } of sink.requests) expect(body.byteLength).toBeLessThanOrEqual(maxBatchBytes);
    const largest = Math.max(...sink.requests.map(({ body }) => body.byteLength));
    expect(largest).toBeGreaterThan(maxBatchBytes - 500);
  });
});

describe('spans that could not be delivered', () => {
  it('are kept on disk with all that they share, and sent by the next engine', async () => {
    const spoolDir = mkdtempSync(join(tmpdir(), 'tailrace-otlp-'));
    onTestFinished(() => rmSync(spoolDir, { recursive: true }));
    const sink = await startServer(status(503));
    const url = `${sink.url}/v1/traces`;
    const first = startOtlpEngine({ url }, { spoolDir, flushTimeoutMs: 500 });
    const spans = ['a', 'b'].map((name) =>
      finishedSpan({ name, resource: { attributes: { of: name } }, instrumentationScope: { name } }),
    );
    for (const span of spans) first.write(span);
    expect(await first.engine.shutdown()).toMatchObject({ failed: 0, spooled: 2 });

    const before = sink.requests.length;
    sink.answer = ok;
    startOtlpEngine({ url }, { spoolDir });
    await sink.received(before + 1);
    const official = ProtobufTraceSerializer.serializeRequest(spans as unknown as ReadableSpan[]);
    expect(fromProtobuf(sink.requests[before]?.body as Buffer)).toEqual(fromProtobuf(official as Uint8Array));
  });
});

describe('a collector', () => {
  it('that answers 413 gets halves, down to the span that is too large', async () => {
    const sink = await startServer((request, response) =>
      response.writeHead(request.body.includes('poison') ? 413 : 200).end(),
    );
    const { engine, errors, write } = startOtlpEngine({ url: sink.url });
    for (const name of ['a', 'b', 'poison', 'd']) write(finishedSpan({ name }));
    expect(await engine.flush()).toMatchObject({ sent: 3, failed: 1, pending: 0 });
    expect(errors).toEqual([expect.stringContaining('fedcba9876543210')]);
  });

  it('that answers 500 is not asked again', async () => {
    const sink = await startServer(status(500));
    const { engine, errors, write } = startOtlpEngine({ url: sink.url });
    write(finishedSpan());
    expect(await engine.flush()).toMatchObject({ sent: 0, failed: 1 });
    expect(sink.requests).toHaveLength(1);
    expect(errors[0]).toContain('HTTP 500');
  });

  it('that answers 503 is asked again, with the same body', async () => {
    const sink = await startServer((_, response, index) => response.writeHead(index === 0 ? 503 : 200).end());
    const { engine, write } = startOtlpEngine({ url: sink.url });
    write(finishedSpan());
    expect(await engine.flush()).toMatchObject({ sent: 1, failed: 0 });
    expect(sink.requests[1]?.body).toEqual(sink.requests[0]?.body);
  });

  it('that takes a part is not asked again, and what it refused is counted', async () => {
    const partial = JSON.stringify({ partialSuccess: { rejectedSpans: '2', errorMessage: 'too old' } });
    const sink = await startServer(status(200, { 'content-type': 'application/json' }, partial));
    const { engine, errors, write } = startOtlpEngine({ url: sink.url, protocol: 'http/json' });
    for (const name of ['a', 'b', 'c']) write(finishedSpan({ name }));
    expect(await engine.flush()).toMatchObject({ sent: 1, failed: 2 });
    expect(sink.requests).toHaveLength(1);
    expect(errors).toEqual([expect.stringContaining('too old')]);
  });
});

describe('a collector that demands a certificate', () => {
  async function startTlsServer() {
    const served: string[] = [];
    const server = createServer(
      // In TLS 1.3 a client hears of a refusal only by a connection that is cut.
      {
        ...SELF_SIGNED,
        ca: SELF_SIGNED.cert,
        requestCert: true,
        rejectUnauthorized: true,
        maxVersion: 'TLSv1.2',
      },
      (request, response) => {
        const { subject } = (request.socket as import('node:tls').TLSSocket).getPeerCertificate();
        served.push(`${request.url} for ${subject?.CN}`);
        const media = JSON.stringify({ mediaId: 'of the server', uploadUrl: null });
        request.resume().on('end', () => response.end(request.url?.endsWith('/media') ? media : ''));
      },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { served, origin, url: `${origin}/v1/traces` };
  }

  it('gets it, and its own is trusted by the authority that was given', async () => {
    const { served, url } = await startTlsServer();
    const { cert, key } = SELF_SIGNED;
    const { engine, write } = startOtlpEngine({ url, tls: { ca: cert, cert, key } });
    write(finishedSpan());
    expect(await engine.flush()).toMatchObject({ sent: 1, failed: 0 });
    expect(served).toEqual(['/v1/traces for tailrace test, self-signed']);
  });

  it('gets it with media as well, if it is a Langfuse server', async () => {
    const { served, origin, url } = await startTlsServer();
    const { cert, key } = SELF_SIGNED;
    const langfuse = { baseUrl: origin, publicKey: 'pk' };
    const { engine, write } = startOtlpEngine({ url, tls: { ca: cert, cert, key }, langfuse });
    write(finishedSpan({ attributes: { 'langfuse.observation.input': dataUri(imageBytes(8)) } }));
    expect(await engine.flush()).toMatchObject({ sent: 1, failed: 0, mediaFailed: 0 });
    expect(served.sort()).toEqual([
      '/api/public/media for tailrace test, self-signed',
      '/v1/traces for tailrace test, self-signed',
    ]);
  });

  it('takes nothing without, and that is told', async () => {
    const { served, url } = await startTlsServer();
    const { engine, errors, write } = startOtlpEngine({ url, tls: { ca: SELF_SIGNED.cert } });
    write(finishedSpan());
    expect(await engine.shutdown()).toMatchObject({ sent: 0, failed: 1 });
    expect(served).toEqual([]);
    expect(errors.join()).toContain('does it want a certificate of this client?');
  });

  it('is not trusted where nobody vouches for it', async () => {
    const { served, url } = await startTlsServer();
    const { cert, key } = SELF_SIGNED;
    const { engine, errors, write } = startOtlpEngine({ url, tls: { cert, key } });
    write(finishedSpan());
    expect(await engine.shutdown()).toMatchObject({ sent: 0, failed: 1 });
    expect(served).toEqual([]);
    expect(errors.join()).toContain('is not trusted');
  });
});

describe('media in spans for Langfuse', () => {
  const image = imageBytes(7);
  const base64 = image.toString('base64');
  const place = { traceId: '0123456789abcdef0123456789abcdef', observationId: 'fedcba9876543210' };
  const attributes = {
    'langfuse.observation.input': JSON.stringify([{ url: dataUri(image), large: '中' }]),
    'langfuse.observation.metadata.logo': dataUri(image),
    'langfuse.trace.output': `see ${dataUri(image)}`,
    'ai.prompt.messages': JSON.stringify([
      { role: 'user', content: [{ type: 'file', mediaType: 'image/png', data: base64 }] },
    ]),
    'gen_ai.output.messages': JSON.stringify([
      { role: 'assistant', parts: [{ type: 'blob', mime_type: 'image/png', content: base64 }] },
    ]),
    'http.request.body': dataUri(image),
    number: Number.NaN,
  };

  async function sendTo(server: Sink, mediaUpload?: boolean) {
    const { engine, write } = startOtlpEngine({
      url: `${server.url}/api/public/otel/v1/traces`,
      headers: { authorization: 'Basic a2V5' },
      langfuse: {
        baseUrl: server.url,
        publicKey: 'pk',
        ...(mediaUpload === undefined ? {} : { mediaUpload }),
      },
    });
    write(finishedSpan({ attributes, events: [{ name: 'e', time: [1, 1] }] }));
    expect(await engine.flush()).toMatchObject({ sent: 1, failed: 0 });
    const traces = server.requests.find(({ url }) => url.endsWith('/traces'));
    const { span } = spansOf(fromProtobuf(traces?.body as Buffer))[0] as ReturnType<typeof spansOf>[0];
    return { span, values: Object.fromEntries(span.attributes.map(({ key, value }) => [key, value])) };
  }

  const startLangfuse = () =>
    startServer((request, response) => {
      if (!request.url.endsWith('/media')) return response.end();
      return response.end(JSON.stringify({ mediaId: mediaIdOf(image), uploadUrl: null }));
    });

  it('is uploaded for the place where it was, and a reference stands there', async () => {
    const server = await startLangfuse();
    const { span, values } = await sendTo(server);
    const tag = tagOf(image);
    expect(values).toEqual({
      'langfuse.observation.input': { string: JSON.stringify([{ url: tag, large: '中' }]) },
      'langfuse.observation.metadata.logo': { string: tag },
      'langfuse.trace.output': { string: `see ${tag}` },
      'ai.prompt.messages': {
        string: JSON.stringify([
          { role: 'user', content: [{ type: 'file', mediaType: 'image/png', data: tag }] },
        ]),
      },
      'gen_ai.output.messages': {
        string: JSON.stringify([
          { role: 'assistant', parts: [{ type: 'blob', mime_type: 'image/png', content: tag }] },
        ]),
      },
      'http.request.body': { string: dataUri(image) },
      number: { double: Number.NaN },
    });
    expect(span).toMatchObject({ name: 'span', events: [{ name: 'e' }] });
    const announced = server.requests
      .filter(({ url }) => url.endsWith('/media'))
      .map(({ body }) => JSON.parse(body.toString()));
    expect(announced.map(({ field }) => field).sort()).toEqual(['input', 'metadata', 'output']);
    for (const one of announced) expect(one).toMatchObject(place);
  });

  it('stays where it is without mediaUpload', async () => {
    const server = await startLangfuse();
    const { values } = await sendTo(server, false);
    expect(values['langfuse.observation.metadata.logo']).toEqual({ string: dataUri(image) });
    expect(server.requests).toHaveLength(1);
  });
});
