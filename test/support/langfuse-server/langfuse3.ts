/**
 * Langfuse 3: a trace is what all its events come to, an observation likewise. Restates `processTraceEventList` and
 * `processObservationEventList` of Langfuse's worker/src/services/IngestionService/index.ts.
 */
import { byTime, lastTruthy, mergeRows, type Row } from './merge.js';
import { observationRow, toStoredObservation, typeOfEvent } from './observation-rows.js';
import type { IngestionEvent, StoredObservation, StoredTrace } from './types.js';
import { groupBy, metadataRecord, textByKey, toStored } from './values.js';

/** Never changed by a later event (`immutableEntityKeys`). */
const IMMUTABLE_OF_TRACE = ['id', 'timestamp', 'environment'];
const IMMUTABLE_OF_OBSERVATION = ['id', 'traceId', 'startTime', 'environment'];

/**
 * A request leaves one file for each entity that it speaks of; all files are read when one is added. The storage lists
 * them by their names, which are random for traces made of spans: only what any order gives is sure.
 */
export type Listing = 'arrival' | 'reversed';

export interface Tables3 {
  addTraces(events: readonly IngestionEvent[]): void;
  addObservations(events: readonly IngestionEvent[]): void;
  /** Of spans: each is merged at once with the row that is there. */
  addSpans(events: readonly IngestionEvent[]): void;
  traces(): Map<string, StoredTrace>;
  observations(): Map<string, StoredObservation>;
}

type Files = Map<string, IngestionEvent[][]>;

export function createTables3(listing: Listing): Tables3 {
  const ofTraces: Files = new Map();
  const ofObservations: Files = new Map();
  const rows = new Map<string, Row>();
  return {
    addTraces: (events) => addFiles(ofTraces, events),
    addObservations: (events) => addFiles(ofObservations, events),
    addSpans(events) {
      for (const event of events) {
        const id = event.body.id as string;
        rows.set(id, mergeObservation([event], rows.get(id)));
      }
    },
    traces: () => mapValues(ofTraces, (files) => mergeTrace(listed(files, listing))),
    observations() {
      const classic = mapValues(ofObservations, (files, id) =>
        mergeObservation(byTime(listed(files, listing)), rows.get(id)),
      );
      return mapValues(new Map([...rows, ...classic]), toStoredObservation);
    },
  };
}

/** One file for each entity, in the order of the request. */
function addFiles(files: Files, events: readonly IngestionEvent[]): void {
  const added = groupBy(
    events.filter(({ body }) => body.id),
    ({ body }) => body.id as string,
  );
  for (const [id, file] of added) files.set(id, [...(files.get(id) ?? []), file]);
}

function listed(files: readonly IngestionEvent[][], listing: Listing): IngestionEvent[] {
  return (listing === 'arrival' ? files : files.toReversed()).flat();
}

function mergeTrace(events: readonly IngestionEvent[]): StoredTrace {
  const sorted = byTime(events);
  const merged = mergeRows(sorted.map(traceRow), IMMUTABLE_OF_TRACE);
  return {
    id: merged.id as string,
    timestamp: merged.timestamp as string,
    name: toStored(merged.name),
    userId: toStored(merged.userId),
    sessionId: toStored(merged.sessionId),
    environment: merged.environment as string,
    version: toStored(merged.version),
    release: toStored(merged.release),
    public: merged.public as boolean,
    tags: merged.tags as string[],
    metadata: textByKey(merged.metadata as Row),
    input: toStored(lastTruthy(sorted, 'input')),
    output: toStored(lastTruthy(sorted, 'output')),
  };
}

/** What is missing is not said, but for `public`, which is then false (`mapTraceEventsToRecords`). */
function traceRow({ body, timestamp }: IngestionEvent): Row {
  return {
    id: body.id,
    timestamp: new Date((body.timestamp ?? timestamp) as string).toISOString(),
    name: body.name,
    userId: body.userId,
    sessionId: body.sessionId,
    environment: body.environment,
    version: body.version,
    release: body.release,
    public: body.public ?? false,
    tags: body.tags ?? [],
    metadata: metadataRecord(body.metadata),
  };
}

/** The stored row is found if it is of the same type and does not begin before the events do. */
function mergeObservation(events: readonly IngestionEvent[], before: Row | undefined): Row {
  const rows = events.map((event) => observationRow(event, events));
  const type = typeOfEvent(events[0] as IngestionEvent);
  const start = rows.map((row) => row.startTime as string).sort()[0] as string;
  const stored = before?.type === type && (before.startTime as string) >= start ? before : undefined;
  const merged = mergeRows([...(stored ? [stored] : []), ...rows], IMMUTABLE_OF_OBSERVATION);
  const [startTime, endTime] = [merged.startTime, merged.endTime] as [string, string | undefined];
  return {
    ...merged,
    // An end before the start is the start.
    endTime: endTime !== undefined && endTime < startTime ? startTime : endTime,
    level: merged.level ?? 'DEFAULT',
    metadata: textByKey(merged.metadata as Row),
    input: toStored(lastTruthy(events, 'input') ?? stored?.input),
    output: toStored(lastTruthy(events, 'output') ?? stored?.output),
  };
}

function mapValues<From, To>(
  map: ReadonlyMap<string, From>,
  to: (value: From, id: string) => To,
): Map<string, To> {
  return new Map([...map].map(([id, value]) => [id, to(value, id)]));
}
