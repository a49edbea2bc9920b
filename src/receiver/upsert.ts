/** The three upserts by id, for traces, observations and scores: how a record meets what is stored under its id. */

import type { ObservationChange, ObservationRow, ScoreRow, TraceChange, TraceRow } from './rows.js';
import { bindable, type Database, type SqlValue } from './sqlite.js';

export interface Upserts {
  trace(change: TraceChange, nowUs: number): void;
  /** Returns the id of the trace that the observation belongs to. */
  observation(change: ObservationChange, nowUs: number): string;
  /** Returns the trace that the score with this id belonged to before. */
  score(row: ScoreRow, nowUs: number): string | null;
}

/** Column → field of the row, in the order in which values are bound. */
const traceColumns: Record<string, keyof TraceRow> = {
  id: 'id',
  root_id: 'rootId',
  own_start_us: 'ownStartUs',
  own_end_us: 'ownEndUs',
  name: 'name',
  user_id: 'userId',
  session_id: 'sessionId',
  release: 'release',
  version: 'version',
  environment: 'environment',
  public: 'public',
  tags: 'tags',
  metadata: 'metadata',
  input: 'input',
  output: 'output',
};

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

export function prepareUpserts(database: Database): Upserts {
  database.function('merge_objects', { deterministic: true }, mergeObjects);
  database.function('merge_lists', { deterministic: true }, mergeLists);

  const traceFields = Object.values(traceColumns);
  const observationFields = Object.values(observationColumns);
  const scoreFields = Object.values(scoreColumns);
  const insertTrace = database.prepare(
    upsertSql('traces', 'id', [...Object.keys(traceColumns), 'revision'], newestWins),
  );
  const observationNames = [...Object.keys(observationColumns), 'revision'];
  const insertWhole = database.prepare(observationSql(observationNames, replaced));
  const insertMerged = database.prepare(observationSql(observationNames, newestWins));
  const insertScore = database.prepare(upsertSql('scores', 'id', Object.keys(scoreColumns), replaced));
  const findTraceOfScore = database.prepare('SELECT trace_id FROM scores WHERE id = ?');
  const findTraceOf = database.prepare('SELECT trace_id FROM observations WHERE id = ?');

  return {
    trace({ row, revision }, nowUs) {
      insertTrace.run(...traceFields.map((field) => bindable(row[field])), revision, nowUs, nowUs);
    },
    observation({ row, revision, mode }, nowUs) {
      // An observation nobody knows gets a trace of its own, under its own id: the same one when it is sent again.
      const traceId = row.traceId ?? (findTraceOf.get(row.id)?.trace_id as string | undefined) ?? row.id;
      const values: SqlValue[] = observationFields.map((field) => bindable(row[field]));
      values[1] = bindable(traceId);
      (mode === 'whole' ? insertWhole : insertMerged).run(...values, revision, nowUs, nowUs);
      return traceId;
    },
    score(row, nowUs) {
      const previous = findTraceOfScore.get(row.id)?.trace_id as string | null | undefined;
      insertScore.run(...scoreFields.map((field) => bindable(row[field])), nowUs, nowUs);
      return previous ?? null;
    },
  };
}

/** What was estimated of the row as it was is no longer true of it. */
function observationSql(columns: string[], assign: (column: string) => string): string {
  return `${upsertSql('observations', 'trace_id, id', columns, assign)}, estimate = NULL, estimated_tokens = NULL,
    estimated_cost = NULL, has_estimated_tokens = NULL, has_estimated_cost = NULL`;
}

/** Only names from the tables above go into the text; every value is bound. */
function upsertSql(
  table: string,
  key: string,
  columns: string[],
  assign: (column: string) => string,
): string {
  const all = [...columns, 'created_us', 'updated_us'];
  const updated = columns.filter((column) => !key.split(', ').includes(column));
  return `INSERT INTO ${table} (${all.join(', ')}) VALUES (${all.map(() => '?').join(', ')})
    ON CONFLICT (${key}) DO UPDATE SET ${updated.map(assign).join(', ')}, updated_us = excluded.updated_us`;
}

const replaced = (column: string) => `${column} = excluded.${column}`;

function newestWins(column: string): string {
  switch (column) {
    case 'revision':
      return 'revision = max(revision, excluded.revision)';
    case 'type':
      // A span-update may follow an agent-create: SPAN says nothing, any other type does.
      return `type = CASE WHEN excluded.type <> 'SPAN' THEN excluded.type ELSE type END`;
    case 'metadata':
      return 'metadata = CASE WHEN excluded.revision >= revision THEN merge_objects(metadata, excluded.metadata) ELSE merge_objects(excluded.metadata, metadata) END';
    case 'tags':
      return 'tags = merge_lists(tags, excluded.tags)';
    default:
      return `${column} = CASE WHEN excluded.revision >= revision THEN coalesce(excluded.${column}, ${column}) ELSE coalesce(${column}, excluded.${column}) END`;
  }
}

/** SQLite's own json_patch deletes keys whose new value is null, so that a repeat would change the row. */
function mergeObjects(older: SqlValue, newer: SqlValue): SqlValue {
  if (newer === null || newer === older) return older;
  if (older === null) return newer;
  const [below, above] = [JSON.parse(String(older)), JSON.parse(String(newer))] as unknown[];
  return isObject(below) && isObject(above) ? JSON.stringify({ ...below, ...above }) : newer;
}

function mergeLists(older: SqlValue, newer: SqlValue): SqlValue {
  if (newer === null || newer === older) return older;
  if (older === null) return newer;
  return JSON.stringify([...new Set([...JSON.parse(String(older)), ...JSON.parse(String(newer))])]);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
