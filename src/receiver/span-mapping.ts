/** Decoded OTLP spans → rows: Langfuse's attribute keys, OpenTelemetry's gen_ai ones, and tailrace's trace record. */

import { rootSpanId, SCOPE_NAME, TRACE_MARKER } from '../shared/records.js';
import { readCostDetails, readUsageDetails, totalOf } from '../usage/details.js';
import { payloadText, toJsonText } from './json-text.js';
import { type OtlpSpan, statusCodeError } from './otlp-types.js';
import {
  type Changes,
  emptyTrace,
  type Level,
  levels,
  type ObservationRow,
  type ObservationType,
  observationTypes,
  type TraceChange,
  type TraceRow,
} from './rows.js';
import {
  environmentOf,
  firstOf,
  genAiCost,
  genAiUsage,
  json,
  metadataOf,
  micros,
  type SortedAttributes,
  sortAttributes,
  tagsOf,
  text,
  timeOf,
  truthy,
} from './span-attributes.js';

/** tailrace's trace record speaks for the trace; other spans only fill in what it leaves open, whichever comes first. */
const spanRevision = 0;
const traceRecordRevision = 1;

export function mapSpans(spans: OtlpSpan[]): Changes {
  const changes: Changes = { traces: [], observations: [], scores: [] };
  // The spans of a trace mostly say the same about it: one upsert for all of them, unless one says something else.
  const last = new Map<string, TraceChange>();
  for (const span of spans) {
    const { trace, observation } = mapSpan(span);
    if (observation !== null) {
      changes.observations.push({ row: observation, revision: spanRevision, mode: 'whole' });
    }
    const known = last.get(trace.row.id);
    if (known !== undefined && saysNothingNew(trace, known)) continue;
    last.set(trace.row.id, trace);
    changes.traces.push(trace);
  }
  return changes;
}

function saysNothingNew(next: TraceChange, known: TraceChange): boolean {
  if (next.revision !== known.revision) return false;
  for (const field of traceFields) {
    const value = next.row[field];
    if (value !== null && value !== known.row[field]) return false;
  }
  return true;
}

const traceFields = Object.keys(emptyTrace('')) as (keyof TraceRow)[];

function mapSpan(span: OtlpSpan): { trace: TraceChange; observation: ObservationRow | null } {
  const fromTailrace = span.scope.name === SCOPE_NAME;
  // tailrace writes what `trace()` made as a root span, so that any server shows it; its id is derived from the trace's.
  const traceSpanId = fromTailrace ? rootSpanId(span.traceId) : null;
  const isTraceRecord = span.spanId === traceSpanId && span.attributes.get(TRACE_MARKER) === true;
  if (isTraceRecord) {
    return { trace: { row: mapTraceRecord(span), revision: traceRecordRevision }, observation: null };
  }

  const sorted = sortAttributes(span);
  const trace = mapTrace(span, sorted);
  const isRoot = span.parentSpanId === '' || truthy(span.attributes.get('langfuse.internal.as_root'));
  if (isRoot) trace.rootId = span.spanId;
  const observation = mapObservation(span, sorted, !fromTailrace);
  if (observation.parentId === traceSpanId) observation.parentId = null;
  return { trace: { row: trace, revision: spanRevision }, observation };
}

function mapTraceRecord(span: OtlpSpan): TraceRow {
  const trace = mapTrace(span, sortAttributes(span));
  return {
    ...trace,
    ownStartUs: micros(span.startTimeUnixNano),
    ownEndUs: micros(span.endTimeUnixNano),
    name: trace.name ?? span.name,
    input: trace.input ?? inputOf(span),
    output: trace.output ?? outputOf(span),
  };
}

function mapTrace(span: OtlpSpan, { traceMetadata }: SortedAttributes): TraceRow {
  const { attributes, resource } = span;
  const isPublic = attributes.get('langfuse.trace.public');
  return {
    ...emptyTrace(span.traceId),
    name: text(attributes.get('langfuse.trace.name')),
    userId: text(firstOf(span, 'user.id', 'langfuse.user.id')),
    sessionId: text(firstOf(span, 'session.id', 'langfuse.session.id')),
    release: text(attributes.get('langfuse.release') ?? resource.attributes.get('langfuse.release')),
    version: text(attributes.get('langfuse.version')),
    environment: environmentOf(span),
    public: isPublic === undefined ? null : truthy(isPublic) ? 1 : 0,
    tags: tagsOf(attributes.get('langfuse.trace.tags')),
    metadata: traceMetadata && toJsonText(traceMetadata),
    input: payloadText(attributes.get('langfuse.trace.input')),
    output: payloadText(attributes.get('langfuse.trace.output')),
  };
}

function mapObservation(span: OtlpSpan, sorted: SortedAttributes, withOrigin: boolean): ObservationRow {
  const { attributes } = span;
  const usageDetails =
    readUsageDetails(json(attributes.get('langfuse.observation.usage_details'))) ?? genAiUsage(span);
  const costDetails =
    readCostDetails(json(attributes.get('langfuse.observation.cost_details'))) ?? genAiCost(span);
  const promptVersion = Number(attributes.get('langfuse.observation.prompt.version') ?? Number.NaN);
  return {
    id: span.spanId,
    traceId: span.traceId,
    parentId: span.parentSpanId === '' ? null : span.parentSpanId,
    type: typeOf(span),
    level: levelOf(span),
    startUs: micros(span.startTimeUnixNano),
    endUs: micros(span.endTimeUnixNano),
    totalTokens: totalOf(usageDetails),
    totalCost: totalOf(costDetails),
    name: span.name,
    completionStartUs: timeOf(attributes.get('langfuse.observation.completion_start_time')),
    statusMessage: statusMessageOf(span),
    version: text(attributes.get('langfuse.version')),
    environment: environmentOf(span),
    model: text(
      firstOf(span, 'langfuse.observation.model.name', 'gen_ai.response.model', 'gen_ai.request.model'),
    ),
    modelParameters: payloadText(
      attributes.get('langfuse.observation.model.parameters') ?? sorted.requestParameters,
    ),
    usageDetails: usageDetails && toJsonText(usageDetails),
    costDetails: costDetails && toJsonText(costDetails),
    promptName: text(attributes.get('langfuse.observation.prompt.name')),
    promptVersion: Number.isSafeInteger(promptVersion) ? promptVersion : null,
    metadata: metadataOf(span, sorted, withOrigin),
    input: inputOf(span),
    output: outputOf(span),
  };
}

/** Langfuse's own, OpenTelemetry's, OpenInference's, those of the Vercel AI SDK. */
const inputKeys = [
  'langfuse.observation.input',
  'gen_ai.input.messages',
  'input.value',
  'ai.prompt.messages',
  'ai.prompt',
  'ai.toolCall.args',
];
const outputKeys = [
  'langfuse.observation.output',
  'gen_ai.output.messages',
  'output.value',
  'ai.response.text',
  'ai.response.object',
  'ai.response.toolCalls',
  'ai.toolCall.result',
];

function inputOf(span: OtlpSpan): string | null {
  return payloadText(firstOf(span, ...inputKeys));
}

function outputOf(span: OtlpSpan): string | null {
  return payloadText(firstOf(span, ...outputKeys));
}

const typeOfOperation: Record<string, ObservationType> = {
  embeddings: 'EMBEDDING',
  execute_tool: 'TOOL',
  invoke_agent: 'AGENT',
  create_agent: 'AGENT',
};

function typeOf({ attributes }: OtlpSpan): ObservationType {
  const said = String(attributes.get('langfuse.observation.type') ?? '').toUpperCase() as ObservationType;
  if (observationTypes.includes(said)) return said;
  const operation = attributes.get('gen_ai.operation.name');
  if (operation !== undefined) return typeOfOperation[String(operation)] ?? 'GENERATION';
  if (attributes.has('ai.toolCall.id')) return 'TOOL';
  return attributes.has('gen_ai.request.model') ? 'GENERATION' : 'SPAN';
}

function levelOf({ attributes, status }: OtlpSpan): Level {
  const said = String(attributes.get('langfuse.observation.level') ?? '').toUpperCase() as Level;
  if (levels.includes(said)) return said;
  return status.code === statusCodeError ? 'ERROR' : 'DEFAULT';
}

/** A failed span without a message of its own mostly carries the exception as an event. */
function statusMessageOf({ attributes, status, events }: OtlpSpan): string | null {
  const said = text(attributes.get('langfuse.observation.status_message'));
  if (said !== null) return said;
  if (status.message !== '') return status.message;
  if (status.code !== statusCodeError) return null;
  return text(events.find(({ name }) => name === 'exception')?.attributes.get('exception.message'));
}
