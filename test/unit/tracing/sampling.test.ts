/** Which traces are sampled: the same ones as OpenTelemetry's sampler takes. */
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSampled, newTraceId, type TraceId, toTraceId, traceIdText } from '../../../src/tracing/ids.js';

it('decides by the id alone, as OpenTelemetry does', () => {
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

it('takes about the share that it is told', () => {
  const ids = Array.from({ length: 20_000 }, newTraceId);
  const taken = ids.filter((id) => isSampled(id, 0.3)).length;
  // Six standard deviations.
  expect(Math.abs(taken - 6000)).toBeLessThan(390);
  expect(ids.filter((id) => isSampled(id, 0))).toEqual([]);
  expect(new Set(ids.map(traceIdText)).size).toBe(20_000);
});
