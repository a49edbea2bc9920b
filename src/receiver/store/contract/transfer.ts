/** What exports, `tailrace tail`, complaints and media read and write. */

import type { Complaint } from '../../../ingest/findings.js';
import type { JsonText, Micros } from '../../../ingest/rows.js';
import type { CommentRow } from '../comment-rows.js';
import type { PageFilter, PayloadEnds } from './page.js';
import type { Page, Paging, StoredObservation, StoredScore, StoredState, StoredTrace } from './rows.js';

/** With the fields of the root observation that stand in for missing ones. */
export interface ExportedTrace
  extends Omit<
    StoredTrace,
    | 'latencyUs'
    | 'observationCount'
    | 'errorCount'
    | 'totalTokens'
    | 'totalCost'
    | 'hasEstimatedTokens'
    | 'hasEstimatedCost'
  > {
  rootId: string | null;
  /** As its own events gave them; null: it has those of its observations. */
  ownStartUs: Micros | null;
  ownEndUs: Micros | null;
  state: StoredState;
}

export interface ExportedObservation extends StoredObservation {
  /** Of classic events: by field the order of the event that its value is of, as JSON. */
  orders: JsonText | null;
  /** A JSON list of the fields that a span sent again has lost; null: none. */
  lost: JsonText | null;
}

export interface ExportedComplaint {
  code: string;
  observationId: string | null;
  field: string;
  message: string;
}

/** Streams hand over some rows at a time, and read the next ones when they are asked for. Rows that arrive meanwhile may be left out. */
export interface ExportReader {
  /** Those that pass, in the order of their arrival. */
  traces(filter: PageFilter): AsyncIterable<readonly ExportedTrace[]>;
  /** In the order of their arrival, which decides between equal starts. */
  observations(traceId: string): AsyncIterable<readonly ExportedObservation[]>;
  /** Of the trace and its observations, in the order of their arrival. */
  scores(traceId: string): Promise<StoredScore[]>;
  /** Scores of sessions, of runs of datasets, and of traces that are not stored. */
  strayScores(): AsyncIterable<readonly StoredScore[]>;
  /** On the trace and its observations, in the order of their arrival. */
  comments(traceId: string): AsyncIterable<readonly CommentRow[]>;
  sessionComments(sessionId: string): AsyncIterable<readonly CommentRow[]>;
  /** The first 1000 that were found when requests came; without those that are derived from rows. */
  complaints(traceId: string): Promise<ExportedComplaint[]>;
  /** Uploaded media in the order of their ids. */
  media(traceId: string): Promise<StoredMedium[]>;
}

/**
 * How far a reader of arrivals is. Two whole numbers that only the store understands: they do not become less, and both are 0 before
 * anything has arrived.
 */
export interface ArrivalPosition {
  trace: number;
  observation: number;
}

export interface TraceArrival {
  id: string;
  name: string | null;
  startUs: Micros;
  userId: string | null;
  sessionId: string | null;
  errorCount: number;
}

export interface ObservationArrival {
  id: string;
  traceId: string;
  parentId: string | null;
  type: string;
  name: string | null;
  level: string;
  startUs: Micros;
  endUs: Micros | null;
  /** Estimates included. */
  tokens: number | null;
  cost: number | null;
  model: string | null;
  /** The first 300 characters. */
  status: string | null;
  output: PayloadEnds | null;
}

export interface ArrivalReader {
  /** Where it is now. */
  position(): Promise<ArrivalPosition>;
  /** What has arrived after the position, at most 500 of each; then `isMore`. */
  after(position: ArrivalPosition): Promise<{
    traces: TraceArrival[];
    observations: ObservationArrival[];
    next: ArrivalPosition;
    isMore: boolean;
  }>;
  /** Single observations as they are now, in the order of the pairs of trace and observation; without unknown ones. */
  observations(ids: readonly (readonly [traceId: string, id: string])[]): Promise<ObservationArrival[]>;
}

/** Null: any. */
export interface ComplaintQuery {
  traceId: string | null;
  code: string | null;
  severity: string | null;
}

/** Some complaints, and how many there are in all. */
export interface SomeComplaints {
  complaints: Complaint[];
  total: number;
}

/**
 * Complaints of requests, which the store keeps once each and up to `MAX_COMPLAINTS`; and disagreements, which it derives from rows: the
 * fields in which Langfuse 3 and 4 differ.
 */
export interface ComplaintReader {
  /** The newest first. */
  page(query: ComplaintQuery, paging: Paging): Promise<Page<Complaint>>;
  /** The first `MAX_COMPLAINTS` in the order of their arrival; disagreements come last. */
  all(): Promise<Complaint[]>;
  /** How many more were counted but not kept. */
  beyond(): Promise<number>;
  /** Dropped values first, then by time. */
  ofTrace(traceId: string, limit: number): Promise<SomeComplaints>;
  /** About refused requests and traces that are not stored. */
  withoutTrace(limit: number): Promise<SomeComplaints>;
  /** How many each trace has; traces without any are left out. */
  countByTrace(traceIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

export interface AnnouncedMedium {
  id: string;
  contentType: string;
  contentLength: number;
  /** In base64. */
  sha256: string;
}

export interface StoredMedium extends AnnouncedMedium {
  /** When its client reported the upload. */
  uploadedUs: Micros | null;
  hasContent: boolean;
}

/** Media go with the last of the traces that they were announced for. */
export interface MediaStore {
  /** The content type of one without content is replaced. Returns the medium as it is stored. */
  announce(medium: AnnouncedMedium, traceId: string): Promise<StoredMedium>;
  find(id: string): Promise<StoredMedium | undefined>;
  /** Undefined: it is not uploaded. */
  content(id: string): Promise<Uint8Array | undefined>;
  storeContent(id: string, content: Uint8Array): Promise<void>;
  markUploaded(id: string, uploadedUs: Micros): Promise<void>;
}
