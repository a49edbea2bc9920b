/** Reads a comment of a replayable export. */

import { isObject } from '../../../ingest/json-text.js';
import { COMMENT_OBJECT_TYPES, type CommentRow } from '../../store/comment-rows.js';
import { micros, mustBe, requiredId, text } from './read-fields.js';

/** Of people: more is none. Over the API they have 5000. */
const MAX_CHARS = 100_000;

/** @throws StoredEventError */
export function readStoredComment(value: unknown): CommentRow {
  if (!isObject(value)) throw mustBe('a comment', 'an object');
  const objectType = COMMENT_OBJECT_TYPES.find((type) => type === value.objectType);
  if (objectType === undefined || objectType === 'PROMPT') {
    throw mustBe('objectType', 'TRACE, OBSERVATION or SESSION');
  }
  const objectId = requiredId(value, 'objectId');
  const traceId = text(value, 'traceId');
  const isOfTrace = objectType === 'TRACE' ? traceId === objectId : traceId !== null;
  if (objectType === 'SESSION' ? traceId !== null : !isOfTrace) {
    throw mustBe('traceId', 'the trace of what the comment is on');
  }
  const content = text(value, 'content');
  if (content === null || content === '' || content.length > MAX_CHARS) {
    throw mustBe('content', 'the text of a comment');
  }
  return {
    id: requiredId(value, 'id'),
    objectType,
    objectId,
    traceId,
    content,
    authorUserId: text(value, 'authorUserId'),
    createdUs: micros(value, 'createdUs'),
    updatedUs: micros(value, 'updatedUs'),
  };
}
