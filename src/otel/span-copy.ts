/** Copies a finished span with other values in it, as other processors have the same span. */
import type { FinishedSpan } from '../records/finished-span.js';

type Changed = Partial<Pick<FinishedSpan, 'attributes' | 'events' | 'links' | 'status'>>;

/** Reads each field by name, as fields may be getters of the span's class. */
export function copySpan(span: FinishedSpan, changed: Changed): FinishedSpan {
  const context = span.spanContext();
  const source = span as unknown as Record<string, unknown>;
  const fields = Object.fromEntries(FIELDS.map((name) => [name, source[name]])) as unknown as FinishedSpan;
  return { ...fields, spanContext: () => context, ...changed };
}

/** The fields of sdk-trace's ReadableSpan, in 2.x and 1.x: an exporter of the application may use any of them. */
const FIELDS = [
  'name',
  'kind',
  'parentSpanContext',
  'parentSpanId',
  'startTime',
  'endTime',
  'duration',
  'ended',
  'status',
  'attributes',
  'events',
  'links',
  'resource',
  'instrumentationScope',
  'instrumentationLibrary',
  'droppedAttributesCount',
  'droppedEventsCount',
  'droppedLinksCount',
] as const;
