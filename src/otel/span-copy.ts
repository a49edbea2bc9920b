/** A finished span with other attributes: a copy, as other processors have the same span. */
import type { FinishedSpan } from './finished-span.js';

type Attributes = FinishedSpan['attributes'];

/** With other attributes of its own. */
export function withAttributes(span: FinishedSpan, attributes: Attributes): FinishedSpan {
  return withMaps(span, [attributes, ...span.events.map((event) => event.attributes ?? {})]);
}

/** With its own attributes, and then those of each event. Its fields may be getters of its class. */
export function withMaps(
  span: FinishedSpan,
  [attributes = {}, ...ofEvents]: readonly Attributes[],
): FinishedSpan {
  const context = span.spanContext();
  const source = span as unknown as Record<string, unknown>;
  const fields = Object.fromEntries(FIELDS.map((name) => [name, source[name]])) as unknown as FinishedSpan;
  return {
    ...fields,
    spanContext: () => context,
    attributes,
    events: span.events.map((event, i) => ({ ...event, attributes: ofEvents[i] })),
  };
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
  'links',
  'resource',
  'instrumentationScope',
  'instrumentationLibrary',
  'droppedAttributesCount',
  'droppedEventsCount',
  'droppedLinksCount',
] as const;
