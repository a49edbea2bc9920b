/** The JSON of one trace: its observations as light rows. Times are microseconds; null is unknown. */

import type { ComplaintList } from './complaints.js';
import type { CommentView, ScoreView } from './feedback.js';
import type { TraceRow } from './list.js';

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
  /** After the start of the trace; null: unknown, and so is the duration. */
  startUs: (number | null)[];
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
