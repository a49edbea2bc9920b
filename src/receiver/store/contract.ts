/**
 * The store as the rest of the receiver knows it: what it writes and reads, whatever keeps the rows. SQLite is its first implementation
 * (sqlite/); test/unit/receiver/store/contract/ has the tests that each one must pass.
 *
 * Every method that reads or writes is asynchronous, and rejects if the store cannot be asked. Rows are plain data. Texts come back as they
 * were written, but U+0000 may come back as U+FFFD.
 */

import type { Changes } from './changes.js';
import type {
  CommentStore,
  ObservationReader,
  ScoreReader,
  SessionReader,
  TraceReader,
} from './contract/lists.js';
import type { MetricsReader } from './contract/metrics.js';
import type { ListReader, TracePageReader } from './contract/page.js';
import type { SummaryReader } from './contract/summaries.js';
import type { ArrivalReader, ComplaintReader, ExportReader, MediaStore } from './contract/transfer.js';

/** Limit for the texts of one answer. */
export const MAX_ANSWER_BYTES = 128 * 1024 * 1024;

/** Complaints beyond so many are only counted. */
export const MAX_COMPLAINTS = 10_000;

/** The rows of an answer have more than `MAX_ANSWER_BYTES`: ask for less. The server answers 400. */
export class AnswerTooLarge extends Error {
  constructor() {
    super(
      `the answer would hold more than ${MAX_ANSWER_BYTES} bytes: ask for less with limit, page or fields`,
    );
  }
}

/** A cursor that the store has not made. */
export class InvalidCursor extends Error {}

/** A trace goes with its observations, scores, comments, complaints, and the media that no other trace has. */
export interface Deletion {
  traceIds?: readonly string[];
  scoreIds?: readonly string[];
}

export interface StoreSize {
  usedBytes: number;
  /** Undefined: without a bound. */
  maxBytes: number | undefined;
  /** Since the store was made. */
  evictedTraces: number;
}

export interface StoredCounts {
  traces: number;
  observations: number;
  /** By type in lower case: generation, tool, … */
  observationsByType: Record<string, number>;
  scores: number;
  /** Mean of the scores that have a number, by name. */
  scoreMeans: Record<string, number>;
}

/** Usage of generations and embeddings. A sum is null if nothing is known. */
export interface StoredUsage {
  generations: number;
  tokens: SummedFigure;
  /** In US dollars. */
  cost: SummedFigure;
  /** Sources of the estimates: `genai-prices 0.1.8`, `o200k_base`, … */
  prices: string[];
  tokenizers: string[];
}

export interface SummedFigure {
  sum: number | null;
  /** How many of the values are estimated. */
  estimated: number;
  /** How many of the values are unknown. */
  unknown: number;
}

export interface Store {
  /**
   * Merges the changes into what is stored (changes.ts says how). Resolves when they are stored so that a crash of this process
   * loses none, and all reads see them; rejects if none of them may count as stored. Many may be called at a time.
   */
  write(changes: Changes): Promise<void>;
  /** Deletes after all earlier changes. Resolves when reads no longer see what was deleted. */
  remove(deletion: Deletion): Promise<void>;
  /** Deletes all that is stored by then. What arrives meanwhile stays. */
  clear(): Promise<void>;
  /** Stores what was handed in, then releases all. Later writes reject. Can be called again. */
  close(): Promise<void>;

  /** Resolves when missing usage and cost have been estimated. */
  estimated(): Promise<void>;
  /** Resolves when the search finds all that is stored, without reading texts. */
  searchable(): Promise<void>;
  /** Resolves when the store is within its bounds. */
  evicted(): Promise<void>;
  size(): Promise<StoreSize>;
  /** Resolves if the store answers. */
  ping(): Promise<void>;
  counts(): Promise<StoredCounts>;
  usage(): Promise<StoredUsage>;
  /** Explains an error of what keeps the rows, and says what to do; undefined for others. It does not ask the store. */
  problemOf(error: unknown): string | undefined;

  readonly traces: TraceReader;
  readonly observations: ObservationReader;
  readonly sessions: SessionReader;
  readonly scores: ScoreReader;
  readonly comments: CommentStore;
  readonly metrics: MetricsReader;
  /** The page's list, its facets and its chart. */
  readonly list: ListReader;
  /** The page of a trace. */
  readonly tracePage: TracePageReader;
  readonly summaries: SummaryReader;
  readonly complaints: ComplaintReader;
  readonly media: MediaStore;
  readonly export: ExportReader;
  readonly arrivals: ArrivalReader;
}
