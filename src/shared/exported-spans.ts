/**
 * The OpenTelemetry spans that have begun and are expected to go to a Langfuse server: what span processors know, and a client
 * asks for. On the global object, as a process may have two copies of this package.
 */

/** Of one destination: whether the span of an id is expected to be exported. */
type ExpectedSpans = ReadonlyMap<string, boolean>;

const KEY = Symbol.for('tailrace.exported-spans/1');

type Holder = { [KEY]?: Set<ExpectedSpans> };

export function addExpectedSpans(spans: ExpectedSpans): void {
  const holder = globalThis as Holder;
  holder[KEY] ??= new Set();
  holder[KEY].add(spans);
}

export function removeExpectedSpans(spans: ExpectedSpans): void {
  (globalThis as Holder)[KEY]?.delete(spans);
}

/** `spanId`: 16 hexadecimal digits in lower case. */
export function isExportedSpan(spanId: string): boolean {
  for (const spans of (globalThis as Holder)[KEY] ?? []) if (spans.get(spanId) === true) return true;
  return false;
}
