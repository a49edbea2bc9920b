/** The HTTP server: checks access, finds the route, and turns errors into responses. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { PriceOverride } from '../../shared/contract/prices.js';
import { idOfSegment } from '../../viewer/path-segments.js';
import { COLLECTOR_PATHS } from '../ingest/collector-routes.js';
import { sendOtlpError } from '../ingest/otlp/status.js';
import type { LiveEvents } from '../page-api/live-events.js';
import { PAGE_API_PREFIX, requireOwnPage } from '../page-api/own-page.js';
import { sendDocument } from '../pages/app-routes.js';
import { firstTurn } from '../slices.js';
import { AnswerTooLarge, type Store } from '../store/contract.js';
import { accessOf, otherOriginOf, type Reach, requireOwnHost } from './access.js';
import { discardBody, releaseBody } from './body.js';
import { createUrlSigner, type KeyCheck, type UrlSigner } from './keys.js';
import { refuseMissing } from './missing.js';
import { answerPreflight, requirePublicKeyOnly, requireScoringPage, SCORE_PATHS } from './pages-elsewhere.js';
import { ClientGone, HttpError, type RouteContext, send, sendError } from './requests.js';
import { API_PREFIX, IMPORT_PATH, MEDIA_PREFIX, OPEN_PATHS, ROUTES } from './routes.js';

/** A client on the same machine never needs longer for one request. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than clients keep an idle connection, so that the client closes it first and never sends on a closed one. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;

interface ServerOptions {
  isStrict: boolean;
  instance: string;
  live: LiveEvents;
  /** Take precedence over the price list. */
  prices: readonly PriceOverride[];
  reach: Reach;
  /** Undefined: any keys will do, and only the API needs some. */
  keys: KeyCheck | undefined;
  /** Whether others write into the store too. */
  isShared: boolean;
  loadSample: RouteContext['loadSample'];
}

interface Service extends ServerOptions {
  store: Store;
  signer: UrlSigner;
}

export function createReceiverServer(store: Store, options: ServerOptions): Server {
  const service: Service = { store, signer: createUrlSigner(), ...options };
  const server = createServer({
    // An import may take longer: see limitTime.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  });
  server.on('request', (request, response) => {
    // An aborted request emits errors on both; the handler gets ClientGone.
    request.on('error', () => {});
    if (!request.url?.startsWith(IMPORT_PATH)) limitTime(request);
    response.on('error', () => {});
    // While the server closes, answered connections are closed at once.
    response.on('close', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    answer(service, request, response)
      .catch((error: unknown) => answerError(error, service, request, response))
      .finally(() => releaseBody(request));
  });
  return server;
}

/** A client that stops in the middle of its body is cut off. */
function limitTime(request: IncomingMessage): void {
  const timer = setTimeout(() => request.destroy(), REQUEST_TIMEOUT_MS).unref();
  const stop = () => clearTimeout(timer);
  request.on('end', stop).on('close', stop);
}

async function answer(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { store, live, prices, isStrict, instance, reach, keys, isShared, signer, loadSample } = service;
  requireOwnHost(request, reach);
  const url = parseUrl(request.url ?? '/');
  const origin = otherOriginOf(request, reach);
  if (url.pathname.startsWith(PAGE_API_PREFIX)) requireOwnPage(request);
  if (origin !== undefined) {
    requireScoringPage(request, response, url.pathname, origin);
    if (request.method === 'OPTIONS') return answerPreflight(response);
  }
  const access = needsKeys(url, service) ? accessOf(request, keys) : 'project';
  if (origin !== undefined) requirePublicKeyOnly(access);
  if (access === 'scores' && (request.method !== 'POST' || !SCORE_PATHS.includes(url.pathname))) {
    throw new HttpError(
      403,
      'a public key alone may only create scores: send Basic auth with publicKey:secretKey',
    );
  }
  // Responses may be large: each GET gets a turn of the event loop of its own.
  if (request.method === 'GET') await firstTurn();
  // The Host header is how this client reaches the server.
  const openUrl = (path: string) =>
    `http://${request.headers.host}${keys === undefined ? path : signer.sign(path)}`;
  const demandsKeys = keys !== undefined;
  await dispatch({
    ...{ store, live, prices, isStrict, instance, demandsKeys, isShared },
    ...{ request, response, url, access, openUrl, loadSample },
  });
}

function needsKeys(url: URL, { keys, signer }: Service): boolean {
  if (OPEN_PATHS.includes(url.pathname)) return false;
  if (keys === undefined) return url.pathname.startsWith(API_PREFIX);
  return !(url.pathname.startsWith(MEDIA_PREFIX) && signer.isSigned(url));
}

async function dispatch(context: RouteContext): Promise<void> {
  const { request, url } = context;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const allowed: string[] = [];
  for (const route of ROUTES) {
    const match = route.path.exec(url.pathname);
    if (match === null) continue;
    if (route.method === method) {
      const decode = url.pathname.startsWith(API_PREFIX) ? decodeURIComponent : idOfSegment;
      await route.handle(context, ...match.slice(1).map((part) => decodePart(part, decode)));
      return;
    }
    allowed.push(route.method);
  }
  refuseMissing(url.pathname);
  if (allowed.length === 0) throw new HttpError(404, `there is nothing at ${url.pathname.slice(0, 200)}`);
  throw new HttpError(405, `${request.method} is not allowed here, only ${allowed.join(', ')}`, {
    allow: allowed.join(', '),
  });
}

function parseUrl(target: string): URL {
  try {
    // Only path and query matter; a target that begins with // must not be parsed as another host.
    return new URL(`http://localhost${target.startsWith('/') ? target : `/${target}`}`);
  } catch {
    throw new HttpError(400, 'the URL cannot be read');
  }
}

/** Langfuse's API takes an id as it is; paths of the page have a form for each id. */
function decodePart(part: string, decode: (part: string) => string): string {
  try {
    return decode(part);
  } catch {
    throw new HttpError(400, `the URL holds a wrong percent-encoding: ${part.slice(0, 80)}`);
  }
}

function answerError(
  error: unknown,
  { store }: Service,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (error instanceof ClientGone) return;
  const answer = error instanceof HttpError ? error : faultOf(error, store);
  const { status, message, headers } = answer;
  // Browsers get the page, which says that there is nothing, or the message; OTLP's clients its Status, others JSON.
  const [path = ''] = (request.url ?? '').split('?', 1);
  const wantsPage = !path.startsWith('/api/') && request.headers.accept?.includes('text/html');
  if (COLLECTOR_PATHS.includes(path)) sendOtlpError(request, response, answer);
  else if (wantsPage && status === 404) sendDocument(request, response, 404);
  else if (wantsPage) send(response, status, 'text/plain; charset=utf-8', message, headers);
  else sendError(response, status, message, headers);
  discardBody(request);
}

function faultOf(error: unknown, store: Store): HttpError {
  if (error instanceof AnswerTooLarge) return new HttpError(400, error.message);
  const message = store.problemOf(error) ?? (error instanceof Error ? error.message : String(error));
  return new HttpError(500, `the receiver failed: ${message}`);
}
