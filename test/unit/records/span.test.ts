/** A finished span as it crosses the ring. */
import { describe, expect, it } from 'vitest';
import { decodeEvent } from '../../../src/event/event-decoder.js';
import type { FinishedSpan } from '../../../src/records/finished-span.js';
import { OTEL_SPAN } from '../../../src/records/kinds.js';
import { type SpanRecord, writeSpan } from '../../../src/records/span.js';
import { eventBytesBy } from '../../support/event-bytes.js';
import { CONTEXT, finishedSpan } from '../../support/finished-spans.js';
import { SPAN_ATTRIBUTES } from '../../support/records.js';

const record = (span: FinishedSpan) => decodeEvent(eventBytesBy(writeSpan, span)) as SpanRecord;
const attributes = (span: FinishedSpan) => record(span)[SPAN_ATTRIBUTES];
const decoded = (bytes: Uint8Array) => decodeEvent(Buffer.from(bytes));

describe('a finished span', () => {
  it('crosses the ring with all that is on it', () => {
    const parent = { ...CONTEXT, spanId: '00000000000000aB', isRemote: true };
    const span = finishedSpan({
      name: 'chat',
      kind: 2,
      spanContext: () => ({ ...CONTEXT, traceState: { serialize: () => 'a=1' } }),
      parentSpanContext: parent,
      startTime: [1_700_000_000, 123_456_789],
      endTime: [1_700_000_001, 0],
      status: { code: 2, message: 'boom' },
      attributes: { text: '中文', list: [1, 2.5, Number.NaN], nothing: undefined, bytes: Buffer.from('b') },
      events: [{ name: 'first', time: [1, 2], attributes: { a: true }, droppedAttributesCount: 1 }],
      links: [{ context: parent, droppedAttributesCount: 2 }],
      droppedAttributesCount: 3,
      droppedEventsCount: 4,
      droppedLinksCount: 5,
      resource: { attributes: { 'service.name': 's' }, schemaUrl: 'https://r' },
      instrumentationScope: { name: 'scope', version: '1', schemaUrl: 'https://s', attributes: { k: 1 } },
    });
    const parentId = Buffer.from(parent.spanId, 'hex');
    const [, resource, scope, ...rest] = record(span);
    expect(record(span)[0]).toBe(OTEL_SPAN);
    expect(decoded(resource)).toEqual([{ 'service.name': 's' }, 'https://r']);
    expect(decoded(scope)).toEqual(['scope', '1', 'https://s', { k: 1 }, 0]);
    expect(rest).toEqual([
      Buffer.from(CONTEXT.traceId, 'hex'),
      Buffer.from(CONTEXT.spanId, 'hex'),
      parentId,
      0x301,
      'a=1',
      'chat',
      3,
      1_700_000_000,
      123_456_789,
      1_700_000_001,
      0,
      { text: '中文', list: [1, 2.5, Number.NaN], nothing: null, bytes: Buffer.from('b') },
      3,
      [[1, 2, 'first', { a: true }, 1]],
      4,
      [[Buffer.from(CONTEXT.traceId, 'hex'), parentId, 0x301, null, {}, 2]],
      5,
      2,
      'boom',
    ]);
  });

  it('of sdk-trace 1.x does not know where its parent is', () => {
    const span = finishedSpan({
      parentSpanId: '00000000000000ab',
      instrumentationScope: undefined,
      instrumentationLibrary: { name: 'library' },
    });
    const [, , scope, , , parentId, flags] = record(span);
    expect(parentId).toEqual(Buffer.from('00000000000000ab', 'hex'));
    expect(flags).toBe(1);
    expect(decoded(scope)).toEqual(['library', null, null, {}, 0]);
  });

  it.each([
    ['none', {}],
    ['an empty id', { parentSpanId: '' }],
    ['the invalid id', { parentSpanContext: { ...CONTEXT, spanId: '0000000000000000' } }],
  ])('has no parent for %s', (_, parent) => {
    expect(record(finishedSpan(parent))[5]).toBeNull();
  });

  it('is written whatever is missing on it', () => {
    const bare = { resource: undefined, instrumentationScope: undefined, droppedLinksCount: undefined };
    const [, resource, scope] = record(finishedSpan(bare as unknown as FinishedSpan));
    expect(decoded(resource)).toEqual([{}, null]);
    expect(decoded(scope)).toEqual(['', null, null, {}, 0]);
  });

  it('arrives whatever its application gave for a name, as OpenTelemetry’s API does not look', () => {
    const span = finishedSpan({
      name: undefined,
      instrumentationScope: { name: undefined, version: 1 },
      events: [{ name: undefined, time: [1, 2] }],
      status: { code: 2, message: 5 },
    } as unknown as FinishedSpan);
    const [, , scope, , , , , , name, , , , , , , , events, , , , , message] = record(span);
    expect(decoded(scope)).toEqual(['', '1', null, {}, 0]);
    expect([name, events, message]).toEqual(['', [[1, 2, '', {}, 0]], '5']);
  });

  it('counts a link that leads nowhere as dropped, and keeps the others', () => {
    const traceState = 'a=1';
    const links = [
      {},
      null,
      { context: { ...CONTEXT, traceId: undefined } },
      { context: { ...CONTEXT, traceState } },
    ];
    const span = finishedSpan({ links, droppedLinksCount: 1 } as unknown as FinishedSpan);
    const [, , , , , , , , , , , , , , , , , , written, dropped] = record(span);
    expect(written).toEqual([
      [Buffer.from(CONTEXT.traceId, 'hex'), Buffer.from(CONTEXT.spanId, 'hex'), 0x101, null, {}, 0],
    ]);
    expect(dropped).toBe(4);
  });

  it('holds no value that is deeper than decoders go, nor one without an end', () => {
    const endless: Record<string, unknown> = {};
    endless.self = endless;
    let value = attributes(finishedSpan({ attributes: { endless } })).endless;
    let depth = 0;
    for (; typeof value === 'object'; depth++) value = (value as { self: unknown }).self;
    expect(value).toBe('[Too deep]');
    expect(depth).toBe(30);
  });
});

describe('a resource', () => {
  it('is encoded once', () => {
    let read = 0;
    const resource = {
      get attributes() {
        read++;
        return { a: 1 };
      },
    };
    for (let i = 0; i < 3; i++) record(finishedSpan({ resource }));
    expect(read).toBe(1);
  });

  it('that waits for attributes is encoded again', () => {
    const resource = { attributes: { a: 1 } as Record<string, unknown>, asyncAttributesPending: true };
    const attributesOf = () => (decoded(record(finishedSpan({ resource }))[1]) as [unknown])[0];
    expect(attributesOf()).toEqual({ a: 1 });
    resource.attributes = { a: 1, b: 2 };
    resource.asyncAttributesPending = false;
    expect(attributesOf()).toEqual({ a: 1, b: 2 });
  });
});
