/** Comments over Langfuse's public API: list, read one, create (its web/src/features/public-api/types/comments.ts). */

import { randomUUID } from 'node:crypto';
import { type BodyLimits, readJsonObject } from '../http/body.js';
import { found, HttpError, type RouteContext, sendJson } from '../http/requests.js';
import { COMMENT_OBJECT_TYPES, type CommentObjectType, type CommentRow } from '../store/comment-rows.js';
import { invalid, one, oneOf, paging } from './parameters.js';
import { isoTime, PROJECT_ID } from './row-values.js';

/** A character takes up to six bytes in JSON. */
export const COMMENT_LIMITS: BodyLimits = { maxWireBytes: 64 * 1024, maxBytes: 64 * 1024, gzip: false };
const MAX_COMMENT_CHARS = 5000;

const PARAMETERS = ['page', 'limit', 'objectType', 'objectId', 'authorUserId'];

export async function getComments({
  store,
  url: { searchParams: query },
  response,
}: RouteContext): Promise<void> {
  for (const parameter of query.keys()) {
    if (!PARAMETERS.includes(parameter))
      throw new HttpError(400, `there is no query parameter ${parameter.slice(0, 80)} here`);
  }
  const pages = paging(query);
  const objectType = oneOf(query, 'objectType', COMMENT_OBJECT_TYPES);
  const objectId = one(query, 'objectId');
  if (objectId !== null && objectType === null) throw invalid('objectType', 'given with objectId', '');
  const authorUserId = one(query, 'authorUserId');
  const { rows, totalItems } = await store.comments.page({ objectType, objectId, authorUserId }, pages);
  const meta = { ...pages, totalItems, totalPages: Math.ceil(totalItems / pages.limit) };
  sendJson(response, 200, { data: rows.map(commentObject), meta });
}

export async function getComment({ store, response }: RouteContext, id: string): Promise<void> {
  sendJson(response, 200, commentObject(found(await store.comments.find(id), 'comment', id)));
}

/** Any author will do: the receiver has no users. */
export async function postComment({ store, live, request, response }: RouteContext): Promise<void> {
  const body = await readJsonObject(request, COMMENT_LIMITS);
  const { projectId, content, objectId, objectType, authorUserId = null, ...rest } = body;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw new HttpError(400, `a comment has no field ${unknown.slice(0, 80)}`);
  const text = (field: string, value: unknown) => {
    if (typeof value !== 'string') throw new HttpError(400, `${field} must be a string`);
    return value;
  };
  text('projectId', projectId);
  const type = objectType as CommentObjectType;
  if (!COMMENT_OBJECT_TYPES.includes(type)) {
    throw new HttpError(400, `objectType must be one of ${COMMENT_OBJECT_TYPES.join(', ')}`);
  }
  const target = found(
    await store.comments.traceOf(type, text('objectId', objectId)),
    type.toLowerCase(),
    String(objectId),
  );
  const row = newComment({
    objectType: type,
    objectId: String(objectId),
    traceId: target.traceId,
    content: commentText(content),
    authorUserId: authorUserId === null ? null : text('authorUserId', authorUserId),
  });
  await store.comments.insert(row);
  // Pages show the comments of traces.
  if (row.traceId !== null) live.changed([row.traceId]);
  sendJson(response, 200, { id: row.id });
}

export function newComment(given: Omit<CommentRow, 'id' | 'createdUs' | 'updatedUs'>): CommentRow {
  const nowUs = Date.now() * 1000;
  return { id: randomUUID(), createdUs: nowUs, updatedUs: nowUs, ...given };
}

/** Without spaces at its ends. @throws HttpError 400 for what is no text of a comment. */
export function commentText(value: unknown): string {
  const text = typeof value === 'string' ? value.trim().toWellFormed() : '';
  if (text !== '' && text.length <= MAX_COMMENT_CHARS) return text;
  const got = typeof value === 'string' ? `${text.length} characters` : typeof value;
  throw new HttpError(400, `content must be a text of 1 to ${MAX_COMMENT_CHARS} characters, but got ${got}`);
}

function commentObject(row: CommentRow) {
  return {
    id: row.id,
    projectId: PROJECT_ID,
    createdAt: isoTime(row.createdUs),
    updatedAt: isoTime(row.updatedUs),
    objectType: row.objectType,
    objectId: row.objectId,
    content: row.content,
    authorUserId: row.authorUserId,
  };
}
