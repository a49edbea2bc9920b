/**
 * What a replayable export adds to Langfuse's classic events, so that an import gives the same rows: each event has it in
 * `metadata.tailrace` of its envelope, which other servers ignore. Times are microseconds since 1970.
 */

import type { ComplaintCode } from '../../../ingest/complaint-codes.js';
import type { Micros, ScoreSource } from '../../../ingest/rows.js';
import type { CommentRow } from '../../store/comment-rows.js';
import type { RowTimes, StoredState } from '../../store/contract/rows.js';

export interface StoredTrace extends RowTimes {
  state: StoredState;
  rootId: string | null;
  ownStartUs: Micros | null;
  ownEndUs: Micros | null;
  complaints?: StoredComplaint[];
}

export interface StoredComplaint {
  code: ComplaintCode;
  observationId: string | null;
  field: string;
  message: string;
}

export interface StoredObservation extends RowTimes {
  orders?: object;
  lost?: string[];
}

/**
 * Not in the body of the event: a Langfuse server drops a score of a person without a configuration, and one with a configuration
 * that its project does not have.
 */
export interface StoredScore extends RowTimes {
  /** @default 'API' */
  source?: ScoreSource;
  configId?: string;
}

/** Of a batch: comments, which classic events cannot carry. The batch comes after the traces that they are on. */
export type StoredComment = CommentRow;

/** Of a batch: media, which classic events cannot carry. */
export interface StoredMedia {
  id: string;
  contentType: string;
  sha256: string;
  traceId: string;
  uploadedUs: Micros | null;
  /** In base64. Absent: an earlier batch has it, or it was left out. */
  content?: string;
}

/** The last line: without it the file is not whole. */
export interface ExportEnd {
  traces: number;
  observations: number;
  scores: number;
  comments: number;
  media: number;
  leftOut: string[];
}
