/** Spans through the official transformer and through us: both decode to the same message. */
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FinishedSpan } from '../../../src/records/finished-span.js';
import { asFirstVersion, CONTEXT, finishedSpan, finishedSpans } from '../../support/finished-spans.js';
import { startOtlpExporter } from '../../support/otlp-exporting.js';
import { fromJson, fromProtobuf, type OtlpMessage, spansOf } from '../../support/otlp-messages.js';

const protobuf = startOtlpExporter({ protocol: 'http/protobuf' });
const json = startOtlpExporter({ protocol: 'http/json' });

function official(spans: readonly FinishedSpan[]): OtlpMessage {
  return fromProtobuf(
    ProtobufTraceSerializer.serializeRequest(spans as unknown as ReadableSpan[]) as Uint8Array,
  );
}

/**
 * In an order of their own: what stands together is told by what it is, not by which object. Two resources that are the
 * same stand in two groups in the official message.
 */
function inOrder(message: OtlpMessage) {
  const texts = spansOf(message).map((span) =>
    JSON.stringify(span, (_, value) => (typeof value === 'number' ? String(value) : value)),
  );
  return texts.sort();
}

describe('spans, encoded by us and by the official transformer', () => {
  it('are the same message in protobuf', () => {
    fc.assert(
      fc.property(finishedSpans, (spans) => {
        expect(inOrder(fromProtobuf(protobuf.body(spans)))).toEqual(inOrder(official(spans)));
      }),
      { numRuns: 300 },
    );
  });

  it('are the same message in JSON', () => {
    fc.assert(
      fc.property(finishedSpans, (spans) => {
        expect(inOrder(fromJson(json.body(spans)))).toEqual(inOrder(official(spans)));
      }),
      { numRuns: 300 },
    );
  });

  it('are the same message as the official JSON, where that can say it', () => {
    const spans = [
      finishedSpan({
        name: 'chat 😀',
        parentSpanContext: { ...CONTEXT, isRemote: true },
        attributes: {
          text: 'é中',
          int: 42,
          double: 0.5,
          flag: true,
          list: ['a', 'b'],
          map: { a: [1, null] },
        },
        events: [{ name: 'first', time: [1_700_000_000, 999_999_999], attributes: { a: 1 } }],
        links: [{ context: CONTEXT, attributes: { l: Buffer.from('bytes') } }],
        status: { code: 2, message: 'boom' },
        resource: { attributes: { r: 1 } },
        instrumentationScope: { name: 's', version: '1', schemaUrl: 'https://scope' },
      }),
    ];
    const theirs = JsonTraceSerializer.serializeRequest(spans as unknown as ReadableSpan[]) as Uint8Array;
    expect(fromJson(json.body(spans))).toEqual(fromJson(theirs));
  });

  it('stand together by resource and scope as there', () => {
    const resources = ['a', 'b'].map((name) => ({ attributes: { 'service.name': name } }));
    const scopes = ['x', 'y'].map((name) => ({ name }));
    const spans = Array.from({ length: 12 }, (_, i) =>
      finishedSpan({
        name: `span ${i}`,
        resource: resources[i % 2] as (typeof resources)[0],
        instrumentationScope: scopes[(i >> 1) % 2] as (typeof scopes)[0],
      }),
    );
    expect(fromProtobuf(protobuf.body(spans))).toEqual(official(spans));
    expect(fromJson(json.body(spans))).toEqual(official(spans));
  });

  it('of sdk-trace 1.x are those of 2.x, but for where a parent is, which they do not know', () => {
    fc.assert(
      fc.property(finishedSpans, (spans) => {
        const expected = spans.map((span) => {
          const parent = span.parentSpanContext;
          return parent === undefined ? span : { ...span, parentSpanContext: { ...parent, isRemote: false } };
        });
        const message = official(expected);
        for (const { span } of spansOf(message)) {
          if (span.parentSpanId !== '') (span as { flags: number }).flags &= 0xff;
        }
        expect(inOrder(fromProtobuf(protobuf.body(spans.map(asFirstVersion))))).toEqual(inOrder(message));
      }),
      { numRuns: 50 },
    );
  });
});

describe('the size of a body', () => {
  it.each([
    ['protobuf', protobuf],
    ['JSON', json],
  ])('is known to the byte in %s, with each span that comes', (_, bench) => {
    fc.assert(
      fc.property(finishedSpans, (spans) => {
        const bodies = spans.map((_span, index) => bench.body(spans.slice(0, index + 1)).byteLength);
        expect(bench.sizes(spans)).toEqual(bodies);
      }),
      { numRuns: 100 },
    );
  });
});
