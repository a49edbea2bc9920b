/** The JSON between the local server and its page. Times are microseconds since 1970; null is unknown. */

/** Query parameters that hold values of which one must match. They may be repeated. */
export const VALUE_FILTERS = [
  'name',
  'level',
  'type',
  'model',
  'tag',
  'user',
  'session',
  'environment',
  'release',
  'version',
  'tool',
  'failedTool',
] as const;
export type ValueFilter = (typeof VALUE_FILTERS)[number];

/** Query parameters with a lower and an upper bound: `duration` is `minDuration` and `maxDuration`. */
export const RANGE_FILTERS = ['duration', 'tokens', 'cost'] as const;
export type RangeFilter = (typeof RANGE_FILTERS)[number];

/** The columns that the list can be sorted by; `-start` sorts by `start`, highest first. `score:NAME` is one more. */
export const SORTABLE = ['start', 'name', 'duration', 'tokens', 'cost', 'observations', 'errors'] as const;

/** The scores of one name on a trace: the mean of numbers, or the last value. */
export interface ScoreSummary {
  name: string;
  count: number;
  mean: number | null;
  last: string | null;
}

export interface TraceRow {
  id: string;
  name: string | null;
  startUs: number;
  durationUs: number | null;
  observationCount: number;
  errorCount: number;
  totalTokens: number | null;
  totalCost: number | null;
  /** Whether the totals contain estimates. */
  hasEstimatedTokens: boolean;
  hasEstimatedCost: boolean;
  scores: ScoreSummary[];
  userId: string | null;
  sessionId: string | null;
  environment: string | null;
  release: string | null;
  version: string | null;
  tags: string[];
  complaintCount: number;
  /** What tells the trace from others: the last message of a chat, else the beginning of the text. */
  input: string | null;
  output: string | null;
}

export interface TraceList {
  traces: TraceRow[];
  /** The parameter `cursor` of the next page; null: this is the last one. */
  next: string | null;
  /** How many traces match; null on pages after the first. */
  total: number | null;
  /** How many traces there are, whatever the filter. */
  stored: number;
  /** False: the search had no time to read everything, and found what it could in the newest observations. */
  isSearchComplete: boolean;
  /** Of the database, in bytes; no `maxBytes`: without a bound. `evictedTraces`: since the database was made. */
  size: { usedBytes: number; maxBytes?: number | undefined; evictedTraces: number };
  /** The state of the events when the list was read: the parameter `since` of the stream. */
  since: string;
  /** Whether the server can trace its sample agent. */
  hasSample: boolean;
}

export interface FacetValue {
  value: string;
  count: number;
}

export interface ScoreFacet {
  name: string;
  count: number;
  /** Bounds of numbers; null: the score has texts only. */
  min: number | null;
  max: number | null;
  /** The most frequent texts, or numbers if there are few different ones. */
  values: FacetValue[];
}

/** By filter, how many traces have which value. The filter's own values do not count against it. */
export interface Facets {
  values: Record<ValueFilter, FacetValue[]>;
  scores: ScoreFacet[];
}

/** What failed with the messages of a group. */
export interface ErrorSource {
  type: string;
  name: string | null;
  model: string | null;
  count: number;
}

/** Failed observations whose messages differ in numbers, ids and times only. */
export interface ErrorGroup {
  /** With `<n>`, `<id>` and `<time>` in place of what differs; empty: they have no message, and share type and name. */
  message: string;
  count: number;
  firstUs: number;
  lastUs: number;
  traceCount: number;
  /** Some of them, first that of the newest error. */
  traceIds: string[];
  /** The beginning of its message as it is. */
  newest: { traceId: string; observationId: string; message: string | null };
  /** The commonest ones. */
  sources: ErrorSource[];
  sourceTotal: number;
}

export interface ErrorGroups {
  /** The largest ones. */
  groups: ErrorGroup[];
  groupTotal: number;
  observationTotal: number;
  /** False: there was no time to read everything, and these are of the newest observations. */
  isComplete: boolean;
}

export interface SeriesBucket {
  startUs: number;
  count: number;
  errors: number;
  p50Us: number | null;
  p95Us: number | null;
  cost: number | null;
}

export interface Series {
  bucketUs: number;
  /** Without the empty ones. */
  buckets: SeriesBucket[];
}

/** What a Langfuse server would drop or change. */
export interface ComplaintView {
  code: string;
  /** dropped, changed or disagreement. */
  severity: string;
  traceId: string | null;
  observationId: string | null;
  field: string;
  message: string;
}

export interface ComplaintList {
  complaints: ComplaintView[];
  /** How many there are in all. */
  total: number;
}

export interface ScoreView {
  id: string;
  name: string;
  observationId: string | null;
  value: string;
  dataType: string;
  comment: string | null;
  /** API, ANNOTATION (given on a page, and may be changed there) or EVAL. */
  source: string;
}

/** Of a person, on the trace or one of its observations. */
export interface CommentView {
  id: string;
  /** Null: the trace. */
  observationId: string | null;
  content: string;
  author: string | null;
  createdUs: number;
  isChanged: boolean;
}

/** The types that a person gives scores of. */
export const ANNOTATION_TYPES = ['NUMERIC', 'CATEGORICAL', 'BOOLEAN', 'TEXT'] as const;
export type AnnotationType = (typeof ANNOTATION_TYPES)[number];

/** A name of scores in use. */
export interface ScoreName {
  name: string;
  dataType: string;
  /** Of a CATEGORICAL score: texts in use. */
  values: string[];
}

/** Body of `POST trace/ID/scores`. */
export interface NewScore {
  /** Changes this score. Without it, the score of the same name and type on the same is replaced. */
  id?: string;
  observationId: string | null;
  name: string;
  dataType: AnnotationType;
  /** A BOOLEAN is 0 or 1. */
  value: number | string;
  comment: string | null;
}

/** Body of `POST trace/ID/comments`. */
export interface NewComment {
  /** Changes this comment. */
  id?: string;
  observationId: string | null;
  content: string;
}

/**
 * The observations of a trace by column, in order of their start. Columns take a third of the bytes that objects take, and
 * have no text in them that grows without bound.
 */
export interface ObservationColumns {
  id: string[];
  /** Position of the parent in these columns; -1: none that is stored. */
  parent: number[];
  /** SPAN, GENERATION, TOOL, … */
  type: string[];
  name: (string | null)[];
  /** DEBUG, DEFAULT, WARNING or ERROR. */
  level: string[];
  /** After the start of the trace. */
  startUs: number[];
  durationUs: (number | null)[];
  tokens: (number | null)[];
  cost: (number | null)[];
  /** 1: tokens are estimated; 2: cost is; 3: both. */
  estimated: number[];
  model: (string | null)[];
  /** The beginning. */
  status: (string | null)[];
}

export interface TraceDetail {
  trace: TraceRow;
  observations: ObservationColumns;
  /** How many observations there are; more than in the columns only beyond the bound. */
  observationTotal: number;
  scores: ScoreView[];
  comments: CommentView[];
  complaints: ComplaintList;
  since: string;
}

/** The observations of a trace whose payloads have a text. */
export interface TraceMatches {
  ids: string[];
  /** False: the search had no time to read all of them. */
  isComplete: boolean;
}

/** A payload, or the beginning of a long one. */
export interface PayloadView {
  text: string;
  /** Length of the whole payload in characters. */
  length: number;
}

export interface Payloads {
  input: PayloadView | null;
  output: PayloadView | null;
  metadata: PayloadView | null;
}

export interface SpanEventView {
  name: string;
  timeUs: number | null;
  attributes: Record<string, unknown>;
}

export interface SpanLinkView {
  traceId: string;
  spanId: string;
  /** Whether this server has the trace. */
  isStored: boolean;
  attributes: Record<string, unknown>;
}

/** What OpenTelemetry knows of a span besides its attributes. */
export interface SpanView {
  /** The first ones of `eventTotal`. */
  events: SpanEventView[];
  eventTotal: number;
  links: SpanLinkView[];
  linkTotal: number;
  scope: { name: string; version: string; attributes: Record<string, unknown> } | null;
  resource: Record<string, unknown> | null;
}

export interface ObservationDetail extends Payloads {
  statusMessage: string | null;
  version: string | null;
  environment: string | null;
  /** After the start of the observation. */
  firstTokenUs: number | null;
  modelParameters: Record<string, unknown> | null;
  usageDetails: Record<string, unknown> | null;
  costDetails: Record<string, unknown> | null;
  /** Null: usage and cost are as given, or unknown. */
  estimate: EstimateView | null;
  promptName: string | null;
  promptVersion: number | null;
  span: SpanView | null;
}

/** The source of estimated figures. */
export interface EstimateView {
  usage: string;
  cost: string;
  price?: string;
  priceModel?: string;
  tokenizer?: string;
  uncounted?: string;
}

/** An event of the stream. `ids`: these traces have changed. `reload`: more has changed than the stream tells. */
export type LiveEvent = { kind: 'ids'; ids: string[] } | { kind: 'reload' };

/** `replay`: batches of Langfuse's ingestion; `otlp`: requests of OTLP; `conversations`: messages of chats. One a line. */
export const EXPORT_FORMATS = ['replay', 'otlp', 'conversations'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What an export wrote. */
export interface ExportSummary {
  traces: number;
  observations: number;
  scores: number;
  comments: number;
  media: number;
  /** What the format cannot hold. */
  leftOutCount: number;
  /** The first of it by name. */
  leftOut: string[];
}

/** What an export of a page has written so far. `broken`: its reader has gone, or it failed. */
export interface ExportState extends ExportSummary {
  phase: 'running' | 'done' | 'broken';
}

/** What an import stored. */
export interface ImportSummary {
  traces: number;
  observations: number;
  scores: number;
  comments: number;
  media: number;
  /** Lines, or events in them, that are not stored. */
  refusedCount: number;
  /** The first of them. */
  refused: { line: number; problem: string }[];
}

/** A row that has arrived, for the terminal: a trace that is new, or an observation that has ended. */
export interface ArrivedTrace {
  id: string;
  name: string | null;
  startUs: number;
  userId: string | null;
  sessionId: string | null;
  errorCount: number;
}

export interface ArrivedObservation {
  id: string;
  traceId: string;
  parentId: string | null;
  type: string;
  name: string | null;
  level: string;
  startUs: number;
  /** Null: it has not ended. */
  durationUs: number | null;
  tokens: number | null;
  cost: number | null;
  model: string | null;
  /** The beginning. */
  status: string | null;
  output: string | null;
}

export interface Arrivals {
  traces: ArrivedTrace[];
  observations: ArrivedObservation[];
  /** For the next question: what came until now. */
  next: { trace: number; observation: number };
  /** More has come than the answer holds. */
  isMore: boolean;
}
