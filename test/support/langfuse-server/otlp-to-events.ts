/**
 * Langfuse 3: a span becomes an observation's event and, where it speaks of its trace, a trace's event. Restates
 * `processToIngestionEvents` of Langfuse's packages/shared/src/server/otel/OtelIngestionProcessor.ts.
 */
import type { WireSpan } from './decode.js';
import {
  type Attributes,
  completionStartTimeOf,
  detailsOf,
  environmentOf,
  inputOutputOf,
  levelOfName,
  metadataOf,
  modelOf,
  modelParametersOf,
  plain,
  publicOf,
  releaseOf,
  sessionIdOf,
  tagsOf,
  userIdOf,
  versionOf,
} from './span-fields.js';
import {
  addedMetadata,
  noteForeignTypes,
  promptOf,
  resourceMetadata,
  statusMessageOf,
  typeOf,
} from './span-parts.js';
import type { Body, IngestionEvent, Note } from './types.js';
import { isMeaningful } from './values.js';

export interface EventsOfSpans {
  readonly traces: IngestionEvent[];
  readonly observations: IngestionEvent[];
}

/** The events of one request, in its order. `seen`: traces of the last ten minutes; this request's are added to them. */
export function toEvents(
  spans: readonly WireSpan[],
  seen: Set<string>,
  noteOf: (id: string) => Note,
): EventsOfSpans {
  const traces: IngestionEvent[] = [];
  const observations: IngestionEvent[] = [];
  for (const span of spans) {
    const note = noteOf(span.spanId);
    const attributes = plain(span.attributes);
    noteForeignTypes(span, note);
    const isRoot = span.parentSpanId === null || String(attributes['langfuse.internal.as_root']) === 'true';
    const isUpdate = hasTraceUpdates(attributes);
    if (isRoot || isUpdate || !seen.has(span.traceId)) {
      traces.push(traceEvent(span, attributes, isRoot ? 'root' : isUpdate ? 'update' : 'shallow', note));
      seen.add(span.traceId);
    }
    observations.push(observationEvent(span, attributes, note));
  }
  return { traces: withoutRedundant(traces), observations };
}

const TRACE_ATTRIBUTES = [
  'langfuse.trace.name',
  'langfuse.trace.input',
  'langfuse.trace.output',
  'langfuse.trace.metadata',
  'user.id',
  'session.id',
  'langfuse.trace.public',
  'langfuse.trace.tags',
  'langfuse.user.id',
  'langfuse.session.id',
];

/** An attribute of the trace counts if it is truthy; of metadata, the key alone. */
function hasTraceUpdates(attributes: Attributes): boolean {
  return (
    TRACE_ATTRIBUTES.some((key) => Boolean(attributes[key])) ||
    Object.keys(attributes).some((key) => key.startsWith('langfuse.trace.metadata'))
  );
}

/** The event's time is the span's start. */
function traceEvent(
  span: WireSpan,
  attributes: Attributes,
  kind: 'root' | 'update' | 'shallow',
  note: Note,
): IngestionEvent {
  const resource = plain(span.resource);
  const shallow = {
    id: span.traceId,
    timestamp: span.startTime,
    environment: environmentOf(attributes, resource, note),
  };
  const body = kind === 'shallow' ? shallow : { ...shallow, ...fullTrace(span, attributes, kind, note) };
  return { id: `trace of ${span.spanId}`, type: 'trace-create', timestamp: span.startTime, body };
}

function fullTrace(span: WireSpan, attributes: Attributes, kind: 'root' | 'update', note: Note): Body {
  const resource = plain(span.resource);
  const { attributes: copied, ...added } = addedMetadata(span, note);
  const ofTrace = { ...resourceMetadata(span, note), ...metadataOf(attributes, 'trace', note) };
  const ofRoot = {
    ...metadataOf(attributes, 'observation', note),
    ...(copied ? { attributes: copied } : {}),
  };
  const isRoot = kind === 'root';
  const named = attributes['langfuse.trace.name'];
  const own = isRoot
    ? inputOutputOf(attributes, 'trace')
    : { input: attributes['langfuse.trace.input'], output: attributes['langfuse.trace.output'] };
  return {
    name: isRoot ? (named ?? span.name) : named,
    metadata: { ...ofTrace, ...(isRoot ? ofRoot : {}), ...added },
    version: versionOf(attributes, resource),
    release: releaseOf(attributes, resource),
    userId: userIdOf(attributes),
    sessionId: sessionIdOf(attributes),
    public: publicOf(attributes, note),
    tags: tagsOf(attributes, note),
    ...own,
  };
}

function observationEvent(span: WireSpan, attributes: Attributes, note: Note): IngestionEvent {
  const resource = plain(span.resource);
  const type = typeOf(attributes, note);
  const prompt = promptOf(attributes, type, note);
  const ofSpan = { ...resourceMetadata(span, note), ...metadataOf(attributes, 'observation', note) };
  const body = {
    id: span.spanId,
    traceId: span.traceId,
    parentObservationId: span.parentSpanId,
    name: span.name,
    startTime: span.startTime,
    endTime: span.endTime,
    environment: environmentOf(attributes, resource, note),
    completionStartTime: completionStartTimeOf(attributes, note),
    metadata: { ...ofSpan, ...addedMetadata(span, note) },
    level: levelOfName(attributes, span, note),
    statusMessage: statusMessageOf(attributes, span),
    version: versionOf(attributes, resource),
    modelParameters: modelParametersOf(attributes, note),
    model: modelOf(attributes),
    promptName: prompt.name,
    promptVersion: prompt.version,
    usageDetails: detailsOf(attributes, 'langfuse.observation.usage_details', note),
    costDetails: detailsOf(attributes, 'langfuse.observation.cost_details', note),
    ...inputOutputOf(attributes, 'observation'),
  };
  return { id: span.spanId, type: `${type}-create`, timestamp: new Date().toISOString(), body };
}

/** An event that says no more than that there is a trace goes where another event says more. */
function withoutRedundant(traces: readonly IngestionEvent[]): IngestionEvent[] {
  const full = new Set(traces.filter((event) => !isShallow(event)).map(({ body }) => body.id));
  return traces.filter((event) => !isShallow(event) || !full.has(event.body.id));
}

function isShallow({ body: { id, timestamp, environment, ...rest } }: IngestionEvent): boolean {
  return !Object.values(rest).some(isMeaningful);
}
