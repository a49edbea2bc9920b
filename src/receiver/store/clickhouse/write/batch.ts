/**
 * Changes of one batch, merged with what is stored: read, merge, write.
 *
 * The engine replaces rows as a whole and knows nothing of the times of events, so a query cannot merge them. The rows that the batch is
 * about are read once; the merged rows go into one insert for each table. Two servers that get classic events of one trace in the same
 * moment may overwrite each other's; whole spans and scores are replaced in any case.
 */

import type { Finding } from '../../../../ingest/findings.js';
import type { Micros } from '../../../../ingest/rows.js';
import type { TraceState } from '../../../../ingest/trace-state.js';
import { nextTurn } from '../../../slices.js';
import type { Changes } from '../../changes.js';
import { ordersIn } from '../../event-orders.js';
import { groupedBy } from '../read/grouped.js';
import { nowUs, timeText, type Versions } from '../times.js';
import type { BatchParts } from './batch-parts.js';
import { writeComplaints } from './complaints.js';
import { insertRows } from './insert.js';
import { keyOf, loadObservations, loadTraces, tracesOfObservations } from './load.js';
import { mergeEvent, observationValues, replaceSpan, type WrittenObservation } from './observation.js';
import { writeScores } from './scores.js';
import { labelsOf, mergedTrace, settleTrace, traceValues, type WrittenTrace } from './trace.js';

/** Other requests are answered in between: estimates take up to 300 ms each. */
const ROWS_AT_A_TIME = 20;

/** In the order in which they were handed in. Resolves when all is stored. */
export async function writeBatch(parts: BatchParts, batch: readonly Changes[]): Promise<void> {
  const at = nowUs();
  const findings: Finding[] = batch.flatMap((changes) => changes.findings);
  const observations = await mergeObservations(parts, batch, at, findings);
  const traces = await mergeTraces(parts, batch, observations, at);
  restore(batch, observations, traces);
  const { connection, tables, versions, estimate } = parts;
  const values: Record<string, unknown>[] = [];
  for (const [index, observation] of [...observations.written.values()].entries()) {
    observation.estimate = estimate(observation);
    const trace = traces.get(observation.row.traceId) as WrittenTrace;
    const version = versions.next(observation.versionUs);
    values.push(observationValues(arrivedAt(observation, version, at), labelsOf(trace), version));
    if (index % ROWS_AT_A_TIME === ROWS_AT_A_TIME - 1) await nextTurn();
  }
  await insertRows(connection, tables, 'observations', [
    ...values,
    ...movedRows(observations.written, versions),
  ]);
  await insertRows(
    connection,
    tables,
    'traces',
    Array.from(traces.values(), (trace) => {
      const version = versions.next(trace.versionUs);
      return traceValues(arrivedAt(trace, version, at), version);
    }),
  );
  await writeScores(parts, batch);
  await writeComplaints(parts, findings, at);
}

/** New rows are created one after the other, so that their order is that of their arrival. */
function arrivedAt<T extends { createdUs: Micros; updatedUs: Micros; versionUs: Micros }>(
  row: T,
  version: Micros,
  at: Micros,
): T {
  const isNew = row.versionUs === 0 && row.createdUs === at;
  return isNew ? { ...row, createdUs: version, updatedUs: version } : row;
}

interface MergedObservations {
  written: Map<string, WrittenObservation>;
  /** By trace, for those that are written. */
  ofTrace: Map<string, WrittenObservation[]>;
}

async function mergeObservations(
  { connection, tables }: BatchParts,
  batch: readonly Changes[],
  at: Micros,
  findings: Finding[],
): Promise<MergedObservations> {
  const changes = batch.flatMap(({ observations }) => observations);
  const traceIds = new Map<string, string>();
  for (const { row } of changes) if (row.traceId !== null) traceIds.set(row.id, row.traceId);
  const unknown = changes.filter(({ row }) => row.traceId === null).map(({ row }) => row.id);
  const stored = await tracesOfObservations(connection, tables, [...new Set(unknown)]);
  // An unknown observation without a trace gets a trace with its own id, which is the same if it is sent again.
  const traceOf = ({ id, traceId }: { id: string; traceId: string | null }) =>
    traceId ?? stored.get(id) ?? traceIds.get(id) ?? id;
  const keys = new Map(
    changes.map(({ row }) => [keyOf(traceOf(row), row.id), [traceOf(row), row.id] as const]),
  );
  const found = await loadObservations(connection, tables, [...keys.values()]);
  const written = new Map<string, WrittenObservation>();
  for (const change of changes) {
    const traceId = traceOf(change.row);
    const key = keyOf(traceId, change.row.id);
    const before = written.get(key) ?? found.get(key);
    written.set(
      key,
      change.mode === 'merge'
        ? mergeEvent(before, change, traceId, at, findings)
        : replaceSpan(before, change.row, traceId, at),
    );
  }
  return { written, ofTrace: groupedBy(written.values(), ({ row }) => row.traceId) };
}

async function mergeTraces(
  { connection, tables }: BatchParts,
  batch: readonly Changes[],
  { written, ofTrace }: MergedObservations,
  at: Micros,
): Promise<Map<string, WrittenTrace>> {
  const changes = batch.flatMap(({ traces }) => traces);
  const ids = new Set([...changes.map(({ id }) => id), ...ofTrace.keys()]);
  const stored = await loadTraces(connection, tables, [...ids]);
  const traces = new Map<string, WrittenTrace>();
  for (const change of changes) {
    traces.set(change.id, mergedTrace(traces.get(change.id) ?? stored.get(change.id), change.id, change, at));
  }
  // Classic clients may send an observation before its trace, or never send the trace.
  for (const id of ids) if (!traces.has(id)) traces.set(id, mergedTrace(stored.get(id), id, undefined, at));
  const others = await loadObservations(connection, tables, missingPayloads(changes, written));
  for (const [id, trace] of traces) {
    settleTrace(trace, ofTrace.get(id) ?? [], (observation) => {
      const key = keyOf(id, observation);
      return written.get(key) ?? others.get(key);
    });
  }
  return traces;
}

/** Observations that the traces show, and that are not in the batch. */
function missingPayloads(
  changes: readonly TraceState[],
  written: ReadonlyMap<string, unknown>,
): (readonly [string, string])[] {
  const keys = new Map<string, readonly [string, string]>();
  for (const { id, rootId, input, output } of changes) {
    const shown = [
      rootId,
      ...[input, output].map((side) => (side !== null && 'of' in side ? side.of : null)),
    ];
    for (const one of shown) {
      if (one !== null && !written.has(keyOf(id, one))) keys.set(keyOf(id, one), [id, one]);
    }
  }
  return [...keys.values()];
}

/** Imported rows keep what their server had beside their fields. */
function restore(
  batch: readonly Changes[],
  { written }: MergedObservations,
  traces: ReadonlyMap<string, WrittenTrace>,
): void {
  for (const { restored } of batch) {
    for (const { id, createdUs, updatedUs } of restored?.traces ?? []) {
      const trace = traces.get(id);
      if (trace !== undefined) Object.assign(trace, { createdUs, updatedUs });
    }
    for (const { traceId, id, createdUs, updatedUs, orders, lost } of restored?.observations ?? []) {
      const observation = written.get(keyOf(traceId, id));
      if (observation === undefined) continue;
      Object.assign(observation, { createdUs, updatedUs });
      observation.orders = orders === null ? null : ordersIn(orders);
      observation.lost = lost === null ? [] : (JSON.parse(lost) as string[]);
    }
  }
}

/** The day of the start is part of the key: a row whose start has moved to another day is removed under the old one. */
function movedRows(
  written: ReadonlyMap<string, WrittenObservation>,
  versions: Versions,
): Record<string, unknown>[] {
  return [...written.values()].flatMap(({ row, storedStartUs, createdUs, versionUs }) => {
    if (storedStartUs === undefined) return [];
    const before = timeText(storedStartUs);
    if (before.slice(0, 10) === timeText(row.startUs ?? row.endUs ?? createdUs).slice(0, 10)) return [];
    const event_ts = timeText(versions.next(versionUs));
    return [{ trace_id: row.traceId, id: row.id, start_time: before, event_ts, is_deleted: 1 }];
  });
}
