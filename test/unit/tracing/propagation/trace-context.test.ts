/** The traceparent header, checked against OpenTelemetry's own propagator. */
import { createContextKey, defaultTextMapGetter, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { describe, expect, it } from 'vitest';
import { extractTraceContext, formatTraceparent } from '../../../../src/tracing/propagation/trace-context.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const VALID = `00-${TRACE_ID}-${SPAN_ID}-01`;

function extractedByOpenTelemetry(traceparent: string) {
  const context = new W3CTraceContextPropagator().extract(
    ROOT_CONTEXT,
    { traceparent },
    defaultTextMapGetter,
  );
  return trace.getSpanContext(context);
}

describe('traceparent', () => {
  it.each([
    VALID,
    ` ${VALID} `,
    `00-${TRACE_ID}-${SPAN_ID}-00`,
    `cc-${TRACE_ID}-${SPAN_ID}-01-what-the-future-brings`,
    `cc-${TRACE_ID}-${SPAN_ID}-01`,
    `00-${TRACE_ID}-${SPAN_ID}-01-extra`,
    `ff-${TRACE_ID}-${SPAN_ID}-01`,
    `00-${'0'.repeat(32)}-${SPAN_ID}-01`,
    `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
    `00-${TRACE_ID}-${SPAN_ID}`,
    `00-${TRACE_ID.slice(1)}-${SPAN_ID}-01`,
    `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`,
    '',
    'nonsense',
  ])('"%s" is read as OpenTelemetry reads it', (traceparent) => {
    const expected = extractedByOpenTelemetry(traceparent);
    const { traceId, spanId } = extractTraceContext({ traceparent }) ?? {};
    expect({ traceId, spanId }).toEqual({ traceId: expected?.traceId, spanId: expected?.spanId });
  });

  it('is written as OpenTelemetry reads it', () => {
    expect(extractedByOpenTelemetry(formatTraceparent(TRACE_ID, SPAN_ID, true))).toMatchObject({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      traceFlags: 1,
    });
    expect(extractedByOpenTelemetry(formatTraceparent(TRACE_ID, SPAN_ID, false))?.traceFlags).toBe(0);
  });

  it('is found in headers of every kind', () => {
    const parent = { traceId: TRACE_ID, spanId: SPAN_ID };
    expect(extractTraceContext(new Headers({ Traceparent: VALID }))).toEqual(parent);
    expect(extractTraceContext(new Map([['traceparent', VALID]]))).toEqual(parent);
    expect(extractTraceContext({ Traceparent: VALID })).toEqual(parent);
    expect(extractTraceContext({ traceparent: [VALID] })).toEqual(parent);
    expect(extractTraceContext({ traceparent: [VALID, VALID] })).toBeUndefined();
    for (const nothing of [
      {},
      undefined,
      null,
      5,
      'x',
      { traceparent: 5 },
      {
        get: () => {
          throw new Error('no');
        },
      },
    ]) {
      expect(extractTraceContext(nothing as never)).toBeUndefined();
    }
  });

  it('keys of contexts are made from their names by OpenTelemetry, as the search for its active span expects', () => {
    expect(createContextKey('OpenTelemetry Context Key SPAN')).toBe(
      Symbol.for('OpenTelemetry Context Key SPAN'),
    );
  });
});
