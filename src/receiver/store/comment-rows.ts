/** Comments of people on traces, observations and sessions, as rows. */

import type { Micros } from '../../ingest/rows.js';

export const COMMENT_OBJECT_TYPES = ['TRACE', 'OBSERVATION', 'SESSION', 'PROMPT'] as const;
export type CommentObjectType = (typeof COMMENT_OBJECT_TYPES)[number];

export interface CommentRow {
  id: string;
  objectType: CommentObjectType;
  objectId: string;
  /** Null: the comment is on a session. */
  traceId: string | null;
  content: string;
  authorUserId: string | null;
  createdUs: Micros;
  updatedUs: Micros;
}
