/** The table of routes: what the receiver answers to, and who does the answering. */

import { getComplaints } from './complaint-routes.js';
import { getHealth } from './health.js';
import type { RouteContext } from './http.js';
import { postIngestion, postOtlpTraces } from './ingest-routes.js';
import { getMedia, getMediaContent, patchMedia, postMedia, putMediaContent } from './media-routes.js';
import { getPayloadText, getTracePage, getTracesPage } from './page-routes.js';
import { getObservation, getObservations, getScore, getScores, getTrace, getTraces } from './read-api.js';

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Its groups, decoded, are the handler's further arguments. */
  path: RegExp;
  handle(context: RouteContext, ...parameters: string[]): void | Promise<void>;
}

export const healthPath = '/api/public/health';
export const apiPrefix = '/api/public/';

export const routes: Route[] = [
  { method: 'POST', path: /^\/api\/public\/otel\/v1\/traces$/, handle: postOtlpTraces },
  { method: 'POST', path: /^\/api\/public\/ingestion$/, handle: postIngestion },
  { method: 'GET', path: /^\/api\/public\/health$/, handle: getHealth },
  { method: 'GET', path: /^\/api\/public\/traces$/, handle: getTraces },
  { method: 'GET', path: /^\/api\/public\/traces\/([^/]+)$/, handle: getTrace },
  { method: 'GET', path: /^\/api\/public\/observations$/, handle: getObservations },
  { method: 'GET', path: /^\/api\/public\/observations\/([^/]+)$/, handle: getObservation },
  // Two versions of Langfuse's API, with the same fields as far as this receiver has them.
  { method: 'GET', path: /^\/api\/public\/(?:v2\/)?scores$/, handle: getScores },
  { method: 'GET', path: /^\/api\/public\/(?:v2\/)?scores\/([^/]+)$/, handle: getScore },
  { method: 'GET', path: /^\/api\/public\/tailrace\/complaints$/, handle: getComplaints },
  { method: 'POST', path: /^\/api\/public\/media$/, handle: postMedia },
  { method: 'PATCH', path: /^\/api\/public\/media\/([^/]+)$/, handle: patchMedia },
  { method: 'GET', path: /^\/api\/public\/media\/([^/]+)$/, handle: getMedia },
  // Outside of the API, as the storage of a Langfuse server is: without keys, and a link that a page can show.
  { method: 'PUT', path: /^\/media\/([^/]+)$/, handle: putMediaContent },
  { method: 'GET', path: /^\/media\/([^/]+)$/, handle: getMediaContent },
  { method: 'GET', path: /^\/$/, handle: getTracesPage },
  { method: 'GET', path: /^\/trace\/([^/]+)$/, handle: getTracePage },
  { method: 'GET', path: /^\/trace\/([^/]+)\/(input|output|metadata)$/, handle: getPayloadText },
  { method: 'GET', path: /^\/trace\/([^/]+)\/([^/]+)\/(input|output|metadata)$/, handle: getPayloadText },
];
