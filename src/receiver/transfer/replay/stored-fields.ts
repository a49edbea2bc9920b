/**
 * What a replayable export adds to Langfuse's classic events, so that an import gives the same rows: each event has it in
 * `metadata.tailrace` of its envelope, which other servers ignore. Times are microseconds since 1970.
 */

import type { ComplaintCode } from '../../complaints/complaint-codes.js';
import type { RowTimes } from '../../store/restore.js';
import type { Micros } from '../../store/rows.js';
import type { StoredState } from '../../store/trace-store.js';

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
  media: number;
  leftOut: string[];
}
