/** A trace or an observation as a test case, in the shape of an item of Langfuse's datasets. */

import { valueOfPayload } from './payload-values.js';

interface TestCase {
  input: unknown;
  expectedOutput: unknown;
  metadata: unknown;
  sourceTraceId: string;
  /** Absent: the trace itself. */
  sourceObservationId?: string;
}

/** Payloads as they came; null: there is none. */
export function testCaseOf(
  { input, output, metadata }: Record<'input' | 'output' | 'metadata', string | null>,
  traceId: string,
  observationId: string | null,
): string {
  const item: TestCase = {
    input: valueOfPayload(input),
    expectedOutput: valueOfPayload(output),
    metadata: valueOfPayload(metadata),
    sourceTraceId: traceId,
    ...(observationId !== null && { sourceObservationId: observationId }),
  };
  return JSON.stringify(item, null, 2);
}
