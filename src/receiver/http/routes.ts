/** The table of routes: what the receiver answers to, and who does the answering. */

import { getComplaints } from '../complaints/complaint-routes.js';
import { postIngestion, postOtlpTraces } from '../ingest/ingest-routes.js';
import { getMedia, getMediaContent, patchMedia, postMedia, putMediaContent } from '../media/media-routes.js';
import {
  getObservation,
  getObservations,
  getProjects,
  getSession,
  getSessions,
  getTrace,
  getTraces,
} from '../read/read-api.js';
import { getObservationsV2 } from '../read/read-observations.js';
import { getScoresV1, getScoresV2, getScoresV3, getScoreV1, getScoreV2 } from '../read/read-scores.js';
import { deleteScore, deleteTrace, deleteTraces, postScore } from '../read/write-api.js';
import { getHealth, getReady } from './health.js';
import { getPayloadText, getTraceLink, getTracePage, getTracesPage } from './page-routes.js';
import type { RouteContext } from './requests.js';

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Its groups, decoded, are the handler's further arguments. */
  path: RegExp;
  handle(context: RouteContext, ...parameters: string[]): void | Promise<void>;
}

/** They need no keys. */
export const openPaths = ['/api/public/health', '/api/public/ready'];
export const apiPrefix = '/api/public/';

export const routes: Route[] = [
  { method: 'POST', path: /^\/api\/public\/otel\/v1\/traces$/, handle: postOtlpTraces },
  { method: 'POST', path: /^\/api\/public\/ingestion$/, handle: postIngestion },
  { method: 'GET', path: /^\/api\/public\/health$/, handle: getHealth },
  { method: 'GET', path: /^\/api\/public\/ready$/, handle: getReady },
  { method: 'GET', path: /^\/api\/public\/projects$/, handle: getProjects },
  { method: 'GET', path: /^\/api\/public\/traces$/, handle: getTraces },
  { method: 'DELETE', path: /^\/api\/public\/traces$/, handle: deleteTraces },
  { method: 'GET', path: /^\/api\/public\/traces\/([^/]+)$/, handle: getTrace },
  { method: 'DELETE', path: /^\/api\/public\/traces\/([^/]+)$/, handle: deleteTrace },
  { method: 'GET', path: /^\/api\/public\/sessions$/, handle: getSessions },
  { method: 'GET', path: /^\/api\/public\/sessions\/([^/]+)$/, handle: getSession },
  { method: 'GET', path: /^\/api\/public\/observations$/, handle: getObservations },
  { method: 'GET', path: /^\/api\/public\/observations\/([^/]+)$/, handle: getObservation },
  { method: 'GET', path: /^\/api\/public\/v2\/observations$/, handle: getObservationsV2 },
  { method: 'GET', path: /^\/api\/public\/scores$/, handle: getScoresV1 },
  { method: 'POST', path: /^\/api\/public\/scores$/, handle: postScore },
  { method: 'GET', path: /^\/api\/public\/scores\/([^/]+)$/, handle: getScoreV1 },
  { method: 'DELETE', path: /^\/api\/public\/scores\/([^/]+)$/, handle: deleteScore },
  { method: 'GET', path: /^\/api\/public\/v2\/scores$/, handle: getScoresV2 },
  { method: 'GET', path: /^\/api\/public\/v2\/scores\/([^/]+)$/, handle: getScoreV2 },
  { method: 'GET', path: /^\/api\/public\/v3\/scores$/, handle: getScoresV3 },
  { method: 'GET', path: /^\/api\/public\/tailrace\/complaints$/, handle: getComplaints },
  { method: 'POST', path: /^\/api\/public\/media$/, handle: postMedia },
  { method: 'PATCH', path: /^\/api\/public\/media\/([^/]+)$/, handle: patchMedia },
  { method: 'GET', path: /^\/api\/public\/media\/([^/]+)$/, handle: getMedia },
  // Outside of the API, as the storage of a Langfuse server is: without keys, and a link that a page can show.
  { method: 'PUT', path: /^\/media\/([^/]+)$/, handle: putMediaContent },
  { method: 'GET', path: /^\/media\/([^/]+)$/, handle: getMediaContent },
  { method: 'GET', path: /^\/$/, handle: getTracesPage },
  { method: 'GET', path: /^\/trace\/([^/]+)$/, handle: getTracePage },
  { method: 'GET', path: /^\/project\/[^/]+\/traces\/([^/]+)$/, handle: getTraceLink },
  { method: 'GET', path: /^\/trace\/([^/]+)\/(input|output|metadata)$/, handle: getPayloadText },
  { method: 'GET', path: /^\/trace\/([^/]+)\/([^/]+)\/(input|output|metadata)$/, handle: getPayloadText },
];
