/** Ids: valid for W3C and OTLP, derived from the application's own ids; and which of the traces are sampled. */
import { createHash } from 'node:crypto';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rootSpanId } from '../../../src/records/trace.js';
import {
  isSampled,
  keyOf,
  newSpanId,
  newTraceId,
  rootSpanOf,
  spanIdText,
  type TraceId,
  toSpanId,
  toSpanIdText,
  toTraceId,
  toTraceIdText,
  traceIdText,
} from '../../../src/tracing/ids.js';

describe('ids', () => {
  it('are random hexadecimal digits of the right number, never twice', () => {
    const traceIds = new Set(Array.from({ length: 10_000 }, () => traceIdText(newTraceId())));
    const spanIds = new Set(Array.from({ length: 10_000 }, () => spanIdText(newSpanId())));
    expect([traceIds.size, spanIds.size]).toEqual([10_000, 10_000]);
    for (const id of traceIds) expect(id).toMatch(/^[0-9a-f]{32}$/);
    for (const id of spanIds) expect(id).toMatch(/^[0-9a-f]{16}$/);
  });

  it('of an application stay if they are valid', () => {
    expect(toTraceIdText('0123456789abcdef0123456789abcdef')).toBe('0123456789abcdef0123456789abcdef');
    expect(toSpanIdText('0123456789ABCDEF')).toBe('0123456789abcdef');
  });

  it('are hashed with SHA-256 otherwise, as Langfuse does', () => {
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    for (const id of ['order 17', '0'.repeat(32), 'x'.repeat(32)])
      expect(toTraceIdText(id)).toBe(hash(id).slice(0, 32));
    expect([toTraceIdText(''), toTraceIdText(null), toSpanIdText('')]).toEqual([null, null, null]);
    expect(toSpanIdText('0'.repeat(16))).toBe(hash('0'.repeat(16)).slice(0, 16));
  });

  it('are the same as words and as text, with every bit', () => {
    for (const id of ['00000000000000000000000000000001', 'ffffffff7fffffff80000000fedcba98']) {
      const words = toTraceId(id);
      expect(words && traceIdText(words)).toBe(id);
      const half = toSpanId(id.slice(16));
      expect(half && spanIdText(half)).toBe(id.slice(16));
      expect(words && spanIdText(rootSpanOf(words))).toBe(rootSpanId(id));
    }
  });

  it('have keys that differ where any of their digits alone do', () => {
    const keys = new Set<number>();
    for (const place of [0, 8, 16, 24]) {
      for (let i = 0; i < 1_000; i++) {
        const digits = i.toString(16).padStart(8, '0');
        const id = toTraceId(`${'a'.repeat(place)}${digits}${'a'.repeat(24 - place)}`);
        keys.add(keyOf(id as NonNullable<typeof id>));
      }
    }
    expect(keys.size).toBe(4_000);
  });
});

describe('a trace is sampled', () => {
  it('by the id alone, as OpenTelemetry does', () => {
    const rate = fc.oneof(fc.constantFrom(0, 1, 0.5), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), rate, (bytes, share) => {
        const id = Buffer.from(bytes).toString('hex');
        fc.pre(/[^0]/.test(id));
        const { decision } = new TraceIdRatioBasedSampler(share).shouldSample({}, id);
        expect(isSampled(toTraceId(id) as TraceId, share)).toBe(
          decision === SamplingDecision.RECORD_AND_SAMPLED,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('as often as the rate says', () => {
    const ids = Array.from({ length: 20_000 }, newTraceId);
    const taken = ids.filter((id) => isSampled(id, 0.3)).length;
    // Six standard deviations.
    expect(Math.abs(taken - 6000)).toBeLessThan(390);
    expect(ids.filter((id) => isSampled(id, 0))).toEqual([]);
    expect(new Set(ids.map(traceIdText)).size).toBe(20_000);
  });
});
