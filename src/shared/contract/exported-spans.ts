/**
 * The OpenTelemetry spans that have begun and that a span processor expects to export to a Langfuse server. A client asks whether
 * a span is one of them.
 */
import { processWide } from '../runtime/process-wide.js';

/** For one destination: whether the span with this id is expected to be exported. */
type ExpectedSpans = ReadonlyMap<string, boolean>;

const destinations = (): Set<ExpectedSpans> => processWide('exported-spans/1', () => new Set());

export function addExpectedSpans(spans: ExpectedSpans): void {
  destinations().add(spans);
}

export function removeExpectedSpans(spans: ExpectedSpans): void {
  destinations().delete(spans);
}

/** `spanId`: 16 hexadecimal digits in lower case. */
export function isExportedSpan(spanId: string): boolean {
  for (const spans of destinations()) if (spans.get(spanId) === true) return true;
  return false;
}
