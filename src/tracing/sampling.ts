/** Which traces are sampled: decided by the trace id alone, so that every service comes to the same answer. */
import type { TraceId } from './ids.js';

/**
 * The rule of OpenTelemetry's TraceIdRatioBasedSampler for JavaScript (@opentelemetry/sdk-trace 2.12): the exclusive
 * or of the id's four words, below the rate's share of 32 bits. So services that sample by it agree with ours.
 */
export function isSampled({ word0, word1, word2, word3 }: TraceId, rate: number): boolean {
  return rate >= 1 || (word0 ^ word1 ^ word2 ^ word3) >>> 0 < Math.floor(rate * 0xffffffff);
}
