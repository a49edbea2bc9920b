/** The tables: columns, and the statements that create them. The guide (README.md) gives the reasons of keys, codecs and indices. */
import type { ClickhouseTables } from '../../shared/contract/clickhouse-options.js';

/** The last of the migrations below. */
export const SCHEMA_VERSION = 1;

type Columns = readonly (readonly [name: string, type: string])[];

const TIME = "DateTime64(6, 'UTC')";
const NAME = 'LowCardinality(String)';
/** Payloads are most of the bytes, are read seldom, and are written once. */
const PAYLOAD = 'Nullable(String) CODEC(ZSTD(3))';
const METADATA = 'Map(LowCardinality(String), String) CODEC(ZSTD(1))';

/** What each observation carries of its trace, as Langfuse 4 reads it. */
const SHARED = [
  ['user_id', 'Nullable(String)'],
  ['session_id', 'Nullable(String)'],
  ['tags', 'Array(LowCardinality(String))'],
  ['release', 'LowCardinality(Nullable(String))'],
  ['version', 'LowCardinality(Nullable(String))'],
  ['environment', NAME],
] as const;

/** `event_ts` decides between rows of one key: the last one wins. A row with `is_deleted = 1` removes the others. */
const REPLACING = [['event_ts', `${TIME} CODEC(Delta, ZSTD(1))`]] as const;
const DELETED = ['is_deleted', 'UInt8 DEFAULT 0'] as const;

const OBSERVATIONS = [
  ['trace_id', 'String CODEC(ZSTD(1))'],
  ['id', 'String CODEC(ZSTD(1))'],
  ['parent_id', 'Nullable(String) CODEC(ZSTD(1))'],
  ['type', NAME],
  ['name', 'String CODEC(ZSTD(1))'],
  ['start_time', `${TIME} CODEC(Delta, ZSTD(1))`],
  ['end_time', `Nullable(${TIME}) CODEC(Delta, ZSTD(1))`],
  ['completion_start_time', `Nullable(${TIME}) CODEC(ZSTD(1))`],
  ['level', NAME],
  ['status_message', 'Nullable(String) CODEC(ZSTD(1))'],
  ['model', 'LowCardinality(Nullable(String))'],
  ['model_parameters', 'Nullable(String) CODEC(ZSTD(1))'],
  ['usage_details', 'Map(LowCardinality(String), UInt64)'],
  ['cost_details', 'Map(LowCardinality(String), Float64)'],
  ['prompt_name', 'LowCardinality(Nullable(String))'],
  ['prompt_version', 'Nullable(Int64)'],
  ['input', PAYLOAD],
  ['output', PAYLOAD],
  ['metadata', METADATA],
  ...SHARED,
  ['trace_name', 'Nullable(String) CODEC(ZSTD(1))'],
  ['trace_public', 'Bool'],
  // Of a root that stands for its trace: only what the trace has of its own. Empty in all other rows.
  ['is_trace_root', 'Bool'],
  ['trace_version', 'LowCardinality(Nullable(String))'],
  ['trace_environment', 'LowCardinality(Nullable(String))'],
  ['trace_metadata', METADATA],
  ['trace_input', PAYLOAD],
  ['trace_output', PAYLOAD],
  ...REPLACING,
] as const satisfies Columns;

const TRACES = [
  ['id', 'String CODEC(ZSTD(1))'],
  ['timestamp', `${TIME} CODEC(Delta, ZSTD(1))`],
  ['end_time', `Nullable(${TIME}) CODEC(Delta, ZSTD(1))`],
  ['name', 'Nullable(String) CODEC(ZSTD(1))'],
  ...SHARED,
  ['public', 'Bool'],
  ['input', PAYLOAD],
  ['output', PAYLOAD],
  ['metadata', METADATA],
  ...REPLACING,
] as const satisfies Columns;

const SCORES = [
  ['id', 'String CODEC(ZSTD(1))'],
  ['timestamp', `${TIME} CODEC(Delta, ZSTD(1))`],
  ['trace_id', 'Nullable(String) CODEC(ZSTD(1))'],
  ['observation_id', 'Nullable(String) CODEC(ZSTD(1))'],
  ['session_id', 'Nullable(String) CODEC(ZSTD(1))'],
  ['dataset_run_id', 'Nullable(String) CODEC(ZSTD(1))'],
  ['name', NAME],
  ['data_type', NAME],
  ['value', 'Nullable(Float64)'],
  ['string_value', 'Nullable(String) CODEC(ZSTD(1))'],
  ['comment', 'Nullable(String) CODEC(ZSTD(1))'],
  ['config_id', 'Nullable(String) CODEC(ZSTD(1))'],
  ['environment', NAME],
  ['metadata', METADATA],
  ...REPLACING,
] as const satisfies Columns;

type RowOf<C extends Columns> = Readonly<Record<C[number][0], unknown>>;
export type ObservationRow = RowOf<typeof OBSERVATIONS>;
export type TraceRow = RowOf<typeof TRACES>;
export type ScoreRow = RowOf<typeof SCORES>;

/** Each is a lane of the exporter. */
export const TABLES = { observations: OBSERVATIONS, traces: TRACES, scores: SCORES } as const;
export type TableName = keyof typeof TABLES;

/** In quotes. Names were checked when the option was resolved. */
export function tableOf({ database, tablePrefix }: ClickhouseTables, name: string): string {
  return `\`${database}\`.\`${tablePrefix}${name}\``;
}

export function insertInto(target: ClickhouseTables, name: TableName): string {
  const columns = TABLES[name].map(([column]) => column).join(', ');
  return `INSERT INTO ${tableOf(target, name)} (${columns}) FORMAT JSONEachRow`;
}

/** How often the same insert may come again, in inserts after it, and is known: tables without replicas forget all by default. */
const DEDUPLICATION_WINDOW = 10_000;

interface Layout {
  readonly name: TableName;
  readonly time: string;
  readonly orderBy: string;
  readonly indices: readonly string[];
}

const LAYOUTS: readonly Layout[] = [
  {
    name: 'observations',
    time: 'start_time',
    orderBy: 'toDate(start_time), trace_id, id',
    indices: [
      'by_trace_id trace_id TYPE bloom_filter(0.001) GRANULARITY 1',
      'by_id id TYPE bloom_filter(0.001) GRANULARITY 1',
      'by_session_id session_id TYPE bloom_filter(0.01) GRANULARITY 1',
      'by_user_id user_id TYPE bloom_filter(0.01) GRANULARITY 1',
    ],
  },
  {
    name: 'traces',
    time: 'timestamp',
    orderBy: 'id',
    indices: [
      'by_session_id session_id TYPE bloom_filter(0.01) GRANULARITY 1',
      'by_user_id user_id TYPE bloom_filter(0.01) GRANULARITY 1',
    ],
  },
  {
    name: 'scores',
    time: 'timestamp',
    orderBy: 'id',
    indices: [
      'by_trace_id trace_id TYPE bloom_filter(0.001) GRANULARITY 1',
      'by_session_id session_id TYPE bloom_filter(0.01) GRANULARITY 1',
    ],
  },
];

export const MIGRATIONS_TABLE = 'schema_migrations';

/** Each can run any number of times, by several processes at once. Without the database, which may be there. */
export function createStatements(target: ClickhouseTables): string[] {
  return [
    ...LAYOUTS.map((layout) => createTable(target, layout)),
    createView(target),
    `CREATE TABLE IF NOT EXISTS ${tableOf(target, MIGRATIONS_TABLE)} (
  version UInt32,
  ttl_days UInt32,
  applied_at DateTime64(6, 'UTC') DEFAULT now64(6)
) ENGINE = ReplacingMergeTree(applied_at) ORDER BY version`,
    `INSERT INTO ${tableOf(target, MIGRATIONS_TABLE)} (version, ttl_days) VALUES (${SCHEMA_VERSION}, ${target.ttlDays ?? 0})`,
  ];
}

export function createDatabase({ database }: ClickhouseTables): string {
  return `CREATE DATABASE IF NOT EXISTS \`${database}\``;
}

/** For tables that were made with another `ttlDays`. Existing rows go when their parts are merged. */
export function changeTtl(target: ClickhouseTables): string[] {
  return LAYOUTS.map(({ name, time }) => {
    const table = tableOf(target, name);
    const ttl = ttlOf(target, time);
    return ttl === ''
      ? `ALTER TABLE ${table} REMOVE TTL`
      : `ALTER TABLE ${table} MODIFY ${ttl} SETTINGS materialize_ttl_after_modify = 0`;
  });
}

/** Version of the tables, and the `ttlDays` that was set last. */
export function selectVersion(target: ClickhouseTables): string {
  return `SELECT max(version), argMax(ttl_days, applied_at) FROM ${tableOf(target, MIGRATIONS_TABLE)} FORMAT TSV`;
}

function ttlOf({ ttlDays }: ClickhouseTables, time: string): string {
  return ttlDays === undefined ? '' : `TTL toDateTime(${time}) + toIntervalDay(${ttlDays})`;
}

function createTable(target: ClickhouseTables, { name, time, orderBy, indices }: Layout): string {
  const columns: Columns = [...TABLES[name], DELETED];
  const lines = [
    ...columns.map(([column, type]) => `  ${column} ${type}`),
    ...indices.map((index) => `  INDEX ${index}`),
  ];
  return [
    `CREATE TABLE IF NOT EXISTS ${tableOf(target, name)} (\n${lines.join(',\n')}\n)`,
    'ENGINE = ReplacingMergeTree(event_ts, is_deleted)',
    `PARTITION BY toYYYYMM(${time})`,
    `ORDER BY (${orderBy})`,
    ttlOf(target, time),
    `SETTINGS non_replicated_deduplication_window = ${DEDUPLICATION_WINDOW}`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** The root observation describes a trace without a span of its own. */
function createView(target: ClickhouseTables): string {
  return `CREATE MATERIALIZED VIEW IF NOT EXISTS ${tableOf(target, 'traces_of_roots')} TO ${tableOf(target, 'traces')} AS
SELECT
  trace_id AS id,
  start_time AS timestamp,
  end_time,
  coalesce(trace_name, name) AS name,
  user_id,
  session_id,
  tags,
  release,
  coalesce(trace_version, version) AS version,
  coalesce(trace_environment, environment) AS environment,
  trace_public AS public,
  coalesce(trace_input, input) AS input,
  coalesce(trace_output, output) AS output,
  trace_metadata AS metadata,
  event_ts
FROM ${tableOf(target, 'observations')}
WHERE is_trace_root`;
}
