/** Writes observations and scores: replaces or merges what is stored under the same id. */

import { complain, type Finding } from '../../../../ingest/findings.js';
import { define, type Metadata } from '../../../../ingest/merge.js';
import type { ObservationRow, ScoreRow } from '../../../../ingest/rows.js';
import { rootSpanId } from '../../../../records/trace.js';
import type { EventOrder, ObservationChange } from '../../changes.js';
import { beats, mergedMetadata, type Orders, ordersIn } from '../../event-orders.js';
import { bindable, type Database, type SqlValue } from '../sqlite.js';
import { estimateOfGiven } from './estimates.js';
import {
  COLUMNS,
  FIELDS,
  IMMUTABLE,
  losesKeys,
  MERGED_COLUMNS,
  NO_ESTIMATE,
  OBSERVATION_COLUMNS,
  SCORE_COLUMNS,
  scoreSql,
  wholeSql,
} from './observation-sql.js';
import type { PayloadWriter } from './payload-store.js';

interface ObservationWriter {
  /** Returns the id of the trace that the observation belongs to. */
  observation(change: ObservationChange, nowUs: number, findings: Finding[]): string;
  /** Returns the trace that the score with this id belonged to before. */
  score(row: ScoreRow, nowUs: number): string | null;
}

export function prepareObservations(
  database: Database,
  payloads: PayloadWriter,
  recordId: (traceId: string) => string | null,
): ObservationWriter {
  database.function('loses_keys', { deterministic: true }, losesKeys);
  const insertWhole = database.prepare(wholeSql());
  const insertMerged = database.prepare(
    `INSERT INTO observations (${COLUMNS.join(', ')}, orders, created_us, updated_us)
     VALUES (${COLUMNS.map(() => '?').join(', ')}, ?, ?, ?)`,
  );
  const update = database.prepare(
    `UPDATE observations SET ${MERGED_COLUMNS.map((column) => `${column} = iif(?, ?, ${column})`).join(', ')},
     orders = ?, updated_us = ?, ${NO_ESTIMATE} WHERE trace_id = ? AND id = ?`,
  );
  // Only after a create: an update without a start uses its own time.
  const endAfterStart = database.prepare(
    'UPDATE observations SET end_us = start_us WHERE trace_id = ? AND id = ? AND end_us < start_us',
  );
  const find = database.prepare(
    'SELECT type, orders, metadata FROM observations WHERE trace_id = ? AND id = ?',
  );
  const findTraceOf = database.prepare('SELECT trace_id FROM observations WHERE id = ?');
  const insertScore = database.prepare(scoreSql());
  const scoreFields = Object.values(SCORE_COLUMNS);
  const findTraceOfScore = database.prepare('SELECT trace_id FROM scores WHERE id = ?');

  function columnValue(row: ObservationRow, field: keyof ObservationRow, traceId: string): SqlValue {
    const isPayload = field === 'input' || field === 'output';
    return isPayload ? payloads.store(traceId, row[field]) : bindable(row[field]);
  }

  function merge(
    { row, order, nulls }: Extract<ObservationChange, { mode: 'merge' }>,
    traceId: string,
    nowUs: number,
    findings: Finding[],
  ): void {
    const [id, trace] = [bindable(row.id), bindable(traceId)];
    const found = find.get(trace, id);
    if (found === undefined) {
      const values = FIELDS.map((field) => columnValue(row, field, traceId));
      values[1] = trace;
      insertMerged.run(...values, JSON.stringify(ordersOf(row, order, nulls)), nowUs, nowUs);
      return;
    }
    const orders = ordersIn(textOf(found.orders));
    if (
      beats(order, orders.columns.type) &&
      found.type !== 'SPAN' &&
      row.type === 'SPAN' &&
      order % 2 === 1
    ) {
      const subject = { traceId, observationId: row.id, findings };
      complain(
        subject,
        'type-overwritten',
        'type',
        `must be span, but was ${found.type}: a span-update makes a span of it`,
      );
    }
    const values: SqlValue[] = [];
    for (const column of MERGED_COLUMNS) {
      const field = OBSERVATION_COLUMNS[column] as keyof ObservationRow;
      const isSaid = row[field] !== null || nulls.includes(field);
      const stands = isSaid && column !== 'metadata' && standsNow(column, order, orders);
      if (stands) orders.columns[column] = order;
      values.push(stands ? 1 : 0, stands ? columnValue(row, field, traceId) : null);
    }
    const metadata = mergedMetadata(textOf(found.metadata), row.metadata, order, orders);
    const at = MERGED_COLUMNS.indexOf('metadata') * 2;
    if (metadata !== null) values.splice(at, 2, 1, bindable(metadata));
    update.run(...values, JSON.stringify(orders), nowUs, trace, id);
    if (row.endUs !== null && (orders.columns.start_us ?? 1) % 2 === 0) endAfterStart.run(trace, id);
  }

  return {
    observation(change, nowUs, findings) {
      const { row } = change;
      // An unknown observation without a trace gets a trace with its own id, which is the same if it is sent again.
      const known = row.traceId ?? (findTraceOf.get(bindable(row.id))?.trace_id as string | undefined);
      const traceId = known ?? row.id;
      if (change.mode === 'merge') {
        merge(change, traceId, nowUs, findings);
        return traceId;
      }
      const isBelowRecord = row.parentId === rootSpanId(traceId) && recordId(traceId) !== null;
      const values = FIELDS.map((field) => columnValue(row, field, traceId));
      if (isBelowRecord) values[FIELDS.indexOf('parentId')] = null;
      insertWhole.run(...values, estimateOfGiven(row), nowUs, nowUs);
      return traceId;
    },
    score(row, nowUs) {
      const previous = findTraceOfScore.get(bindable(row.id))?.trace_id as string | null | undefined;
      insertScore.run(...scoreFields.map((field) => bindable(row[field])), nowUs, nowUs);
      return previous ?? null;
    },
  };
}

function standsNow(column: string, order: EventOrder, orders: Orders): boolean {
  const stored = orders.columns[column];
  return IMMUTABLE.has(column) ? stored === undefined || order < stored : beats(order, stored);
}

function ordersOf(row: ObservationRow, order: EventOrder, nulls: readonly (keyof ObservationRow)[]): Orders {
  const orders: Orders = { columns: {}, metadata: {} };
  for (const column of MERGED_COLUMNS) {
    const field = OBSERVATION_COLUMNS[column] as keyof ObservationRow;
    if (row[field] !== null || nulls.includes(field)) orders.columns[column] = order;
  }
  const metadata = row.metadata === null ? {} : (JSON.parse(row.metadata) as Metadata);
  for (const key of Object.keys(metadata)) define(orders.metadata, key, order);
  return orders;
}

const textOf = (value: SqlValue | undefined) => (typeof value === 'string' ? value : null);
