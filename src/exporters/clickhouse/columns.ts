/** The columns of the tables. The guide (README.md) gives the reasons of codecs and indices. */

export type Columns = readonly (readonly [name: string, type: string])[];

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
export const DELETED = ['is_deleted', 'UInt8 DEFAULT 0'] as const;

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

/** Each is a lane of the exporter, which writes these columns. */
export const TABLES = { observations: OBSERVATIONS, traces: TRACES, scores: SCORES } as const;
export type TableName = keyof typeof TABLES;

/**
 * Columns since version 2, which the local server writes if it keeps its traces here (`tailrace dev --store`). The exporter leaves them to
 * their defaults.
 */
const TIMES = [
  ['created_at', `${TIME} DEFAULT event_ts CODEC(Delta, ZSTD(1))`],
  ['updated_at', `${TIME} DEFAULT event_ts CODEC(Delta, ZSTD(1))`],
] as const;

export const ADDED: Readonly<Record<TableName, Columns>> = {
  observations: [
    ...TIMES,
    // Estimates stand beside the figures of clients. The JSON has their sources.
    ['estimated_usage', 'Map(LowCardinality(String), UInt64)'],
    ['estimated_cost', 'Map(LowCardinality(String), Float64)'],
    ['estimate', 'String CODEC(ZSTD(1))'],
    // How events of the classic ingestion were merged, and what a span sent again has lost, as JSON.
    ['orders', 'String CODEC(ZSTD(3))'],
    ['lost', 'Array(LowCardinality(String))'],
  ],
  traces: [
    ...TIMES,
    ['root_id', 'Nullable(String) CODEC(ZSTD(1))'],
    // How events were merged, as JSON, and in which fields Langfuse 3 and 4 differ.
    ['state', 'String CODEC(ZSTD(3))'],
    ['differs', 'Array(LowCardinality(String))'],
  ],
  scores: [...TIMES, ['source', `LowCardinality(String) DEFAULT 'API'`]],
};

const COMMENTS = [
  ['id', 'String CODEC(ZSTD(1))'],
  ['object_type', NAME],
  ['object_id', 'String CODEC(ZSTD(1))'],
  ['trace_id', 'Nullable(String) CODEC(ZSTD(1))'],
  ['content', 'String CODEC(ZSTD(3))'],
  ['author_user_id', 'Nullable(String)'],
  ['created_at', TIME],
  ['updated_at', TIME],
  ...REPLACING,
] as const satisfies Columns;

const COMPLAINTS = [
  ['id', 'String CODEC(ZSTD(1))'],
  ['at', TIME],
  ['code', NAME],
  ['severity', NAME],
  ['trace_id', 'Nullable(String) CODEC(ZSTD(1))'],
  ['observation_id', 'Nullable(String) CODEC(ZSTD(1))'],
  ['field', 'String CODEC(ZSTD(1))'],
  ['message', 'String CODEC(ZSTD(1))'],
  ...REPLACING,
] as const satisfies Columns;

const MEDIA = [
  ['id', 'String'],
  ['content_type', NAME],
  ['content_length', 'UInt64'],
  ['sha256', 'String'],
  ['announced_at', TIME],
  ['uploaded_at', `Nullable(${TIME})`],
  // In base64, as rows travel as JSON.
  ['content', PAYLOAD],
  ...REPLACING,
] as const satisfies Columns;

const MEDIA_TRACES = [
  ['trace_id', 'String'],
  ['media_id', 'String'],
  ...REPLACING,
] as const satisfies Columns;

/** Tables since version 2, of the local server alone, with their keys. */
export const OTHER_TABLES = {
  comments: { columns: COMMENTS, orderBy: 'id' },
  complaints: { columns: COMPLAINTS, orderBy: 'id' },
  media: { columns: MEDIA, orderBy: 'id' },
  media_traces: { columns: MEDIA_TRACES, orderBy: 'trace_id, media_id' },
} as const;
