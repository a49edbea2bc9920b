/** What the public API reads and writes beside events: traces, observations, sessions, scores and comments. */

import type { Micros, ScoreDataType } from '../../../ingest/rows.js';
import type { CommentObjectType, CommentRow } from '../comment-rows.js';
import type { Condition, ObservationColumn, ScoreColumn, TraceColumn, TraceOrder } from './conditions.js';
import type {
  ObservationWithTrace,
  Page,
  Paging,
  ScoreWithTrace,
  StoredObservation,
  StoredScore,
  StoredSession,
  StoredTrace,
} from './rows.js';

/**
 * Lists throw `AnswerTooLarge` before they read rows of more than `MAX_ANSWER_BYTES`. `undefined` is the answer for an id that is
 * not stored.
 */
export interface TraceReader {
  /** Equal ones in the order of their ids. */
  page(
    conditions: readonly Condition<TraceColumn>[],
    order: TraceOrder,
    paging: Paging,
  ): Promise<Page<StoredTrace>>;
  find(id: string): Promise<StoredTrace | undefined>;
  /** The oldest first. */
  ofSession(sessionId: string): Promise<StoredTrace[]>;
  /** Those of the ids that are stored. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Ids that begin with the text, in their order. */
  withPrefix(prefix: string, limit: number): Promise<string[]>;
  /** The id of the trace that began last; `hasFailed`: of those with a failed observation. */
  last(hasFailed: boolean): Promise<string | undefined>;
  /** Whether a trace begins between the times, both included. */
  isAnyBetween(fromUs: Micros, toUs: Micros): Promise<boolean>;
  /** `default` if it has none of its own; undefined: there is no such trace. */
  environmentOf(id: string): Promise<string | undefined>;
}

/** Where a page of observations ended: the next one begins after it. */
export interface ObservationPosition {
  us: Micros;
  traceId: string;
  id: string;
}

export interface ObservationReader {
  /** The latest start first, equal ones in the order of their ids. */
  page(conditions: readonly Condition<ObservationColumn>[], paging: Paging): Promise<Page<StoredObservation>>;
  /** By start (unknown ones are 0), trace and id, each downwards, from `after` on; null: from the beginning. */
  next(
    conditions: readonly Condition<ObservationColumn>[],
    after: ObservationPosition | null,
    limit: number,
  ): Promise<ObservationWithTrace[]>;
  /** By its id alone, which need not be unique: the one that arrived first. */
  find(id: string): Promise<StoredObservation | undefined>;
  findOfTrace(traceId: string, id: string): Promise<StoredObservation | undefined>;
  /** Whether the trace has it. Reads no payloads. */
  has(traceId: string, id: string): Promise<boolean>;
  /**
   * Some at a time, ordered by start, equal ones by arrival. A trace may have 100,000.
   *
   * @throws AnswerTooLarge before the first ones, if they are too large together.
   */
  ofTrace(traceId: string): AsyncIterable<readonly StoredObservation[]>;
  /** Of each trace the ids of its observations. */
  idsOfTraces(traceIds: readonly string[]): Promise<ReadonlyMap<string, string[]>>;
}

export interface SessionReader {
  /** The latest creation first, equal ones in the order of their ids. `environments`: any of them; empty: any. */
  page(
    filter: { fromUs: Micros | null; toUs: Micros | null; environments: readonly string[] },
    paging: Paging,
  ): Promise<Page<StoredSession>>;
  find(id: string): Promise<StoredSession | undefined>;
}

export interface ScorePosition {
  us: Micros;
  id: string;
}

export interface ScoreReader {
  /** The latest first, equal ones in the order of their ids. */
  page(conditions: readonly Condition<ScoreColumn>[], paging: Paging): Promise<Page<ScoreWithTrace>>;
  /** By time and id, both downwards, from `after` on; null: from the beginning. */
  next(
    conditions: readonly Condition<ScoreColumn>[],
    after: ScorePosition | null,
    limit: number,
  ): Promise<StoredScore[]>;
  find(id: string): Promise<StoredScore | undefined>;
  /** Of each trace and its observations, the oldest first. */
  ofTraces(traceIds: readonly string[]): Promise<ReadonlyMap<string, StoredScore[]>>;
  /** On the session itself, the oldest first, at most `limit`. */
  ofSession(sessionId: string, limit: number): Promise<StoredScore[]>;
  /** Whether the score is one of a person (source ANNOTATION), on this trace or one of its observations. */
  isAnnotation(traceId: string, scoreId: string): Promise<boolean>;
  /** The id of the score that a person gave before under the same name on the same. */
  findAnnotation(key: AnnotationKey): Promise<string | undefined>;
  /** Names in use, of the newest scores, the most frequent first; without corrections. */
  names(): Promise<ScoreName[]>;
}

export interface AnnotationKey {
  traceId: string;
  /** Null: the trace itself. */
  observationId: string | null;
  name: string;
  dataType: ScoreDataType;
}

export interface ScoreName {
  name: string;
  dataType: ScoreDataType;
  /** Of a CATEGORICAL score: texts in use, the most frequent first. */
  values: string[];
}

/** Null: any. */
export interface CommentQuery {
  objectType: CommentObjectType | null;
  objectId: string | null;
  authorUserId: string | null;
}

/** Comments go with their trace, or with the last trace of their session. */
export interface CommentStore {
  /** The oldest first, equal ones by trace (or object) and arrival: the same on a server that they were imported into. */
  page(query: CommentQuery, paging: Paging): Promise<Page<CommentRow>>;
  find(id: string): Promise<CommentRow | undefined>;
  /** On the trace and its observations, the oldest first. */
  ofTrace(traceId: string, limit: number): Promise<CommentRow[]>;
  /** The trace of what a comment is on (null: a session has none); undefined: that is not stored. */
  traceOf(objectType: CommentObjectType, objectId: string): Promise<{ traceId: string | null } | undefined>;
  insert(row: CommentRow): Promise<void>;
  /** Stores a comment as another server had it, over one with its id. False: nothing is stored that it is on. */
  restore(row: CommentRow): Promise<boolean>;
  /** False: the trace has no such comment. */
  update(traceId: string, id: string, content: string, updatedUs: Micros): Promise<boolean>;
  /** False: the trace has no such comment. */
  remove(traceId: string, id: string): Promise<boolean>;
}
