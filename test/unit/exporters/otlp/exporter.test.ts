/** Spans to a collector and to a Langfuse server: what is sent, what is not, and what their answers mean. */

import { describe, expect, it } from 'vitest';
import { createExporter } from '../../../../src/exporters/otlp/exporter.js';
import type { HttpExporter } from '../../../../src/shared/contract/exporter.js';
import type { LangfuseDestination } from '../../../../src/shared/contract/otlp-options.js';
import { finishedSpan } from '../../../support/finished-spans.js';
import { startOtlpExporter } from '../../../support/otlp-exporting.js';
import { fromJson, fromProtobuf, spansOf } from '../../../support/otlp-messages.js';
import { exporterContext } from '../../../support/records.js';

const LANGFUSE: LangfuseDestination = { baseUrl: 'https://langfuse.test', publicKey: 'pk-lf-1' };
const toLangfuse = (parts: Partial<LangfuseDestination> = {}) =>
  startOtlpExporter({
    url: 'https://langfuse.test/api/public/otel/v1/traces',
    langfuse: { ...LANGFUSE, ...parts },
  });

const attributesIn = (body: Uint8Array) => spansOf(fromProtobuf(body))[0]?.span.attributes ?? [];

describe('a body in JSON', () => {
  const json = startOtlpExporter({ protocol: 'http/json' });
  const textOf = (attributes: Record<string, unknown>) =>
    json.body([finishedSpan({ attributes })]).toString();

  it('has ids in hexadecimal digits, 64-bit integers as text, enums as numbers', () => {
    const [resourceSpans] = JSON.parse(textOf({ int: 42, large: 2 ** 62, half: 0.5 })).resourceSpans;
    const [span] = resourceSpans.scopeSpans[0].spans;
    expect(span).toMatchObject({
      traceId: '0123456789abcdef0123456789abcdef',
      spanId: 'fedcba9876543210',
      kind: 1,
      startTimeUnixNano: '1700000000000000001',
      status: { code: 0 },
      attributes: [
        { key: 'int', value: { intValue: '42' } },
        { key: 'large', value: { intValue: '4611686018427387904' } },
        { key: 'half', value: { doubleValue: 0.5 } },
      ],
    });
  });

  it('names the numbers that JSON has none for', () => {
    const text = textOf({ list: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] });
    expect(text).toContain('[{"doubleValue":"NaN"},{"doubleValue":"Infinity"},{"doubleValue":"-Infinity"}]');
  });

  it('is well-formed, whatever halves of characters there are, and escapes that look like them', () => {
    const text = textOf({ lone: 'a\ud800"中', escaped: '\\ud800中' });
    expect(text).not.toMatch(/[^\\]\\ud8/);
    const attributes = spansOf(fromJson(Buffer.from(text)))[0]?.span.attributes;
    expect(attributes).toEqual([
      { key: 'lone', value: { string: 'a\ufffd"中' } },
      { key: 'escaped', value: { string: '\\ud800中' } },
    ]);
  });
});

describe('a span that a server would refuse the whole request for', () => {
  it.each(['traceId', 'spanId'])('has no valid %s, and is not sent', (id) => {
    const context = { traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 1, [id]: '' };
    const span = finishedSpan({ spanContext: () => context });
    expect(() => startOtlpExporter().encode(span)).toThrow('a span without a valid id');
  });

  it('is larger than a request may be, and is named', () => {
    const attributes = { a: 'x'.repeat(40 * 2 ** 20), b: '中'.repeat(9 * 2 ** 20) };
    expect(() => startOtlpExporter().encode(finishedSpan({ attributes }))).toThrow(
      /^span fedcba9876543210 takes \d+ bytes, more than a request of 64 MiB has room for$/,
    );
  });
});

describe('a span larger than maxEventBytes', () => {
  const large = finishedSpan({
    attributes: {
      'langfuse.observation.input': 'x'.repeat(20_000),
      'langfuse.observation.output': 'short',
      other: 'o'.repeat(1000),
    },
  });

  it('is cut for Langfuse, its largest values first, counted and named', () => {
    const bench = toLangfuse({ maxEventBytes: 8192 });
    const attributes = attributesIn(bench.body([large]));
    const [input, output, other] = attributes.map(({ value }) => String(value.string));
    expect(input).toMatch(/^x+… \[truncated by tailrace: \d+ of 20000 bytes left out\]$/);
    expect([output, other]).toEqual(['short', 'o'.repeat(1000)]);
    expect(bench.counted).toEqual(['truncated']);
    expect(bench.warnings).toEqual([
      expect.stringMatching(/^observation fedcba9876543210 takes \d+ bytes, more than maxEventBytes/),
    ]);
  });

  it('keeps what else is on it', () => {
    const span = finishedSpan({
      ...large,
      events: [{ name: 'e', time: [1, 1] }],
      parentSpanContext: { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1, isRemote: true },
    });
    const [whole, cut] = [toLangfuse(), toLangfuse({ maxEventBytes: 8192 })].map(
      (bench) => spansOf(fromProtobuf(bench.body([span])))[0],
    );
    expect({ ...cut?.span, attributes: [] }).toEqual({ ...whole?.span, attributes: [] });
  });

  it('of too many attributes and events keeps the first of them, and those that say what it is', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key.${i}`, 'v'.repeat(20)]));
    const span = finishedSpan({
      attributes: { ...many, 'gen_ai.request.model': 'gpt-4o', 'langfuse.observation.type': 'generation' },
      events: Array.from({ length: 500 }, (_, i) => ({ name: `event ${i}`, time: [1, i] as const })),
      status: { code: 2, message: 'boom' },
    });
    const bench = toLangfuse({ maxEventBytes: 16_384 });
    const body = bench.body([span]);
    expect(body.byteLength).toBeLessThan(16_384 + 200);
    expect(body.byteLength).toBeGreaterThan(16_000);
    const cut = spansOf(fromProtobuf(body))[0]?.span;
    const keys = cut?.attributes.map(({ key }) => key) ?? [];
    expect(keys).toEqual(
      expect.arrayContaining(['gen_ai.request.model', 'langfuse.observation.type', 'key.0', 'key.1']),
    );
    expect(cut?.attributes.at(-1)?.value.string).toMatch(
      /\[truncated by tailrace: \d+ of 55\d\d attributes, events and links left out\]$/,
    );
    expect(cut).toMatchObject({ name: 'span', status: { code: 2, message: 'boom' } });
  });

  it('is left as it is for a collector', () => {
    const bench = startOtlpExporter();
    expect(attributesIn(bench.body([large]))[0]?.value.string).toHaveLength(20_000);
    expect(bench.counted).toEqual([]);
  });
});

describe('the answer of a collector', () => {
  const { outcome } = startOtlpExporter({ secrets: ['a-secret-token'] });

  it.each([429, 502, 503, 504])('%i is worth another try', (status) => {
    expect(outcome(status)).toEqual({ kind: 'retryable', reason: `HTTP ${status} of collector:4318` });
  });

  it.each([400, 401, 403, 404, 408, 500, 501, 505, 302])('%i is not', (status) => {
    expect(outcome(status).kind).toBe('failure');
  });

  it('413 is: the batch is sent in halves', () => {
    expect(outcome(413).kind).toBe('too-large');
  });

  it('says when the next try is welcome', () => {
    expect(outcome(503, { 'retry-after': '7' })).toMatchObject({ kind: 'retryable', retryAfterMs: 7000 });
    const date = new Date(Date.now() + 60_000).toUTCString();
    const { retryAfterMs } = outcome(429, { 'retry-after': date }) as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(50_000);
  });

  it('may be a Status in protobuf, whose message is shown', () => {
    const message = 'the span is from the future';
    const body = Buffer.concat([Buffer.from([8, 3, 0x12, message.length]), Buffer.from(message)]);
    expect(outcome(400, { 'content-type': 'application/x-protobuf' }, body)).toEqual({
      kind: 'failure',
      reason: `HTTP 400 of collector:4318: ${message}`,
    });
  });

  it('shows no secret', () => {
    expect(outcome(400, {}, 'bad key a-secret-token')).toEqual({
      kind: 'failure',
      reason: 'HTTP 400 of collector:4318: bad key …',
    });
  });

  it('with a partial success is final', () => {
    const body = JSON.stringify({ partialSuccess: { rejectedSpans: '2', errorMessage: 'too old' } });
    expect(outcome(200, {}, body)).toEqual({ kind: 'rejected', count: 2, reason: 'too old' });
  });

  it.each(['', Buffer.from([0x0a, 0x00]), '{}', '<html>'])('200 with %j is a success', (body) => {
    expect(outcome(200, {}, body)).toEqual({ kind: 'success' });
  });
});

describe('the answer of a Langfuse server', () => {
  const { outcome } = toLangfuse();

  it.each([408, 500, 503])('%i is worth another try', (status) => {
    expect(outcome(status).kind).toBe('retryable');
  });

  it('401 names the public key, for somebody to put it right', () => {
    expect(outcome(401)).toMatchObject({
      kind: 'retryable',
      misconfigured: true,
      reason: expect.stringContaining('pk-lf-1'),
    });
  });

  it('200 with a page is that of a proxy', () => {
    expect(outcome(200, {}, '<html>')).toMatchObject({ kind: 'retryable', misconfigured: true });
  });
});

describe('certificates that cannot be used', () => {
  it.each([
    [
      'a file that is not there',
      { ca: '/nowhere/ca.pem' },
      'the certificate of the authority for TLS cannot be read',
    ],
    [
      'what is no certificate',
      { cert: '-----BEGIN CERTIFICATE-----\nx' },
      'the certificates for TLS cannot be used',
    ],
  ])('are told: %s', (_, tls, message) => {
    expect(startOtlpExporter({ tls }).warnings).toEqual([expect.stringContaining(message)]);
  });

  it.each([
    ['cannot be read', '/nowhere/ca.pem'],
    ['is wrong as an option', ''],
  ])('leave no server trusted where that of the authority %s', (_, ca) => {
    const { request } = createExporter(
      { url: 'https://x', headers: {}, tls: { ca } },
      exporterContext({}),
    ) as HttpExporter;
    expect(request('spans', []).tls).toMatchObject({ ca: [] });
  });

  it('are told without their words: a key that lacks its first line is taken for a path', () => {
    const { warnings } = startOtlpExporter({ tls: { key: 'MIIEvQIBADANBg-secret' } });
    expect(warnings).toEqual([
      'the key of the client for TLS cannot be read: ENOENT, for PEM text or the path of a file with it',
    ]);
  });
});
