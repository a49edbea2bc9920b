/** Maps decoded OTLP spans to rows and complaints: Langfuse's attributes, OpenTelemetry's gen_ai attributes, tailrace's trace record. */

import { rootSpanId, TRACE_MARKER } from '../../records/trace.js';
import type { Changes } from '../changes.js';
import { complain, type Finding, nameOrType, type Subject } from '../findings.js';
import type { ObservationRow } from '../rows.js';
import type { Steps } from '../steps.js';
import { foldTraces, type TraceState } from '../trace-state.js';
import type { OtlpSpan } from './otlp-span.js';
import { isLangfuseScope, type SortedAttributes, sortAttributes, truthy } from './span-attributes.js';
import { observationOf, payloadsOf } from './span-observation.js';
import { ConversionFails } from './span-tags.js';
import { environmentOf, traceStateOf } from './span-trace.js';

interface MappedSpans {
  changes: Changes;
  /** Spans for which the server stores no observation. */
  dropped: number;
}

/** What one span says. */
export interface MappedSpan {
  /** Of its trace. */
  trace: TraceState;
  /** Null: the server's schema refuses it; the findings say why. */
  observation: ObservationRow | null;
  /** It is tailrace's record of the trace, and no observation. */
  isRecord: boolean;
  /** Without a parent, or marked as the root. */
  isRoot: boolean;
  sorted: SortedAttributes;
}

export function* mapSpans(spans: OtlpSpan[]): Steps<MappedSpans> {
  const findings: Finding[] = [];
  const observations: Changes['observations'] = [];
  const traces: TraceState[] = [];
  let dropped = 0;
  try {
    for (const span of spans) {
      const { trace, observation, isRecord } = mapSpan(span, findings);
      if (observation === null) dropped += 1;
      else if (!isRecord) observations.push({ mode: 'whole', row: observation });
      traces.push(trace);
      yield;
    }
  } catch (error) {
    if (!(error instanceof ConversionFails)) throw error;
    return { changes: { traces: [], observations: [], scores: [], findings }, dropped: spans.length };
  }
  // All trace updates of a request become one upsert per trace.
  const folded = yield* foldTraces(traces);
  return { changes: { traces: folded, observations, scores: [], findings }, dropped };
}

/** @throws ConversionFails: the server's conversion fails, and with it the whole request. */
export function mapSpan(span: OtlpSpan, findings: Finding[]): MappedSpan {
  const subject: Subject = { traceId: span.traceId, observationId: span.spanId, findings };
  const sorted = sortAttributes(span, subject);
  if (sorted.isLangfuseSpan && !isLangfuseScope(span)) complainOfScope(span, findings);
  const environment = environmentOf(span, subject);
  const version =
    span.attributes.get('langfuse.version') ?? span.resource.attributes.get('service.version') ?? null;
  const payloads = payloadsOf(span, subject);
  // tailrace writes a trace as a root span, so that any server shows it; the span's id is derived from the trace's.
  const isRecord = span.attributes.get(TRACE_MARKER) === true && span.spanId === rootSpanId(span.traceId);
  const isRoot = span.parentSpanId === '' || truthy(span.attributes.get('langfuse.internal.as_root'));
  const observation = observationOf(span, sorted, subject, { environment, version, payloads });
  const isObservation = observation !== null && !isRecord;
  const context = { isRoot, isRecord, isObservation, environment, version, payloads };
  const trace = traceStateOf(span, sorted, subject, context);
  return { trace, observation, isRecord, isRoot, sorted };
}

/** Once per trace: all of its spans have this scope. */
function complainOfScope({ traceId, scope }: OtlpSpan, findings: Finding[]): void {
  const subject: Subject = { traceId, observationId: null, findings };
  const rule = 'must begin with langfuse-sdk where spans have langfuse.observation attributes';
  complain(
    subject,
    'scope-not-langfuse-sdk',
    'scope.name',
    `${rule}, but got ${nameOrType(scope.name)}: they are copied into metadata.attributes`,
  );
}
