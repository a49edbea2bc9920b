import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as jsonDecoder from '../../../../src/ingest/otlp/json-decoder.js';
import { OtlpError, type OtlpSpan } from '../../../../src/ingest/otlp/otlp-span.js';
import * as decoder from '../../../../src/ingest/otlp/protobuf-decoder.js';
import { ProtobufError } from '../../../../src/ingest/otlp/protobuf-reader.js';
import { atOnce } from '../../../../src/receiver/slices.js';
import { otelSpan, traceA, traceB } from '../../receiver/helpers.js';

const decodeOtlpProtobuf = (body: Buffer) => atOnce(decoder.decodeOtlpProtobuf(body));
const decodeOtlpJson = (body: unknown) => atOnce(jsonDecoder.decodeOtlpJson(body));

function encode(spans: ReadableSpan[]): Buffer {
  return Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array);
}

function encodeJson(spans: ReadableSpan[]): unknown {
  return JSON.parse(Buffer.from(JsonTraceSerializer.serializeRequest(spans) as Uint8Array).toString());
}

function withAttributes(attributes: Record<string, unknown>): ReadableSpan {
  return { ...otelSpan(), spanContext: otelSpan().spanContext, attributes } as unknown as ReadableSpan;
}

function attributesOf(spans: OtlpSpan[]): Record<string, unknown> {
  return Object.fromEntries(spans[0]?.attributes ?? []);
}

const attributeValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    // A whole number goes as an integer, which has no -0 and comes back as a bigint where a number would round it.
    fc
      .double()
      .filter((value) => !Number.isInteger(value) || (Number.isSafeInteger(value) && !Object.is(value, -0))),
    fc.uint8Array(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('the protobuf decoder, against the official encoder', () => {
  it('reads all that a span carries', () => {
    const base = otelSpan({ parentSpanId: '1111111111111111', name: 'façade 🚀', error: 'it broke' });
    const span = {
      ...base,
      spanContext: () => ({ ...base.spanContext(), traceState: { serialize: () => 'vendor=1' } }),
      kind: SpanKind.CLIENT,
      resource: { ...base.resource, attributes: { 'service.name': 'shop' } },
      events: [
        { name: 'exception', time: [1_700_000_000, 123_456_789], attributes: { 'exception.message': 'no' } },
      ],
      links: [
        {
          context: { traceId: traceB, spanId: '2222222222222222', traceFlags: 1 },
          attributes: { why: 'because' },
        },
      ],
    } as unknown as ReadableSpan;

    const [decoded, ...rest] = decodeOtlpProtobuf(encode([span]));

    expect(rest).toEqual([]);
    expect(decoded).toMatchObject({
      traceId: traceA,
      spanId: '00f067aa0ba902b7',
      parentSpanId: '1111111111111111',
      traceState: 'vendor=1',
      name: 'façade 🚀',
      kind: SpanKind.CLIENT + 1,
      startTimeUnixNano: BigInt(span.startTime[0]) * 1_000_000_000n + BigInt(span.startTime[1]),
      status: { code: SpanStatusCode.ERROR, message: 'it broke' },
      scope: { name: 'test', version: '1.2.3' },
    });
    expect(decoded?.resource.attributes.get('service.name')).toBe('shop');
    expect(decoded?.events).toEqual([
      {
        name: 'exception',
        timeUnixNano: 1_700_000_000_123_456_789n,
        attributes: new Map([['exception.message', 'no']]),
      },
    ]);
    expect(decoded?.links).toEqual([
      {
        traceId: traceB,
        spanId: '2222222222222222',
        traceState: '',
        attributes: new Map([['why', 'because']]),
      },
    ]);
  });

  it('reads the extremes of 64-bit integers exactly', () => {
    // The official encoder takes numbers only, so these are written by hand: AnyValue field 3, a varint.
    for (const value of [0n, -1n, 1n, 2n ** 31n, -(2n ** 31n), 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)]) {
      const decoded = attributesOf(decodeOtlpProtobuf(requestWithAttribute(anyInt(value)))).key as
        | number
        | bigint;
      expect(BigInt(decoded)).toBe(value);
      expect(typeof decoded).toBe(Number.isSafeInteger(Number(value)) ? 'number' : 'bigint');
    }
  });

  it('reads any attributes as the encoder was given them', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme', minLength: 1 }), attributeValue),
        (attributes) => {
          expect(attributesOf(decodeOtlpProtobuf(encode([withAttributes(attributes)])))).toEqual({
            ...attributes,
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('reads the same from protobuf as from JSON', () => {
    const finite = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.constant(0.25),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(finite, fc.array(finite))),
        (attributes) => {
          const span = withAttributes(attributes);
          expect(decodeOtlpProtobuf(encode([span]))).toEqual(decodeOtlpJson(encodeJson([span])));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('gives no spans for an empty request', () => {
    expect(decodeOtlpProtobuf(Buffer.alloc(0))).toEqual([]);
    expect(decodeOtlpProtobuf(encode([]))).toEqual([]);
  });

  it('keeps hundreds of spans apart, with their scopes', () => {
    const spans = Array.from({ length: 300 }, (_, index) =>
      otelSpan({
        spanId: (index + 1).toString(16).padStart(16, '0'),
        name: `span ${index}`,
        scope: `scope ${index % 3}`,
      }),
    );
    const decoded = decodeOtlpProtobuf(encode(spans));
    expect(new Set(decoded.map(({ name }) => name)).size).toBe(300);
    for (const { name, scope } of decoded) expect(scope.name).toBe(`scope ${Number(name.slice(5)) % 3}`);
  });
});

describe('bytes that are not a trace request', () => {
  it('never crash it or make it hang, wherever they are cut off', () => {
    const whole = encode([
      withAttributes({ text: 'héllo', list: [1, 'two', 3.5], nested: { deep: { deeper: true } } }),
    ]);
    for (let length = 0; length < whole.length; length += 1) {
      expectSpansOrKnownError(whole.subarray(0, length));
    }
  });

  it('never crash it when they are random, or a request with bytes changed', () => {
    const whole = encode([withAttributes({ text: 'héllo', list: [1, 'two'], number: 2 ** 40 })]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => expectSpansOrKnownError(Buffer.from(bytes))),
    );
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (position, byte) => {
        const changed = Buffer.from(whole);
        changed[position] = byte;
        expectSpansOrKnownError(changed);
      }),
      { numRuns: 500 },
    );
  });

  it('are refused when they nest without end', () => {
    let value = anyInt(1n);
    for (let depth = 0; depth < 5000; depth += 1) value = delimited(5, delimited(1, value));
    expect(() => decodeOtlpProtobuf(requestWithAttribute(value))).toThrow(/nested deeper/);
  });

  it('skips fields that it does not know', () => {
    const unknown = Buffer.concat([
      varint((1000 << 3) | 0),
      varint(7),
      delimited(1001, Buffer.from('later version')),
    ]);
    const fixed = Buffer.concat([
      varint((1002 << 3) | 1),
      Buffer.alloc(8),
      varint((1003 << 3) | 5),
      Buffer.alloc(4),
    ]);
    expect(decodeOtlpProtobuf(Buffer.concat([unknown, encode([otelSpan()]), fixed]))).toHaveLength(1);
  });
});

describe('ids', () => {
  it('must have 16 and 8 bytes and not be zero, or the whole request is refused', () => {
    const good = otelSpan();
    const bad: [string, string][] = [
      ['00000000000000000000000000000000', '00f067aa0ba902b7'],
      [traceA, '0000000000000000'],
      [traceA.slice(2), '00f067aa0ba902b7'],
      [traceA, '00f067aa0ba902'],
      [traceA, ''],
    ];
    for (const [traceId, spanId] of bad) {
      const broken = {
        ...good,
        spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
      } as unknown as ReadableSpan;
      expect(() => decodeOtlpProtobuf(encode([good, broken]))).toThrow(OtlpError);
    }
  });

  it('may be upper case in JSON', () => {
    const spans = [
      { traceId: traceA.toUpperCase(), spanId: '00F067AA0BA902B7', parentSpanId: '', name: 'x' },
    ];
    const [decoded] = decodeOtlpJson({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    expect(decoded).toMatchObject({ traceId: traceA, spanId: '00f067aa0ba902b7' });
  });
});

describe('the JSON decoder', () => {
  const request = (span: object) => ({
    resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: traceA, spanId: '00f067aa0ba902b7', ...span }] }] }],
  });

  it('reads 64-bit integers from strings and numbers, exactly', () => {
    const attributes = [
      { key: 'a', value: { intValue: '9223372036854775807' } },
      { key: 'b', value: { intValue: 42 } },
      { key: 'c', value: { bytesValue: 'AQI=' } },
      { key: '__proto__', value: { stringValue: 'just a key' } },
      { key: 'none', value: {} },
    ];
    const [span] = decodeOtlpJson(request({ attributes, startTimeUnixNano: '1700000000123456789' }));
    expect(span?.startTimeUnixNano).toBe(1_700_000_000_123_456_789n);
    expect([...(span?.attributes ?? [])]).toEqual([
      ['a', 9223372036854775807n],
      ['b', 42],
      ['c', Buffer.from([1, 2])],
      ['__proto__', 'just a key'],
      ['none', null],
    ]);
  });

  it.each([
    ['an array', []],
    ['null', null],
    ['resourceSpans that are no array', { resourceSpans: {} }],
    ['a span that is no object', { resourceSpans: [{ scopeSpans: [{ spans: [1] }] }] }],
    ['a name that is no string', request({ name: 1 })],
    ['a time that is no integer', request({ startTimeUnixNano: 'soon' })],
    ['attributes that are no array', request({ attributes: {} })],
    ['a value that is no object', request({ attributes: [{ key: 'a', value: 1 }] })],
    ['an integer that is none', request({ attributes: [{ key: 'a', value: { intValue: '1.5' } }] })],
  ])('refuses %s', (_what, body) => {
    expect(() => decodeOtlpJson(body)).toThrow(OtlpError);
  });
});

function expectSpansOrKnownError(bytes: Buffer): void {
  try {
    expect(Array.isArray(decodeOtlpProtobuf(bytes))).toBe(true);
  } catch (error) {
    if (!(error instanceof ProtobufError) && !(error instanceof OtlpError)) throw error;
  }
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const more = rest > 127n ? 0x80 : 0;
    bytes.push(Number(rest & 127n) | more);
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

function delimited(field: number, content: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

function anyInt(value: bigint): Buffer {
  return Buffer.concat([varint((3 << 3) | 0), varint(value)]);
}

/** A request of one span whose only attribute is `key`, with these bytes as its AnyValue. */
function requestWithAttribute(value: Buffer): Buffer {
  const ids = Buffer.concat([
    delimited(1, Buffer.from(traceA, 'hex')),
    delimited(2, Buffer.from('00f067aa0ba902b7', 'hex')),
  ]);
  const attribute = Buffer.concat([delimited(1, Buffer.from('key')), delimited(2, value)]);
  const span = Buffer.concat([ids, delimited(9, attribute)]);
  return delimited(1, delimited(2, delimited(2, span)));
}
