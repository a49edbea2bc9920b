/** The JSON of scores and comments: those that are there, and those that a person gives. */

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
