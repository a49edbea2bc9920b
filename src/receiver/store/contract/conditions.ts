/**
 * Conditions of lists on columns by their names in the API: the checked ones of Langfuse's parameter `filter`, and those of other
 * parameters. All must be true. A row without a value passes `is null` alone, the negated conditions by key (below), and
 * `none of` on a list.
 */

import type { Micros } from '../../../ingest/rows.js';

/** Text is compared by characters and case; `matches` is `contains` that ignores case. */
export type TextOperator = '=' | 'contains' | 'does not contain' | 'starts with' | 'ends with' | 'matches';
export type NumberOperator = '=' | '!=' | '>' | '<' | '>=' | '<=';
export type OptionOperator = 'any of' | 'none of';
export type FlagOperator = '=' | '<>';

/**
 * Types with a `key` look at the values under a key: entries of metadata, scores of a name. They are true if one of the values
 * passes; `does not contain`, `none of` and `<>` are true if none passes the opposite, so for rows without the key as well.
 */
export type Condition<Column extends string = string> = { column: Column } & (
  | { type: 'datetime'; operator: '>' | '<' | '>=' | '<='; value: Micros }
  | { type: 'string'; operator: TextOperator; value: string }
  | { type: 'number'; operator: NumberOperator; value: number }
  | { type: 'numberOptions'; operator: 'any of'; value: readonly number[] }
  | { type: 'stringOptions'; operator: OptionOperator; value: readonly string[] }
  | { type: 'categoryOptions'; key: string; operator: OptionOperator; value: readonly string[] }
  /** On a list. A row without one has an empty list. */
  | { type: 'arrayOptions'; operator: OptionOperator | 'all of'; value: readonly string[] }
  | { type: 'stringObject'; key: string; operator: TextOperator; value: string }
  | { type: 'numberObject'; key: string; operator: NumberOperator; value: number }
  | { type: 'booleanObject'; key: string; operator: FlagOperator; value: boolean }
  | { type: 'boolean'; operator: FlagOperator; value: boolean }
  | { type: 'null'; operator: 'is null' | 'is not null' }
);
export type ConditionType = Condition['type'];

/** What a column holds says which conditions it takes: `TYPES_OF_COLUMNS`. */
export type ColumnKind = keyof typeof TYPES_OF_COLUMNS;

export const TYPES_OF_COLUMNS = {
  text: ['string', 'stringOptions', 'null'],
  number: ['number', 'null'],
  time: ['datetime', 'null'],
  flag: ['boolean'],
  /** A list of texts. */
  texts: ['arrayOptions'],
  /** A JSON object: its entries are values under keys. A boolean is `true` or `false` as a text. */
  metadata: ['stringObject', 'categoryOptions', 'numberObject', 'booleanObject'],
  /** Of metrics. */
  textMetadata: ['stringObject'],
  /** Means by the name of a score. */
  means: ['numberObject'],
  categories: ['categoryOptions'],
  flags: ['booleanObject'],
  /** A long text. */
  payload: ['string'],
} as const satisfies Record<string, readonly ConditionType[]>;

/** Those of traces. `level` is the highest of the observations; tokens and cost have estimates in them. */
export const TRACE_COLUMNS = {
  id: 'text',
  name: 'text',
  timestamp: 'time',
  userId: 'text',
  sessionId: 'text',
  environment: 'text',
  version: 'text',
  release: 'text',
  tags: 'texts',
  /** False: this server has no bookmarks. */
  bookmarked: 'flag',
  metadata: 'metadata',
  /** In seconds. */
  latency: 'number',
  inputTokens: 'number',
  outputTokens: 'number',
  totalTokens: 'number',
  tokens: 'number',
  inputCost: 'number',
  outputCost: 'number',
  totalCost: 'number',
  level: 'text',
  errorCount: 'number',
  warningCount: 'number',
  defaultCount: 'number',
  debugCount: 'number',
  scores_avg: 'means',
  scores: 'means',
  score_categories: 'categories',
  score_booleans: 'flags',
} as const satisfies Record<string, ColumnKind>;
export type TraceColumn = keyof typeof TRACE_COLUMNS;

/** Those of observations, in the first version of the API. Users, tags and the like are those of the trace. */
export const OBSERVATION_COLUMNS = {
  id: 'text',
  type: 'text',
  name: 'text',
  traceId: 'text',
  parentObservationId: 'text',
  startTime: 'time',
  endTime: 'time',
  environment: 'text',
  level: 'text',
  statusMessage: 'text',
  version: 'text',
  /** In seconds. */
  latency: 'number',
  timeToFirstToken: 'number',
  tokensPerSecond: 'number',
  inputTokens: 'number',
  outputTokens: 'number',
  totalTokens: 'number',
  tokens: 'number',
  inputCost: 'number',
  outputCost: 'number',
  totalCost: 'number',
  model: 'text',
  promptName: 'text',
  promptVersion: 'number',
  metadata: 'metadata',
  userId: 'text',
  traceName: 'text',
  traceEnvironment: 'text',
  traceTags: 'texts',
} as const satisfies Record<string, ColumnKind>;

/** The second version has more. */
export const OBSERVATION_COLUMNS_V2 = {
  ...OBSERVATION_COLUMNS,
  providedModelName: 'text',
  sessionId: 'text',
  tags: 'texts',
  release: 'text',
  isRootObservation: 'flag',
  input: 'payload',
  output: 'payload',
} as const satisfies Record<string, ColumnKind>;
export type ObservationColumn = keyof typeof OBSERVATION_COLUMNS_V2;

export const SCORE_COLUMNS = {
  id: 'text',
  timestamp: 'time',
  environment: 'text',
  traceId: 'text',
  observationId: 'text',
  sessionId: 'text',
  datasetRunId: 'text',
  name: 'text',
  source: 'text',
  dataType: 'text',
  value: 'number',
  stringValue: 'text',
  comment: 'text',
  configId: 'text',
  metadata: 'metadata',
} as const satisfies Record<string, ColumnKind>;

/** Of the trace of a score: parameters of their own ask for them. */
export const SCORE_TRACE_COLUMNS = { traceUserId: 'text', traceTags: 'texts' } as const satisfies Record<
  string,
  ColumnKind
>;
export type ScoreColumn = keyof typeof SCORE_COLUMNS | keyof typeof SCORE_TRACE_COLUMNS;

/** The API sorts traces by one of these. */
export const TRACE_ORDER_COLUMNS = [
  'id',
  'timestamp',
  'name',
  'userId',
  'sessionId',
  'release',
  'version',
  'public',
  'bookmarked',
] as const;

export interface TraceOrder {
  column: (typeof TRACE_ORDER_COLUMNS)[number];
  isDescending: boolean;
}
