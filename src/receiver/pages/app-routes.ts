/** Routes of the page: its document at each of its addresses, and its files. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { segmentOf } from '../../viewer/path-segments.js';
import { HttpError, type RouteContext, send } from '../http/requests.js';
import { DOCUMENT, type PageFile, pageFile } from './page-files.js';

/**
 * A second defence: a payload that gets past the page's own care can run and fetch nothing. Browsers that know trusted types
 * refuse HTML from a text, wherever it comes from.
 */
const CONTENT_SECURITY_POLICY = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `connect-src 'self'`,
  `img-src 'self' data:`,
  `media-src 'self' data:`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
  `require-trusted-types-for 'script'`,
  `trusted-types 'none'`,
].join('; ');

export const DOCUMENT_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'referrer-policy': 'no-referrer',
};

/** The URL of a trace on a Langfuse server, which clients build links with. */
export function getTraceLink({ response }: RouteContext, id: string): void {
  send(response, 302, 'text/plain; charset=utf-8', '', { location: `/trace/${segmentOf(id)}` });
}

export function getAppPage({ request, response }: RouteContext): void {
  sendDocument(request, response, 200);
}

/** 404 for an unknown trace: the page says so itself, programs read the status. */
export async function getTracePage({ store, request, response }: RouteContext, id: string): Promise<void> {
  const known = await store.traces.known([id]);
  sendDocument(request, response, known.has(id) ? 200 : 404);
}

const MISSING = 'the files of the page are missing: install tailrace again';

export function sendDocument(request: IncomingMessage, response: ServerResponse, status: number): void {
  const file = pageFile(DOCUMENT);
  if (file !== undefined) sendFile(request, response, status, file, DOCUMENT_HEADERS);
  // Not an exception: errors are answered with the document too.
  else send(response, 500, 'text/plain; charset=utf-8', MISSING);
}

/** Their names hold a hash of their content. */
const FOR_EVER = { 'cache-control': 'public, max-age=31536000, immutable' };

export function getAsset({ request, response }: RouteContext, name: string): void {
  const file = name === DOCUMENT ? undefined : pageFile(name);
  if (file === undefined) throw new HttpError(404, `the page has no file "${name.slice(0, 80)}"`);
  sendFile(request, response, 200, file, FOR_EVER);
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  { type, content, gzipped }: PageFile,
  headers: Record<string, string>,
): void {
  const isCompressed = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const encoding: Record<string, string> = isCompressed ? { 'content-encoding': 'gzip' } : {};
  const body = isCompressed ? gzipped : content;
  send(response, status, type, body, { vary: 'Accept-Encoding', ...encoding, ...headers });
}
