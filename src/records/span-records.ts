/**
 * A finished OpenTelemetry span as it crosses the ring: arrays with a fixed order of fields, as the tracing records
 * (records/observation). It holds all that is on the span, so that a worker that succeeds another needs nothing else.
 */

import type { OTEL_SPAN } from './kinds.js';

/**
 * A value is text, a boolean, a number (also one that JSON has none for), bytes, an array or a map of values; null
 * where it is none of these, and where it was null.
 */
export type SpanAttributes = Readonly<Record<string, unknown>>;

/** Since 1970, as OpenTelemetry's HrTime. */
export type Seconds = number;
export type Nanoseconds = number;

/** Bits of OTLP's `flags`; below them are the W3C trace flags. */
export const HAS_IS_REMOTE = 0x100;
export const IS_REMOTE = 0x200;

export type SpanRecord = readonly [
  kind: typeof OTEL_SPAN,
  /** A `SpanResource`, encoded: many spans have the same, and its bytes tell whether they do. */
  resource: Uint8Array,
  /** A `SpanScope`, encoded. */
  scope: Uint8Array,
  traceId: Uint8Array,
  id: Uint8Array,
  parentId: Uint8Array | null,
  /** As in OTLP. */
  flags: number,
  traceState: string | null,
  name: string,
  /** As in OTLP: 0 where there is none, else one more than in OpenTelemetry's API. */
  spanKind: number,
  startSeconds: Seconds,
  startNanoseconds: Nanoseconds,
  endSeconds: Seconds,
  endNanoseconds: Nanoseconds,
  attributes: SpanAttributes,
  droppedAttributes: number,
  events: readonly SpanEventRecord[],
  droppedEvents: number,
  links: readonly SpanLinkRecord[],
  droppedLinks: number,
  statusCode: number,
  statusMessage: string | null,
];

export const SPAN_FIELDS: SpanRecord['length'] = 22;

/** Index into a SpanRecord. */
export const SPAN_ATTRIBUTES = 14;

export type SpanEventRecord = readonly [
  seconds: Seconds,
  nanoseconds: Nanoseconds,
  name: string,
  attributes: SpanAttributes,
  droppedAttributes: number,
];

export const SPAN_EVENT_FIELDS: SpanEventRecord['length'] = 5;

export type SpanLinkRecord = readonly [
  traceId: Uint8Array,
  spanId: Uint8Array,
  flags: number,
  traceState: string | null,
  attributes: SpanAttributes,
  droppedAttributes: number,
];

export const SPAN_LINK_FIELDS: SpanLinkRecord['length'] = 6;

export type SpanResource = readonly [attributes: SpanAttributes, schemaUrl: string | null];

export const SPAN_RESOURCE_FIELDS: SpanResource['length'] = 2;

export type SpanScope = readonly [
  name: string,
  version: string | null,
  schemaUrl: string | null,
  attributes: SpanAttributes,
  droppedAttributes: number,
];

export const SPAN_SCOPE_FIELDS: SpanScope['length'] = 5;
