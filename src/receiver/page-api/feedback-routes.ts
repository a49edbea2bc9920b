/** The page's own writes: scores of a person (source ANNOTATION) and comments, on a trace or one of its observations. */

import { randomUUID } from 'node:crypto';
import { readIngestion } from '../../ingest/classic/ingestion.js';
import type { ScoreName } from '../../viewer/data/feedback.js';
import { type BodyLimits, readJsonObject } from '../http/body.js';
import { found, HttpError, type RouteContext, sendJson } from '../http/requests.js';
import { COMMENT_LIMITS, commentText, newComment } from '../read/comments.js';
import { atOnce } from '../slices.js';
import type { Store } from '../store/contract.js';
import { sendData } from './answers.js';

const SCORE_LIMITS: BodyLimits = { maxWireBytes: 64 * 1024, maxBytes: 64 * 1024, gzip: false };

/** `GET /api/tailrace/score-names` */
export async function getScoreNames(context: RouteContext): Promise<void> {
  const names: ScoreName[] = await context.store.scores.names();
  await sendData(context, names);
}

/**
 * `POST /api/tailrace/trace/ID/scores`. With an `id` it changes that score. Without one it replaces the score that was given
 * under the same name and type on the same, as Langfuse's page does.
 */
export async function postAnnotation(
  { store, request, response }: RouteContext,
  traceId: string,
): Promise<void> {
  const {
    id: givenId,
    observationId,
    name,
    dataType,
    value,
    comment,
    ...rest
  } = await readJsonObject(request, SCORE_LIMITS);
  refuseOthers(rest);
  const environment = found(await store.traces.environmentOf(traceId), 'trace', traceId);
  const target = await targetOf(store, traceId, observationId);
  if (givenId !== undefined) await requireAnnotation(store, traceId, String(givenId));
  const event = {
    id: randomUUID(),
    type: 'score-create',
    timestamp: new Date().toISOString(),
    body: { id: randomUUID(), traceId, observationId: target, name, dataType, value, comment, environment },
  };
  const { changes, answer } = atOnce(readIngestion({ batch: [event] }));
  const [score] = changes.scores;
  if (score === undefined) throw new HttpError(400, answer.errors[0]?.message ?? 'the score is invalid');
  score.source = 'ANNOTATION';
  score.id =
    givenId === undefined
      ? ((await store.scores.findAnnotation({ ...score, traceId })) ?? score.id)
      : String(givenId);
  await store.write(changes);
  sendJson(response, 200, { id: score.id });
}

/** `DELETE /api/tailrace/trace/ID/scores/ID` */
export async function deleteAnnotation(
  { store, response }: RouteContext,
  traceId: string,
  id: string,
): Promise<void> {
  await requireAnnotation(store, traceId, id);
  await store.remove({ scoreIds: [id] });
  sendJson(response, 200, { id });
}

/** `POST /api/tailrace/trace/ID/comments`. With an `id` it changes that comment. */
export async function postPageComment(
  { store, live, request, response }: RouteContext,
  traceId: string,
): Promise<void> {
  const { id, observationId, content, ...rest } = await readJsonObject(request, COMMENT_LIMITS);
  refuseOthers(rest);
  found(await store.traces.environmentOf(traceId), 'trace', traceId);
  const text = commentText(content);
  if (id !== undefined) {
    if (!(await store.comments.update(traceId, String(id), text, Date.now() * 1000))) {
      throw noSuchComment(String(id));
    }
    live.changed([traceId]);
    sendJson(response, 200, { id });
    return;
  }
  const target = await targetOf(store, traceId, observationId);
  const row = newComment({
    objectType: target === null ? 'TRACE' : 'OBSERVATION',
    objectId: target ?? traceId,
    traceId,
    content: text,
    authorUserId: null,
  });
  await store.comments.insert(row);
  live.changed([traceId]);
  sendJson(response, 200, { id: row.id });
}

/** `DELETE /api/tailrace/trace/ID/comments/ID` */
export async function deletePageComment(
  { store, live, response }: RouteContext,
  traceId: string,
  id: string,
): Promise<void> {
  if (!(await store.comments.remove(traceId, id))) throw noSuchComment(id);
  live.changed([traceId]);
  sendJson(response, 200, { id });
}

function refuseOthers(rest: object): void {
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) throw new HttpError(400, `there is no field ${unknown.slice(0, 80)} here`);
}

/** The id of the observation; null: the trace itself. */
async function targetOf(store: Store, traceId: string, observationId: unknown): Promise<string | null> {
  if (observationId === undefined || observationId === null) return null;
  const id = String(observationId);
  if (await store.observations.has(traceId, id)) return id;
  throw new HttpError(404, `the trace has no observation with the id "${id.slice(0, 80)}"`);
}

/** Scores that came over the API belong to the application. */
async function requireAnnotation(store: Store, traceId: string, id: string): Promise<void> {
  if (await store.scores.isAnnotation(traceId, id)) return;
  throw new HttpError(404, `the trace has no score of the page with the id "${id.slice(0, 80)}"`);
}

function noSuchComment(id: string): HttpError {
  return new HttpError(404, `the trace has no comment with the id "${id.slice(0, 80)}"`);
}
