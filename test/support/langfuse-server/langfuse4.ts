/**
 * Langfuse 4: one row for each span, and a trace that is aggregated from them. Restates `processToEvent` of Langfuse's
 * packages/shared/src/server/otel/OtelIngestionProcessor.ts, `createEventRecord` of its
 * worker/src/services/IngestionService/index.ts, and `EVENTS_AGGREGATION_FIELDS` of its
 * packages/shared/src/server/queries/clickhouse-sql/event-query-builder.ts.
 */
import type { WireSpan } from './decode.js';
import {
  completionStartTimeOf,
  detailsOf,
  environmentOf,
  inputOutputOf,
  isTrue,
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
import { addedMetadata, noteForeignTypes, promptOf, statusMessageOf, typeOf } from './span-parts.js';
import type { Note, StoredObservation, StoredTrace } from './types.js';
import { usageDetails } from './usage-schemas.js';
import { flatten, groupBy, toStored } from './values.js';

/** A row of `events_full`: the observation, and what it says of its trace. */
export interface SpanRow extends StoredObservation {
  readonly traceName: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly release: string;
  readonly tags: readonly string[];
  readonly public: boolean;
  readonly isAppRoot: boolean;
}

export interface Tables4 {
  addSpan(span: WireSpan, note: Note): void;
  traces(): Map<string, StoredTrace>;
  observations(): Map<string, StoredObservation>;
}

export function createTables4(): Tables4 {
  /** In the order of arrival, which is that of `event_ts`: one tick for each span. */
  const rows = new Map<string, SpanRow>();
  return {
    addSpan(span, note) {
      // A row is replaced by a later one of the same span.
      rows.delete(span.spanId);
      rows.set(span.spanId, toRow(span, note));
    },
    traces() {
      const ofTraces = groupBy(rows.values(), ({ traceId }) => traceId);
      return new Map([...ofTraces].map(([id, ofTrace]) => [id, aggregate(id, ofTrace)]));
    },
    observations: () => new Map(rows),
  };
}

function toRow(span: WireSpan, note: Note): SpanRow {
  const attributes = plain(span.attributes);
  const resource = plain(span.resource);
  noteForeignTypes(span, note);
  const type = typeOf(attributes, note);
  const prompt = promptOf(attributes, type, note);
  const { input, output } = inputOutputOf(attributes, 'observation');
  const ofTrace = metadataOf(attributes, 'trace', note);
  // The span's own, then the trace's, over what the server adds.
  const metadata = {
    ...addedMetadata(span, note),
    ...metadataOf(attributes, 'observation', note),
    ...ofTrace,
  };
  return {
    id: span.spanId,
    traceId: span.traceId,
    parentObservationId: span.parentSpanId,
    type: type.toUpperCase(),
    name: span.name ?? '',
    startTime: span.startTime,
    endTime: span.endTime,
    completionStartTime: completionStartTimeOf(attributes, note),
    environment: environmentOf(attributes, resource, note),
    version: toStored(versionOf(attributes, resource)),
    level: levelOfName(attributes, span, note),
    statusMessage: toStored(statusMessageOf(attributes, span)),
    model: modelOf(attributes) ?? null,
    modelParameters: modelParametersOf(attributes, note),
    usageDetails: usageOf(attributes, note),
    costDetails: detailsOf(attributes, 'langfuse.observation.cost_details', note),
    promptName: toStored(prompt.name),
    promptVersion: toUint16(prompt.version),
    metadata: flatten(metadata),
    input: toStored(input),
    output: toStored(output),
    traceName: toStored(attributes['langfuse.trace.name']) ?? '',
    userId: userIdOf(attributes) ?? '',
    sessionId: sessionIdOf(attributes) ?? '',
    release: toStored(releaseOf(attributes, resource)) ?? '',
    tags: tagsOf(attributes, note),
    public: publicOf(attributes, note) ?? false,
    isAppRoot: isTrue(attributes['langfuse.internal.is_app_root']),
  };
}

/** By the schema of events; what it refuses as a whole is nothing. */
function usageOf(attributes: ReturnType<typeof plain>, note: Note): SpanRow['usageDetails'] {
  const given = detailsOf(attributes, 'langfuse.observation.usage_details', note);
  return usageDetails.safeParse(given).data ?? {};
}

/** A text is as good as a number (`parseUInt16`). */
function toUint16(version: unknown): number | null {
  const number = Number.parseInt(String(version), 10);
  return number >= 0 && number <= 65_535 ? number : null;
}

/** `argMaxIf(…, event_ts, …)`: of the row that arrived last among those that say something. */
function aggregate(id: string, rows: readonly SpanRow[]): StoredTrace {
  const lastSaid = (
    field: 'version' | 'sessionId' | 'userId' | 'release' | 'environment' | 'traceName',
  ): string => rows.findLast((row) => Boolean(row[field]))?.[field] ?? '';
  const root = rows.findLast(({ parentObservationId }) => parentObservationId === null);
  return {
    id,
    timestamp: rows.map(({ startTime }) => startTime).sort()[0] as string,
    name: lastSaid('traceName') || nameOfRoot(rows),
    userId: lastSaid('userId') || null,
    sessionId: lastSaid('sessionId') || null,
    environment: lastSaid('environment'),
    version: lastSaid('version') || null,
    release: lastSaid('release') || null,
    public: rows.some((row) => row.public),
    tags: rows.findLast(({ tags }) => tags.length > 0)?.tags ?? [],
    metadata: root?.metadata ?? {},
    input: root?.input ?? null,
    output: root?.output ?? null,
  };
}

/**
 * Where no span names the trace: the name of the root, or of the application's root (`eventsTableTraceNameAggregationSql`
 * in Langfuse's packages/shared/src/eventsTable.ts).
 */
function nameOfRoot(rows: readonly SpanRow[]): string | null {
  const isRoot = (row: SpanRow): boolean => row.parentObservationId === null || row.isAppRoot;
  return rows.findLast((row) => isRoot(row) && Boolean(row.name))?.name ?? null;
}
