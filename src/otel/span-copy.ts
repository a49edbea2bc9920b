/** A copy of a finished span with other values in it: other processors have the same span. */
import type { FinishedSpan } from '../records/finished-span.js';

type Changed = Partial<Pick<FinishedSpan, 'attributes' | 'events' | 'links' | 'status'>>;

/** Its fields may be getters of its class. */
export function copySpan(span: FinishedSpan, changed: Changed): FinishedSpan {
  const context = span.spanContext();
  const source = span as unknown as Record<string, unknown>;
  const fields = Object.fromEntries(FIELDS.map((name) => [name, source[name]])) as unknown as FinishedSpan;
  return { ...fields, spanContext: () => context, ...changed };
}

/** Of sdk-trace's ReadableSpan, in 2.x and 1.x: an exporter of the application's may want any of them. */
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
