/**
 * Spans, and scores as Langfuse's ingestion API takes them → rows of the tables, by what a Langfuse server reads in them (ingest/). What
 * was a record of tailrace becomes the row that the record itself does (rows.ts).
 */
import { COMPLAINT_CODES } from '../../ingest/complaint-codes.js';
import type { Finding } from '../../ingest/findings.js';
import { isObject, parsedOrUndefined, toJsonText } from '../../ingest/json-text.js';
import type { Metadata } from '../../ingest/merge.js';
import type { OtlpSpan } from '../../ingest/otlp/otlp-span.js';
import { PARAMETERS_KEY } from '../../ingest/otlp/span-generation.js';
import { type MappedSpan, mapSpan } from '../../ingest/otlp/span-mapping.js';
import type { SpanMetadata } from '../../ingest/otlp/span-metadata.js';
import { metadataOf as metadataOfSpan } from '../../ingest/otlp/span-observation.js';
import { ConversionFails } from '../../ingest/otlp/span-tags.js';
import { traceMetadataOf } from '../../ingest/otlp/span-trace.js';
import type { ObservationRow as ReadObservation, ScoreRow as ReadScore } from '../../ingest/rows.js';
import { cutTraceName, rootSpanId } from '../../records/trace.js';
import type { ObservationRow, ScoreRow, TableName, TraceRow } from './columns.js';
import { metadataOf, timeOfMicros } from './rows.js';

export type SpanRow =
  | { readonly table: TableName; readonly values: ObservationRow | TraceRow }
  /** A server would not store it. The reason shows no value. */
  | { readonly refused: string };

/** `eventTs`: as `timeOfMicros` has it. */
export function rowOfSpan(span: OtlpSpan, eventTs: string): SpanRow {
  const findings: Finding[] = [];
  try {
    const mapped = mapSpan(span, findings);
    if (mapped.isRecord) return { table: 'traces', values: traceRow(span, mapped, eventTs) };
    const { observation } = mapped;
    if (observation === null) return { refused: refusalIn(findings) };
    return { table: 'observations', values: observationRow(span, mapped, observation, eventTs) };
  } catch (error) {
    if (!(error instanceof ConversionFails)) throw error;
    return { refused: refusalIn(findings) };
  }
}

function refusalIn(findings: readonly Finding[]): string {
  const dropped = findings.find(({ code }) => COMPLAINT_CODES[code] === 'dropped');
  return dropped?.message ?? 'the span is no observation';
}

function observationRow(
  span: OtlpSpan,
  mapped: MappedSpan,
  observation: ReadObservation,
  eventTs: string,
): ObservationRow {
  const { trace, isRoot, sorted } = mapped;
  const { traceId, parentId, startUs, endUs, completionStartUs } = observation;
  return {
    trace_id: traceId,
    id: observation.id,
    // The span of the trace is the trace itself.
    parent_id: parentId === rootSpanId(span.traceId) ? null : parentId,
    type: observation.type,
    name: observation.name,
    start_time: timeOfMicros(startUs ?? 0),
    end_time: timeOrNull(endUs),
    completion_start_time: timeOrNull(completionStartUs),
    level: observation.level,
    status_message: observation.statusMessage,
    model: observation.model,
    model_parameters: parametersOf(span, observation),
    usage_details: detailsOf(observation.usageDetails),
    cost_details: detailsOf(observation.costDetails),
    prompt_name: observation.promptName,
    prompt_version: observation.promptVersion,
    input: observation.input,
    output: observation.output,
    metadata: textsOf(metadataOfSpan(span, sorted), sorted.observationMetadata),
    ...sharedOf(mapped),
    version: observation.version,
    environment: observation.environment,
    trace_name: nameOf(mapped),
    trace_public: trace.arrived?.public === 1,
    is_trace_root: isRoot,
    // A span has no version or environment of its trace beside its own.
    trace_version: null,
    trace_environment: null,
    trace_metadata: isRoot ? textsOf(sorted.traceMetadata?.entries, sorted.traceMetadata) : {},
    trace_input: isRoot ? ownPayload(trace.input) : null,
    trace_output: isRoot ? ownPayload(trace.output) : null,
    event_ts: eventTs,
  };
}

/** Of tailrace's record of a trace. */
function traceRow(span: OtlpSpan, mapped: MappedSpan, eventTs: string): TraceRow {
  const { trace, sorted } = mapped;
  const { ownStartUs, ownEndUs, arrived } = trace;
  const start = ownStartUs ?? 0;
  const metadata = traceMetadataOf(sorted, true);
  return {
    id: span.traceId,
    timestamp: timeOfMicros(start),
    end_time: timeOfMicros(Math.max(start, ownEndUs ?? start)),
    name: nameOf(mapped),
    ...sharedOf(mapped),
    version: arrived?.version ?? null,
    environment: trace.environment ?? 'default',
    public: arrived?.public === 1,
    input: ownPayload(trace.input),
    output: ownPayload(trace.output),
    metadata: textsOf(metadata?.entries, metadata),
    event_ts: eventTs,
  };
}

export function rowOfScore(score: ReadScore, eventTs: string): ScoreRow {
  return {
    id: score.id,
    timestamp: timeOfMicros(score.timestampUs),
    trace_id: score.traceId,
    observation_id: score.observationId,
    session_id: score.sessionId,
    dataset_run_id: score.datasetRunId,
    name: score.name,
    data_type: score.dataType,
    value: score.value,
    string_value: score.stringValue,
    comment: score.comment,
    config_id: score.configId,
    environment: score.environment,
    metadata: metadataOf(score.metadata === null ? null : [JSON.parse(score.metadata)]),
    event_ts: eventTs,
  };
}

function sharedOf({ trace: { arrived } }: MappedSpan) {
  return {
    user_id: arrived?.userId ?? null,
    session_id: arrived?.sessionId ?? null,
    tags: [...new Set(arrived?.tags ?? [])].sort(),
    release: arrived?.release ?? null,
  };
}

/** That which the span says: a trace without a name gets none from its span. */
function nameOf({ trace: { arrived } }: MappedSpan): string | null {
  return typeof arrived?.name === 'string' ? cutTraceName(arrived.name) : null;
}

/** A payload that is the observation's own stands there. */
function ownPayload(payload: MappedSpan['trace']['input']): string | null {
  return payload !== null && 'text' in payload ? payload.text : null;
}

/** As they came: a server makes texts of members that are no text and no number. */
function parametersOf({ attributes }: OtlpSpan, { modelParameters }: ReadObservation): string | null {
  const said = attributes.get(PARAMETERS_KEY);
  const isWhole = modelParameters !== null && typeof said === 'string' && isObject(parsedOrUndefined(said));
  return isWhole ? said : modelParameters;
}

function detailsOf(json: string | null): Record<string, number> {
  return json === null ? {} : JSON.parse(json);
}

/** Each member as text: as it came, or as JSON. */
function textsOf(entries: Metadata | null | undefined, from: SpanMetadata | null): Record<string, string> {
  const texts = Object.entries(entries ?? {}).map(([key, value]) => {
    const asItCame = from?.entries[key] === value ? from?.texts.get(key) : undefined;
    return [key, asItCame ?? (typeof value === 'string' ? value : toJsonText(value))];
  });
  return Object.fromEntries(texts);
}

function timeOrNull(us: number | null): string | null {
  return us === null ? null : timeOfMicros(us);
}
