/** The statements that create and update the tables. The guide (README.md) gives the reasons of keys and indices. */
import type { ClickhouseTables } from '../../shared/contract/clickhouse-options.js';
import { ADDED, type Columns, DELETED, OTHER_TABLES, TABLES, type TableName } from './columns.js';

/** Version 2 has what `tailrace dev --store` writes. */
export const SCHEMA_VERSION = 2;

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

/** Since version 2: the local server asks what has come. */
const BY_ARRIVAL = 'by_event_ts event_ts TYPE minmax GRANULARITY 1';

export const MIGRATIONS_TABLE = 'schema_migrations';

/**
 * Each can run any number of times, by several processes at once. Without the database, which may be there. `isUpdate`: tables of an earlier
 * version get what they lack; else none is changed.
 */
export function createStatements(target: ClickhouseTables, isUpdate = false): string[] {
  return [
    ...LAYOUTS.map((layout) => createTable(target, layout)),
    ...(isUpdate ? updateStatements(target) : []),
    ...Object.entries(OTHER_TABLES).map(([name, { columns, orderBy }]) =>
      createOther(target, name, columns, orderBy),
    ),
    createView(target),
    createStubs(target),
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

/** For tables of version 1. A column of older rows has its default, which takes no room. */
function updateStatements(target: ClickhouseTables): string[] {
  return LAYOUTS.map(({ name }) => {
    const added = ADDED[name].map(([column, type]) => `ADD COLUMN IF NOT EXISTS ${column} ${type}`);
    return `ALTER TABLE ${tableOf(target, name)} ${added.join(', ')}, ADD INDEX IF NOT EXISTS ${BY_ARRIVAL}`;
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
  const columns: Columns = [...TABLES[name], DELETED, ...ADDED[name]];
  const lines = [
    ...columns.map(([column, type]) => `  ${column} ${type}`),
    ...[...indices, BY_ARRIVAL].map((index) => `  INDEX ${index}`),
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

function createOther(target: ClickhouseTables, name: string, columns: Columns, orderBy: string): string {
  const lines = [...columns, DELETED].map(([column, type]) => `  ${column} ${type}`);
  return [
    `CREATE TABLE IF NOT EXISTS ${tableOf(target, name)} (\n${lines.join(',\n')}\n)`,
    'ENGINE = ReplacingMergeTree(event_ts, is_deleted)',
    `ORDER BY (${orderBy})`,
  ].join('\n');
}

/**
 * A trace of which only observations arrive, as its root is in a service that writes elsewhere, has a row too. It is older than any other
 * row of the trace, so it counts only if there is no other.
 */
function createStubs(target: ClickhouseTables): string {
  return `CREATE MATERIALIZED VIEW IF NOT EXISTS ${tableOf(target, 'traces_of_others')} TO ${tableOf(target, 'traces')} AS
SELECT
  trace_id AS id,
  min(start_time) AS timestamp,
  any(trace_name) AS name,
  any(user_id) AS user_id,
  any(session_id) AS session_id,
  any(tags) AS tags,
  any(release) AS release,
  any(environment) AS environment,
  any(trace_public) AS public,
  toDateTime64(0, 6, 'UTC') AS event_ts
FROM ${tableOf(target, 'observations')}
WHERE is_deleted = 0 AND NOT is_trace_root
GROUP BY trace_id`;
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
