/** What the page reads: its filters, the list with facets and chart, and a trace with its observations. */

import type { JsonText, Micros } from '../../../ingest/rows.js';
import type { RangeFilter, SORTABLE, ValueFilter } from '../../../viewer/data/filters.js';
import type { Facets, ScoreSummary, Series } from '../../../viewer/data/list.js';
import type { TraceSummaryRow } from './rows.js';

/** A score of this name on the trace or its observations: any, one with this value, or one in this relation to a number. */
export type ScoreFilter =
  | { name: string; operator: null }
  /** The text, ignoring case, or the number that it is. True and False are 1 and 0 as well. */
  | { name: string; operator: '='; value: string }
  | { name: string; operator: '<' | '<=' | '>' | '>='; value: number };

/** The filters of the page, all of which must pass. Null, or an empty list: not asked for. */
export interface PageFilter {
  /** Of the trace's time, inclusive. */
  fromUs: Micros | null;
  /** Exclusive. */
  toUs: Micros | null;
  /** One of the values: of the trace, of its tags, or of one of its observations (level, type, model, tool, failedTool). */
  values: Partial<Record<ValueFilter, readonly string[]>>;
  /** Both bounds inclusive. Durations are seconds. */
  ranges: Partial<Record<RangeFilter, { min: number | null; max: number | null }>>;
  scores: readonly ScoreFilter[];
  /** Names of which the trace has no score. */
  unscored: readonly string[];
  /** Whether it has any score. */
  isScored: boolean | null;
  /** Whether a person has given it a score or a comment. */
  hasFeedback: boolean | null;
  /** A part of a status message, ignoring the case of ASCII letters. */
  status: string | null;
  /** Entries of the metadata of the trace or of an observation. The value as a text, or as JSON. */
  metadata: readonly { key: string; value: string }[];
  ids: readonly string[];
  /** A part of a text: of names, users, sessions, tags, models, status messages, inputs and outputs; or the beginning of an id. */
  search: string | null;
  /** How often the reader has asked a search that had no time to read everything to go on. */
  further: number | null;
}

export const NO_FILTER: PageFilter = {
  fromUs: null,
  toUs: null,
  values: {},
  ranges: {},
  scores: [],
  unscored: [],
  isScored: null,
  hasFeedback: null,
  status: null,
  metadata: [],
  ids: [],
  search: null,
  further: null,
};

/** Whether all traces pass. */
export function isEverything(filter: PageFilter): boolean {
  const isNothing = (value: unknown) => value === null || Object.keys(value as object).length === 0;
  return Object.entries(filter).every(([, value]) => typeof value === 'object' && isNothing(value));
}

/** Beginning and end of a payload; null in both: it is too long for a preview. */
export interface PayloadEnds {
  /** 300 characters. */
  head: string | null;
  /** 2000 characters. */
  tail: string | null;
  bytes: number;
}

/** A row of the list. Input and output are the trace's own, else those of its root. */
export interface ListedTrace extends TraceSummaryRow {
  scores: ScoreSummary[];
  input: PayloadEnds | null;
  output: PayloadEnds | null;
}

export interface ListOrder {
  /** A column, or the mean of the scores of a name. Unknown values come last in both directions; equal ones by arrival, in the same direction. */
  by: (typeof SORTABLE)[number] | { score: string };
  isDescending: boolean;
}

export interface ListQuery {
  filter: PageFilter;
  order: ListOrder;
  /** The `next` of an earlier answer, whatever has arrived since; null: from the beginning. */
  cursor: string | null;
  limit: number;
}

export interface TraceListPage {
  traces: ListedTrace[];
  /** Null: this is the last page. */
  next: string | null;
  /** How many traces pass; null with a cursor. */
  total: number | null;
  /** How many there are, whatever the filter. */
  stored: number;
  /** The search had no time to read traces that started before: these may pass too. Null: it has read all. */
  searchedFromUs: Micros | null;
}

/** How an answer about time is divided. */
export interface Buckets {
  /** The start of the first one. */
  firstUs: Micros;
  bucketUs: Micros;
}

export interface ListReader {
  /** @throws InvalidCursor */
  page(query: ListQuery): Promise<TraceListPage>;
  /** Of the ids those whose traces are stored and pass. */
  passing(filter: PageFilter, ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** By filter the values among the traces that the other filters leave, the most frequent first, at most 50. */
  facets(filter: PageFilter): Promise<Facets>;
  /** `bucketUs` gives the length of a bucket for the time that the traces that pass are in. */
  series(filter: PageFilter, bucketUs: (rangeUs: Micros) => Micros): Promise<Series>;
  /** When the first and the last stored trace begin; null: there is none. */
  times(): Promise<{ firstUs: Micros; lastUs: Micros } | null>;
}

/** An observation in the tree of its trace. */
export type OutlineRow = [
  id: string,
  parentId: string | null,
  type: string,
  level: string | null,
  startUs: Micros | null,
  endUs: Micros | null,
  createdUs: Micros,
  /** Estimates included. */
  tokens: number | null,
  cost: number | null,
  /** 1: the tokens are estimated; 2: the cost; 3: both. */
  estimated: number,
  name: string | null,
  model: string | null,
  /** The first 300 characters. */
  status: string | null,
];

/** A payload, or the beginning of a long one; `length`: of the whole, in characters. */
export interface CutPayload {
  text: string;
  length: number;
}

export interface CutPayloads {
  input: CutPayload | null;
  output: CutPayload | null;
  metadata: CutPayload | null;
}

export interface ObservationDetails extends CutPayloads {
  statusMessage: string | null;
  version: string | null;
  environment: string | null;
  startUs: Micros | null;
  completionStartUs: Micros | null;
  modelParameters: JsonText | null;
  usageDetails: JsonText | null;
  costDetails: JsonText | null;
  estimate: JsonText | null;
  promptName: string | null;
  promptVersion: number | null;
}

/** Of the metadata that the ingest writes for a span, as JSON; null: there is none. Clients may have other values of these names. */
export interface SpanParts {
  events: JsonText | null;
  links: JsonText | null;
  scope: JsonText | null;
  resource: JsonText | null;
}

/** Digests of payloads: equal ones are of equal texts. Null: there is none. */
export interface PayloadDigest {
  id: string;
  input: string | null;
  output: string | null;
}

export interface TraceDigests {
  /** Of the trace itself, or of its root where it has none. */
  trace: Omit<PayloadDigest, 'id'>;
  /** In the order of their ids. */
  observations: PayloadDigest[];
  /** False: the time was over. */
  isComplete: boolean;
}

/** Undefined: there is no such trace or observation. */
export interface TracePageReader {
  row(id: string): Promise<ListedTrace | undefined>;
  /** By start (else end, else creation), equal ones by arrival; the first `limit` that have arrived. */
  outline(traceId: string, limit: number): Promise<OutlineRow[]>;
  /** Input and output of the root stand in for missing ones. */
  payloads(traceId: string, maxChars: number): Promise<CutPayloads | undefined>;
  observation(traceId: string, id: string, maxChars: number): Promise<ObservationDetails | undefined>;
  spanParts(traceId: string, id: string): Promise<SpanParts>;
  /** Ids of the observations with the text in input, output or metadata, ignoring the case of ASCII letters. */
  search(
    traceId: string,
    text: string,
    limits: { maxMs: number; signal: AbortSignal },
  ): Promise<{ ids: string[]; isComplete: boolean }>;
  digests(traceId: string, maxMs: number): Promise<TraceDigests | undefined>;
}
