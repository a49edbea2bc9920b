/** The table of routes: method and path → handler. Langfuse's API beyond it: missing.ts. */

import { getComplaints } from '../complaints/complaint-routes.js';
import { postCollectorTraces, postLogs, postMetrics } from '../ingest/collector-routes.js';
import { postIngestion, postOtlpTraces } from '../ingest/ingest-routes.js';
import { deleteScore, deleteTrace, deleteTraces, postScore } from '../ingest/write-routes.js';
import { getMedia, getMediaContent, patchMedia, postMedia, putMediaContent } from '../media/media-routes.js';
import { getArrivals } from '../page-api/arrivals.js';
import { getModelCalls, getToolCalls } from '../page-api/calls.js';
import { getDigests, getGroupComparison } from '../page-api/compare.js';
import { getErrorGroups } from '../page-api/error-groups.js';
import { getEvents } from '../page-api/event-routes.js';
import { getFacets } from '../page-api/facets.js';
import {
  deleteAnnotation,
  deletePageComment,
  getScoreNames,
  postAnnotation,
  postPageComment,
} from '../page-api/feedback-routes.js';
import { getFoundTrace } from '../page-api/find-trace.js';
import { deleteAll, postSample } from '../page-api/list-routes.js';
import { getScoreDistributions } from '../page-api/score-distributions.js';
import { getSeries } from '../page-api/series.js';
import { getSessionDetail, getSessionList, getUserList } from '../page-api/sessions.js';
import { getStrayComplaints } from '../page-api/stray-complaints.js';
import { getObservationDetail, getTraceDetail, getTracePayloads } from '../page-api/trace-detail.js';
import { getTraceList } from '../page-api/trace-list.js';
import { getTraceMatches } from '../page-api/trace-search.js';
import { getAppPage, getAsset, getTraceLink, getTracePage } from '../pages/app-routes.js';
import { getPayloadText } from '../pages/payload-text.js';
import { getComment, getComments, postComment } from '../read/comments.js';
import { getMetricsV1, getMetricsV2 } from '../read/metrics/metrics.js';
import { getModel, getModels } from '../read/models.js';
import { getObservation, getObservations, getObservationsV2 } from '../read/observations.js';
import { getScoresV1, getScoresV2, getScoresV3, getScoreV1, getScoreV2 } from '../read/scores.js';
import { getHealth, getProjects, getReady, getServer } from '../read/service.js';
import { getSession, getSessions, getTrace, getTraces } from '../read/traces.js';
import { getExport, getExportState } from '../transfer/export/export-routes.js';
import { postImport } from '../transfer/import/import-routes.js';
import type { RouteContext } from './requests.js';

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Its groups are URL-decoded and passed to the handler. */
  path: RegExp;
  handle(context: RouteContext, ...parameters: string[]): void | Promise<void>;
}

/** Paths that need no keys. */
export const OPEN_PATHS = ['/api/public/health', '/api/public/ready', '/api/tailrace/server'];
export const API_PREFIX = '/api/public/';
export const MEDIA_PREFIX = '/media/';
/** Its body may have any length. */
export const IMPORT_PATH = '/api/tailrace/import';

export const ROUTES: Route[] = [
  { method: 'POST', path: /^\/api\/public\/otel\/v1\/traces$/, handle: (context) => postOtlpTraces(context) },
  { method: 'POST', path: /^\/v1\/traces$/, handle: postCollectorTraces },
  { method: 'POST', path: /^\/v1\/metrics$/, handle: postMetrics },
  { method: 'POST', path: /^\/v1\/logs$/, handle: postLogs },
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
  { method: 'GET', path: /^\/api\/public\/comments$/, handle: getComments },
  { method: 'POST', path: /^\/api\/public\/comments$/, handle: postComment },
  { method: 'GET', path: /^\/api\/public\/comments\/([^/]+)$/, handle: getComment },
  { method: 'GET', path: /^\/api\/public\/metrics$/, handle: getMetricsV1 },
  { method: 'GET', path: /^\/api\/public\/v2\/metrics$/, handle: getMetricsV2 },
  { method: 'GET', path: /^\/api\/public\/models$/, handle: getModels },
  { method: 'GET', path: /^\/api\/public\/models\/([^/]+)$/, handle: getModel },
  { method: 'GET', path: /^\/api\/public\/tailrace\/complaints$/, handle: getComplaints },
  { method: 'POST', path: /^\/api\/public\/media$/, handle: postMedia },
  { method: 'PATCH', path: /^\/api\/public\/media\/([^/]+)$/, handle: patchMedia },
  { method: 'GET', path: /^\/api\/public\/media\/([^/]+)$/, handle: getMedia },
  // Not under the API path, like the storage of a Langfuse server: clients use it without keys.
  { method: 'PUT', path: /^\/media\/([^/]+)$/, handle: putMediaContent },
  { method: 'GET', path: /^\/media\/([^/]+)$/, handle: getMediaContent },
  { method: 'GET', path: /^\/api\/tailrace\/server$/, handle: getServer },
  // Of the page itself.
  { method: 'GET', path: /^\/api\/tailrace\/traces$/, handle: getTraceList },
  { method: 'DELETE', path: /^\/api\/tailrace\/traces$/, handle: deleteTraces },
  { method: 'GET', path: /^\/api\/tailrace\/export$/, handle: getExport },
  { method: 'GET', path: /^\/api\/tailrace\/export-state$/, handle: getExportState },
  { method: 'POST', path: /^\/api\/tailrace\/import$/, handle: postImport },
  { method: 'GET', path: /^\/api\/tailrace\/arrivals$/, handle: getArrivals },
  { method: 'GET', path: /^\/api\/tailrace\/find-trace$/, handle: getFoundTrace },
  { method: 'GET', path: /^\/api\/tailrace\/facets$/, handle: getFacets },
  { method: 'GET', path: /^\/api\/tailrace\/series$/, handle: getSeries },
  { method: 'GET', path: /^\/api\/tailrace\/errors$/, handle: getErrorGroups },
  { method: 'GET', path: /^\/api\/tailrace\/complaints$/, handle: getStrayComplaints },
  { method: 'GET', path: /^\/api\/tailrace\/events$/, handle: getEvents },
  { method: 'GET', path: /^\/api\/tailrace\/trace\/([^/]+)$/, handle: getTraceDetail },
  { method: 'GET', path: /^\/api\/tailrace\/trace\/([^/]+)\/payloads$/, handle: getTracePayloads },
  { method: 'GET', path: /^\/api\/tailrace\/trace\/([^/]+)\/search$/, handle: getTraceMatches },
  {
    method: 'GET',
    path: /^\/api\/tailrace\/trace\/([^/]+)\/observation\/([^/]+)$/,
    handle: getObservationDetail,
  },
  { method: 'DELETE', path: /^\/api\/tailrace\/all-traces$/, handle: deleteAll },
  { method: 'POST', path: /^\/api\/tailrace\/sample$/, handle: postSample },
  { method: 'GET', path: /^\/api\/tailrace\/score-names$/, handle: getScoreNames },
  { method: 'POST', path: /^\/api\/tailrace\/trace\/([^/]+)\/scores$/, handle: postAnnotation },
  { method: 'DELETE', path: /^\/api\/tailrace\/trace\/([^/]+)\/scores\/([^/]+)$/, handle: deleteAnnotation },
  { method: 'POST', path: /^\/api\/tailrace\/trace\/([^/]+)\/comments$/, handle: postPageComment },
  {
    method: 'DELETE',
    path: /^\/api\/tailrace\/trace\/([^/]+)\/comments\/([^/]+)$/,
    handle: deletePageComment,
  },
  { method: 'GET', path: /^\/api\/tailrace\/trace\/([^/]+)\/digests$/, handle: getDigests },
  { method: 'GET', path: /^\/api\/tailrace\/sessions$/, handle: getSessionList },
  { method: 'GET', path: /^\/api\/tailrace\/session\/([^/]+)$/, handle: getSessionDetail },
  { method: 'GET', path: /^\/api\/tailrace\/users$/, handle: getUserList },
  { method: 'GET', path: /^\/api\/tailrace\/models$/, handle: getModelCalls },
  { method: 'GET', path: /^\/api\/tailrace\/tools$/, handle: getToolCalls },
  { method: 'GET', path: /^\/api\/tailrace\/scores$/, handle: getScoreDistributions },
  { method: 'GET', path: /^\/api\/tailrace\/compare$/, handle: getGroupComparison },
  { method: 'GET', path: /^\/assets\/([^/]+)$/, handle: getAsset },
  {
    method: 'GET',
    path: /^\/(?:(?:sessions|users|models|tools|scores|compare)?|session\/[^/]+)$/,
    handle: getAppPage,
  },
  { method: 'GET', path: /^\/trace\/([^/]+)$/, handle: getTracePage },
  { method: 'GET', path: /^\/project\/[^/]+\/traces\/([^/]+)$/, handle: getTraceLink },
  { method: 'GET', path: /^\/trace\/([^/]+)\/(input|output|metadata)$/, handle: getPayloadText },
  { method: 'GET', path: /^\/trace\/([^/]+)\/([^/]+)\/(input|output|metadata)$/, handle: getPayloadText },
];
