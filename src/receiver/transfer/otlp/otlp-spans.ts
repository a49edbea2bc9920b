/** Stored rows → spans of OTLP JSON. */

import { rootSpanId, TRACE_MARKER } from '../../../records/trace.js';
import type { SqlRow, SqlValue } from '../../store/sqlite.js';
import type { StoredState } from '../../store/trace-store.js';
import { isoMicros } from '../replay/replay-events.js';
import { hexId, SPAN_ID_BYTES, TRACE_ID_BYTES } from './hex-id.js';

/** What the spans of a trace need to know of it. */
export interface TraceFields {
  hexId: string;
  /** The observation whose span carries the trace's attributes; null: the trace has a span of its own. */
  carrierId: string | null;
  state: StoredState;
}

export function traceFields(row: SqlRow): TraceFields {
  const state = JSON.parse(String(row.state)) as StoredState;
  // A trace with times of its own needs a span for them.
  const root = state.hasRecord || row.own_start_us !== null ? null : row.root_id;
  return { hexId: hexId(String(row.id), TRACE_ID_BYTES), carrierId: (root ?? null) as string | null, state };
}

type Attribute = [key: string, value: object];

/** As tailrace's client writes a trace: a root that its receiver shows as the trace. */
export function traceSpan(trace: TraceFields, row: SqlRow): string {
  const startUs = Number(row.own_start_us ?? row.timestamp_us);
  return span({
    traceId: trace.hexId,
    spanId: rootSpanId(trace.hexId),
    name: String(row.name ?? 'trace'),
    startUs,
    endUs: Math.max(startUs, Number(row.own_end_us ?? startUs)),
    attributes: [
      [TRACE_MARKER, { boolValue: true }],
      ...traceAttributes(row, trace),
      ...commonAttributes(row),
    ],
  });
}

/** `traceRow`: the span carries the attributes of this trace as well. */
export function observationSpan(trace: TraceFields, row: SqlRow, traceRow: SqlRow | undefined): string {
  const startUs = Number(row.start_us ?? row.created_us);
  const isRoot = row.parent_id === null;
  const parentId = isRoot
    ? trace.carrierId === null
      ? rootSpanId(trace.hexId)
      : undefined
    : hexId(String(row.parent_id), SPAN_ID_BYTES);
  return span({
    traceId: trace.hexId,
    spanId: hexId(String(row.id), SPAN_ID_BYTES),
    parentSpanId: parentId,
    name: String(row.name ?? ''),
    startUs,
    endUs: row.type === 'EVENT' ? startUs : ((row.end_us ?? undefined) as number | undefined),
    attributes: [
      ['langfuse.observation.type', { stringValue: String(row.type).toLowerCase() }],
      ...text('langfuse.observation.level', row.level),
      ...text('langfuse.observation.status_message', row.status_message),
      ...text('langfuse.observation.model.name', row.model),
      ...text('langfuse.observation.model.parameters', row.model_parameters),
      ...text('langfuse.observation.usage_details', row.usage_details),
      ...text('langfuse.observation.cost_details', row.cost_details),
      ...text('langfuse.observation.completion_start_time', completionStart(row.completion_start_us)),
      ...text('langfuse.observation.prompt.name', row.prompt_name),
      ...integer('langfuse.observation.prompt.version', row.prompt_version),
      ...text('langfuse.observation.metadata', row.metadata),
      ...text('langfuse.observation.input', row.input),
      ...text('langfuse.observation.output', row.output),
      ...commonAttributes(row),
      ...(traceRow === undefined ? [] : traceAttributes(traceRow, trace)),
    ],
    ...(row.level === 'ERROR' && { error: String(row.status_message ?? '') }),
  });
}

function traceAttributes(row: SqlRow, { state, carrierId }: TraceFields): Attribute[] {
  const isOfCarrier = (of: string | null) => carrierId !== null && of === carrierId;
  return [
    ...text('langfuse.trace.name', row.name),
    ...text('user.id', row.user_id),
    ...text('session.id', row.session_id),
    ...text('langfuse.release', row.release),
    ...(row.public === 1 ? ([['langfuse.trace.public', { boolValue: true }]] as Attribute[]) : []),
    ...tags(row.tags),
    ...text('langfuse.trace.metadata', row.metadata),
    ...(isOfCarrier(state.inputOf) ? [] : text('langfuse.trace.input', row.input)),
    ...(isOfCarrier(state.outputOf) ? [] : text('langfuse.trace.output', row.output)),
  ];
}

function commonAttributes(row: SqlRow): Attribute[] {
  return [...text('langfuse.version', row.version), ...text('langfuse.environment', row.environment)];
}

function text(key: string, value: SqlValue | undefined): Attribute[] {
  return value === null || value === undefined ? [] : [[key, { stringValue: String(value) }]];
}

function integer(key: string, value: SqlValue | undefined): Attribute[] {
  return value === null || value === undefined ? [] : [[key, { intValue: String(value) }]];
}

function tags(json: SqlValue | undefined): Attribute[] {
  const values = typeof json === 'string' ? (JSON.parse(json) as string[]) : [];
  if (values.length === 0) return [];
  return [
    ['langfuse.trace.tags', { arrayValue: { values: values.map((stringValue) => ({ stringValue })) } }],
  ];
}

/** A Langfuse server reads the time as a JSON string, with its quotes. */
function completionStart(us: SqlValue | undefined): string | null {
  return us === null || us === undefined ? null : JSON.stringify(isoMicros(Number(us)));
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
