/** Stored rows → spans of OTLP JSON. */

import type { Micros } from '../../../ingest/rows.js';
import { rootSpanId, TRACE_MARKER } from '../../../records/trace.js';
import type { StoredState } from '../../store/contract/rows.js';
import type { ExportedObservation, ExportedTrace } from '../../store/contract/transfer.js';
import { isoMicros } from '../replay/replay-events.js';
import { hexId, SPAN_ID_BYTES, TRACE_ID_BYTES } from './hex-id.js';

/** What the spans of a trace need to know of it. */
export interface TraceFields {
  hexId: string;
  /** The observation whose span carries the trace's attributes; null: the trace has a span of its own. */
  carrierId: string | null;
  state: StoredState;
}

export function traceFields(row: ExportedTrace): TraceFields {
  const { state } = row;
  // A trace with times of its own needs a span for them.
  const carrierId = state.hasRecord || row.ownStartUs !== null ? null : row.rootId;
  return { hexId: hexId(row.id, TRACE_ID_BYTES), carrierId, state };
}

type Attribute = [key: string, value: object];

/** As tailrace's client writes a trace: a root that its receiver shows as the trace. */
export function traceSpan(trace: TraceFields, row: ExportedTrace): string {
  const startUs = row.ownStartUs ?? row.timestampUs;
  return span({
    traceId: trace.hexId,
    spanId: rootSpanId(trace.hexId),
    name: row.name ?? 'trace',
    startUs,
    endUs: Math.max(startUs, row.ownEndUs ?? startUs),
    attributes: [
      [TRACE_MARKER, { boolValue: true }],
      ...traceAttributes(row, trace),
      ...commonAttributes(row),
    ],
  });
}

/** `traceRow`: the span carries the attributes of this trace as well. */
export function observationSpan(
  trace: TraceFields,
  row: ExportedObservation,
  traceRow: ExportedTrace | undefined,
): string {
  const startUs = row.startUs ?? row.createdUs;
  const isRoot = row.parentId === null;
  const parentId = isRoot
    ? trace.carrierId === null
      ? rootSpanId(trace.hexId)
      : undefined
    : hexId(String(row.parentId), SPAN_ID_BYTES);
  return span({
    traceId: trace.hexId,
    spanId: hexId(row.id, SPAN_ID_BYTES),
    parentSpanId: parentId,
    name: row.name ?? '',
    startUs,
    endUs: row.type === 'EVENT' ? startUs : (row.endUs ?? undefined),
    attributes: [
      ['langfuse.observation.type', { stringValue: row.type.toLowerCase() }],
      ...text('langfuse.observation.level', row.level),
      ...text('langfuse.observation.status_message', row.statusMessage),
      ...text('langfuse.observation.model.name', row.model),
      ...text('langfuse.observation.model.parameters', row.modelParameters),
      ...text('langfuse.observation.usage_details', row.usageDetails),
      ...text('langfuse.observation.cost_details', row.costDetails),
      ...text('langfuse.observation.completion_start_time', completionStart(row.completionStartUs)),
      ...text('langfuse.observation.prompt.name', row.promptName),
      ...integer('langfuse.observation.prompt.version', row.promptVersion),
      ...text('langfuse.observation.metadata', row.metadata),
      ...text('langfuse.observation.input', row.input),
      ...text('langfuse.observation.output', row.output),
      ...commonAttributes(row),
      ...(traceRow === undefined ? [] : traceAttributes(traceRow, trace)),
    ],
    ...(row.level === 'ERROR' && { error: row.statusMessage ?? '' }),
  });
}

function traceAttributes(row: ExportedTrace, { state, carrierId }: TraceFields): Attribute[] {
  const isOfCarrier = (of: string | null) => carrierId !== null && of === carrierId;
  return [
    ...text('langfuse.trace.name', row.name),
    ...text('user.id', row.userId),
    ...text('session.id', row.sessionId),
    ...text('langfuse.release', row.release),
    ...(row.isPublic ? ([['langfuse.trace.public', { boolValue: true }]] as Attribute[]) : []),
    ...tags(row.tags),
    ...text('langfuse.trace.metadata', row.metadata),
    ...(isOfCarrier(state.inputOf) ? [] : text('langfuse.trace.input', row.input)),
    ...(isOfCarrier(state.outputOf) ? [] : text('langfuse.trace.output', row.output)),
  ];
}

function commonAttributes(row: { version: string | null; environment: string | null }): Attribute[] {
  return [...text('langfuse.version', row.version), ...text('langfuse.environment', row.environment)];
}

function text(key: string, value: string | null): Attribute[] {
  return value === null ? [] : [[key, { stringValue: value }]];
}

function integer(key: string, value: number | null): Attribute[] {
  return value === null ? [] : [[key, { intValue: String(value) }]];
}

function tags(values: string[] | null): Attribute[] {
  if (values === null || values.length === 0) return [];
  return [
    ['langfuse.trace.tags', { arrayValue: { values: values.map((stringValue) => ({ stringValue })) } }],
  ];
}

/** A Langfuse server reads the time as a JSON string, with its quotes. */
function completionStart(us: Micros | null): string | null {
  return us === null ? null : JSON.stringify(isoMicros(us));
}

interface SpanFields {
  traceId: string;
  spanId: string;
  parentSpanId?: string | undefined;
  name: string;
  startUs: number;
  /** Absent: the observation is still open. */
  endUs: number | undefined;
  attributes: Attribute[];
  /** The message of an error. */
  error?: string;
}

const KIND_INTERNAL = 1;
const STATUS_ERROR = 2;

function span({
  traceId,
  spanId,
  parentSpanId,
  name,
  startUs,
  endUs,
  attributes,
  error,
}: SpanFields): string {
  return JSON.stringify({
    traceId,
    spanId,
    parentSpanId,
    name,
    kind: KIND_INTERNAL,
    startTimeUnixNano: nanos(startUs),
    endTimeUnixNano: endUs === undefined ? undefined : nanos(endUs),
    attributes: attributes.map(([key, value]) => ({ key, value })),
    status: error === undefined ? {} : { code: STATUS_ERROR, ...(error && { message: error }) },
  });
}

function nanos(us: number): string {
  return us === 0 ? '0' : `${us}000`;
}
