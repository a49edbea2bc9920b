/** Shared by all routes: their context, errors with an HTTP status, and functions that send a response. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Access, HttpError } from '../../ingest/http-error.js';
import type { PriceOverride } from '../../shared/contract/prices.js';
import type { LiveEvents } from '../page-api/live-events.js';
import type { Store } from '../store/contract.js';

export { type Access, HttpError } from '../../ingest/http-error.js';

/** The argument of a route's handler. */
export interface RouteContext {
  store: Store;
  live: LiveEvents;
  /** Prices of the application's own, which take precedence over the price list. */
  prices: readonly PriceOverride[];
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  access: Access;
  /** Makes a URL of a path of this server that needs no keys. Of `/media/ID` only. */
  openUrl(path: string): string;
  /** Whether ingest responses report what a Langfuse server would drop or change. */
  isStrict: boolean;
  /** Tells this server from every other one. */
  instance: string;
  /** Any keys will not do. */
  demandsKeys: boolean;
  /** Whether others write into the store too. */
  isShared: boolean;
  /** Traces the sample agent into this server. Undefined: whoever has started the server has none. */
  loadSample: (() => Promise<void>) | undefined;
}

/** @throws HttpError 404 if there is no such row. */
export function found<T>(row: T | undefined, what: string, id: string): T {
  if (row === undefined) throw new HttpError(404, `there is no ${what} with the id "${id.slice(0, 80)}"`);
  return row;
}

/** The client disconnected during its request: there is nobody to answer. */
export class ClientGone extends Error {}

const ERROR_NAMES: Record<number, string> = {
  400: 'InvalidRequestError',
  401: 'UnauthorizedError',
  403: 'ForbiddenError',
  404: 'NotFoundError',
  405: 'MethodNotAllowedError',
  413: 'PayloadTooLargeError',
  415: 'UnsupportedMediaTypeError',
  429: 'TooManyRequestsError',
  501: 'NotImplementedError',
};

export function sendError(response: ServerResponse, status: number, message: string, headers = {}): void {
  sendJson(response, status, { message, error: ERROR_NAMES[status] ?? 'InternalServerError' }, headers);
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  sendJsonText(response, status, JSON.stringify(body), headers);
}

export function sendJsonText(response: ServerResponse, status: number, text: string, headers = {}): void {
  send(response, status, 'application/json; charset=utf-8', text, headers);
}

export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    // Browsers show payloads by their declared type and never guess one.
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
