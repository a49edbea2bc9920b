/** Observations and scores in the store: how a record meets what is stored under its id. */

import { rootSpanId } from '../shared/records.js';
import { complain, type Finding } from './complaints.js';
import type { EventOrder, ObservationChange, ObservationRow, ScoreRow } from './rows.js';
import { define } from './server-values.js';
import { type Metadata, mergeDeep } from './span-metadata.js';
import { bindable, type Database, type SqlValue } from './sqlite.js';

export interface ObservationWriter {
  /** Returns the id of the trace that the observation belongs to. */
  observation(change: ObservationChange, nowUs: number, findings: Finding[]): string;
  /** Returns the trace that the score with this id belonged to before. */
  score(row: ScoreRow, nowUs: number): string | null;
}

/** Column → field of the row, in the order in which values are bound. */
const observationColumns: Record<string, keyof ObservationRow> = {
  id: 'id',
  trace_id: 'traceId',
  parent_id: 'parentId',
  type: 'type',
  level: 'level',
  start_us: 'startUs',
  end_us: 'endUs',
  total_tokens: 'totalTokens',
  total_cost: 'totalCost',
  name: 'name',
  completion_start_us: 'completionStartUs',
  status_message: 'statusMessage',
  version: 'version',
  environment: 'environment',
  model: 'model',
  model_parameters: 'modelParameters',
  usage_details: 'usageDetails',
  cost_details: 'costDetails',
  prompt_name: 'promptName',
  prompt_version: 'promptVersion',
  metadata: 'metadata',
  input: 'input',
  output: 'output',
};

const scoreColumns: Record<string, keyof ScoreRow> = {
  id: 'id',
  trace_id: 'traceId',
  observation_id: 'observationId',
  session_id: 'sessionId',
  dataset_run_id: 'datasetRunId',
  name: 'name',
  data_type: 'dataType',
  value: 'value',
  string_value: 'stringValue',
  timestamp_us: 'timestampUs',
  config_id: 'configId',
  environment: 'environment',
  comment: 'comment',
  metadata: 'metadata',
};

/** The first event says it, no later one (Langfuse's worker/src/services/IngestionService/index.ts, immutableEntityKeys). */
const immutable = new Set(['start_us', 'environment']);

/** What was estimated of the row as it was is no longer true of it. */
const noEstimate = `estimate = NULL, estimated_tokens = NULL, estimated_cost = NULL, has_estimated_tokens = NULL,
  has_estimated_cost = NULL`;

const columns = Object.keys(observationColumns);
const fields = Object.values(observationColumns);
const mergedColumns = columns.filter((column) => column !== 'id' && column !== 'trace_id');

/** By column, the order of the event that its value is of; by key for metadata. */
interface Orders {
  columns: Record<string, EventOrder>;
  metadata: Record<string, EventOrder>;
}

export function prepareObservations(
  database: Database,
  recordId: (traceId: string) => string | null,
): ObservationWriter {
  database.function('loses_keys', { deterministic: true }, losesKeys);
  const insertWhole = database.prepare(wholeSql());
  const insertMerged = database.prepare(
    `INSERT INTO observations (${columns.join(', ')}, orders, created_us, updated_us)
     VALUES (${columns.map(() => '?').join(', ')}, ?, ?, ?)`,
  );
  const update = database.prepare(
    `UPDATE observations SET ${mergedColumns.map((column) => `${column} = iif(?, ?, ${column})`).join(', ')},
     orders = ?, updated_us = ?, ${noEstimate} WHERE trace_id = ? AND id = ?`,
  );
  // Of a create that has come; an update has only its own time for a start.
  const endAfterStart = database.prepare(
    'UPDATE observations SET end_us = start_us WHERE trace_id = ? AND id = ? AND end_us < start_us',
  );
  const find = database.prepare(
    'SELECT type, orders, metadata FROM observations WHERE trace_id = ? AND id = ?',
  );
  const findTraceOf = database.prepare('SELECT trace_id FROM observations WHERE id = ?');
  const insertScore = database.prepare(scoreSql());
  const scoreFields = Object.values(scoreColumns);
  const findTraceOfScore = database.prepare('SELECT trace_id FROM scores WHERE id = ?');

  function merge(
    { row, order, nulls }: Extract<ObservationChange, { mode: 'merge' }>,
    traceId: string,
    nowUs: number,
    findings: Finding[],
  ): void {
    const [id, trace] = [bindable(row.id), bindable(traceId)];
    const found = find.get(trace, id);
    if (found === undefined) {
      const values: SqlValue[] = fields.map((field) => bindable(row[field]));
      values[1] = trace;
      insertMerged.run(...values, JSON.stringify(ordersOf(row, order, nulls)), nowUs, nowUs);
      return;
    }
    const orders = ordersIn(found.orders);
    if (
      beats(order, orders.columns.type) &&
      found.type !== 'SPAN' &&
      row.type === 'SPAN' &&
      order % 2 === 1
    ) {
      const witness = { traceId, observationId: row.id, findings };
      complain(
        witness,
        'type-overwritten',
        'type',
        `must be span, but was ${found.type}: a span-update makes a span of it`,
      );
    }
    const values: SqlValue[] = [];
    for (const column of mergedColumns) {
      const field = observationColumns[column] as keyof ObservationRow;
      const isSaid = row[field] !== null || nulls.includes(field);
      const stands = isSaid && column !== 'metadata' && standsNow(column, order, orders);
      if (stands) orders.columns[column] = order;
      values.push(stands ? 1 : 0, stands ? bindable(row[field]) : null);
    }
    const metadata = mergedMetadata(found.metadata, row.metadata, order, orders);
    const at = mergedColumns.indexOf('metadata') * 2;
    if (metadata !== null) values.splice(at, 2, 1, bindable(metadata));
    update.run(...values, JSON.stringify(orders), nowUs, trace, id);
    if (row.endUs !== null && (orders.columns.start_us ?? 1) % 2 === 0) endAfterStart.run(trace, id);
  }

  return {
    observation(change, nowUs, findings) {
      const { row } = change;
      // An observation nobody knows gets a trace of its own, under its own id: the same one when it is sent again.
      const known = row.traceId ?? (findTraceOf.get(bindable(row.id))?.trace_id as string | undefined);
      const traceId = known ?? row.id;
      if (change.mode === 'merge') {
        merge(change, traceId, nowUs, findings);
        return traceId;
      }
      const isBelowRecord = row.parentId === rootSpanId(traceId) && recordId(traceId) !== null;
      const values: SqlValue[] = fields.map((field) => bindable(row[field]));
      if (isBelowRecord) values[fields.indexOf('parentId')] = null;
      insertWhole.run(...values, nowUs, nowUs);
      return traceId;
    },
    score(row, nowUs) {
      const previous = findTraceOfScore.get(bindable(row.id))?.trace_id as string | null | undefined;
      insertScore.run(...scoreFields.map((field) => bindable(row[field])), nowUs, nowUs);
      return previous ?? null;
    },
  };
}

function beats(order: EventOrder, stored: EventOrder | undefined): boolean {
  if (stored === undefined) return true;
  // Between equals the create that came first stands, and the update that came last.
  return order % 2 === 1 ? order >= stored : order > stored;
}

function standsNow(column: string, order: EventOrder, orders: Orders): boolean {
  const stored = orders.columns[column];
  return immutable.has(column) ? stored === undefined || order < stored : beats(order, stored);
}

function ordersOf(row: ObservationRow, order: EventOrder, nulls: readonly (keyof ObservationRow)[]): Orders {
  const orders: Orders = { columns: {}, metadata: {} };
  for (const column of mergedColumns) {
    const field = observationColumns[column] as keyof ObservationRow;
    if (row[field] !== null || nulls.includes(field)) orders.columns[column] = order;
  }
  const metadata = row.metadata === null ? {} : (JSON.parse(row.metadata) as Metadata);
  for (const key of Object.keys(metadata)) define(orders.metadata, key, order);
  return orders;
}

function ordersIn(text: SqlValue | undefined): Orders {
  return typeof text === 'string' ? (JSON.parse(text) as Orders) : { columns: {}, metadata: {} };
}

/** Null: it stays as it is. */
function mergedMetadata(
  before: SqlValue | undefined,
  change: string | null,
  order: EventOrder,
  orders: Orders,
): string | null {
  if (change === null) return null;
  const metadata = (typeof before === 'string' ? JSON.parse(before) : {}) as Metadata;
  for (const [key, value] of Object.entries(JSON.parse(change) as Metadata)) {
    const isKnown = Object.hasOwn(metadata, key);
    const isNewer = !isKnown || beats(order, orders.metadata[key]);
    const old = isKnown ? { value: metadata[key] } : {};
    const [under, over] = isNewer ? [old, { value }] : [{ value }, old];
    define(metadata, key, isKnown ? mergeDeep(under, over).value : value);
    if (isNewer) define(orders.metadata, key, order);
  }
  return JSON.stringify(metadata);
}

/** Of these Langfuse 3 keeps what an earlier version of the span said (its IngestionService/utils.ts, overwriteObject). */
const keptFields: Record<string, string> = {
  parent_id: 'parentObservationId',
  status_message: 'statusMessage',
  version: 'version',
  model: 'model',
  completion_start_us: 'completionStartTime',
  usage_details: 'usageDetails',
  cost_details: 'costDetails',
  prompt_name: 'prompt',
  input: 'input',
  output: 'output',
};

/** A span replaces what is stored; which fields it has lost by that is noted. */
function wholeSql(): string {
  const all = [...columns, 'created_us', 'updated_us'];
  const replaced = mergedColumns.map((column) => `${column} = excluded.${column}`);
  const isLost = (field: string, condition: string) =>
    `CASE WHEN ${condition} THEN '"${field}",' ELSE '' END`;
  const wasLost = (field: string) => `coalesce(instr(lost, '"${field}"'), 0) > 0`;
  const lost = [
    ...Object.entries(keptFields).map(([column, field]) =>
      isLost(field, `excluded.${column} IS NULL AND (${column} IS NOT NULL OR ${wasLost(field)})`),
    ),
    isLost('startTime', `start_us / 1000 <> excluded.start_us / 1000 OR ${wasLost('startTime')}`),
    isLost('metadata', `loses_keys(metadata, excluded.metadata) OR ${wasLost('metadata')}`),
  ].join(' || ');
  return `INSERT INTO observations (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})
    ON CONFLICT (trace_id, id) DO UPDATE SET ${replaced.join(', ')}, orders = NULL, updated_us = excluded.updated_us,
    lost = iif(length(${lost}) = 0, NULL, '[' || rtrim(${lost}, ',') || ']'), ${noEstimate}`;
}

/** 1 if the second lacks a key that the first has. */
function losesKeys(before: SqlValue, after: SqlValue): SqlValue {
  if (before === null || before === after) return 0;
  const kept = (after === null ? {} : JSON.parse(String(after))) as object;
  return Object.keys(JSON.parse(String(before)) as object).every((key) => Object.hasOwn(kept, key)) ? 0 : 1;
}

/** Only names from the tables above go into the text; every value is bound. */
function scoreSql(): string {
  const all = [...Object.keys(scoreColumns), 'created_us', 'updated_us'];
  const updated = Object.keys(scoreColumns).filter((column) => column !== 'id');
  return `INSERT INTO scores (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})
    ON CONFLICT (id) DO UPDATE SET ${updated.map((column) => `${column} = excluded.${column}`).join(', ')},
    updated_us = excluded.updated_us`;
}
