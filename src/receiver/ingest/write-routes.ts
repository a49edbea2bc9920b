/** Routes of Langfuse's public API that write: create a score, delete scores and traces. */

import { randomUUID } from 'node:crypto';
import { readIngestion } from '../../ingest/classic/ingestion.js';
import { type BodyLimits, readJsonObject } from '../http/body.js';
import { HttpError, type RouteContext, sendJson } from '../http/requests.js';
import { atOnce } from '../slices.js';

/** The limit of ingestion. */
const MAX_BODY_BYTES = 4.5 * 1024 * 1024;
const LIMITS: BodyLimits = { maxWireBytes: MAX_BODY_BYTES, maxBytes: MAX_BODY_BYTES, gzip: false };
const MAX_DELETED_TRACES = 1000;

/** Validated like a score-create event. */
export async function postScore({ store, request, response }: RouteContext): Promise<void> {
  const body = await readJsonObject(request, LIMITS);
  if (body.source === 'EVAL')
    throw new HttpError(
      400,
      'source must be API or ANNOTATION, but got: EVAL, which is for evaluators of the server',
    );
  // An empty id counts as absent, as on the server.
  const id = body.id === '' || body.id === undefined || body.id === null ? randomUUID() : body.id;
  const timestamp = new Date().toISOString();
  const event = { id: randomUUID(), type: 'score-create', timestamp, body: { ...body, id } };
  const { changes, answer } = atOnce(readIngestion({ batch: [event] }));
  const [error] = answer.errors;
  if (error !== undefined) throw new HttpError(error.status, error.message);
  await store.write(changes);
  sendJson(response, 200, { id });
}

/** 202 whether or not the score exists, as on the server, which deletes later. */
export async function deleteScore({ store, response }: RouteContext, id: string): Promise<void> {
  await store.remove({ scoreIds: [id] });
  sendJson(response, 202, { message: 'The score is deleted' });
}

export async function deleteTrace({ store, response }: RouteContext, id: string): Promise<void> {
  await store.remove({ traceIds: [id] });
  sendJson(response, 200, { message: 'The trace is deleted' });
}

export async function deleteTraces({ store, request, response }: RouteContext): Promise<void> {
  const { traceIds, ...rest } = await readJsonObject(request, LIMITS);
  const isList =
    Array.isArray(traceIds) &&
    traceIds.length > 0 &&
    traceIds.length <= MAX_DELETED_TRACES &&
    traceIds.every((id) => typeof id === 'string');
  if (!isList || Object.keys(rest).length > 0) {
    throw new HttpError(
      400,
      `the body must be {"traceIds": […]} with 1 to ${MAX_DELETED_TRACES} ids of traces and nothing else`,
    );
  }
  await store.remove({ traceIds: traceIds as string[] });
  sendJson(response, 200, { message: 'The traces are deleted' });
}
