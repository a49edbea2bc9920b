/**
 * Requests of web pages with another origin: they may create scores with a public key, as `tailrace/browser` does, and nothing
 * else. A Langfuse server lets every page try everything, as it knows its keys (web/src/features/public-api/server/cors.ts).
 * This server takes any key, so the origin decides: the page must come from this machine too.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { isLoopback } from './access.js';
import { type Access, HttpError, send } from './requests.js';

/** Where a public key alone is enough (allowedAccessLevels in web/src/pages/api/public/scores, and …/ingestion.ts). */
export const SCORE_PATHS = ['/api/public/ingestion', '/api/public/scores'];

/** `Retry-After` is read by `tailrace/browser`. */
const CORS_HEADERS = { vary: 'Origin', 'access-control-expose-headers': 'Retry-After' };

const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'POST',
  // The others are sent by LangfuseWeb, the client for pages in langfuse 3.
  'access-control-allow-headers':
    'Authorization, Content-Type, X-Langfuse-Public-Key, X-Langfuse-Sdk-Integration, X-Langfuse-Sdk-Name, X-Langfuse-Sdk-Variant, X-Langfuse-Sdk-Version',
  'access-control-max-age': '600',
};

/** Lets the page read the answer to this request, errors too. Throws if it may not send it. */
export function requireScoringPage(
  { method }: IncomingMessage,
  response: ServerResponse,
  pathname: string,
  origin: string,
): void {
  const isScoring = SCORE_PATHS.includes(pathname) && (method === 'POST' || method === 'OPTIONS');
  if (!isScoring || !isLocalOrigin(origin)) {
    throw new HttpError(403, `requests from other origins are refused: ${origin.slice(0, 200)}`);
  }
  response.setHeader('access-control-allow-origin', origin);
  for (const [name, value] of Object.entries(CORS_HEADERS)) response.setHeader(name, value);
}

/** A page that has a secret key has shown it to its visitors. */
export function requirePublicKeyOnly(access: Access): void {
  if (access === 'project') {
    throw new HttpError(403, 'a page must not have a secret key: send Authorization: Bearer <public key>');
  }
}

export function answerPreflight(response: ServerResponse): void {
  send(response, 204, 'text/plain', '', PREFLIGHT_HEADERS);
}

/** `null`, the origin of files and of sandboxed frames, is none: any site can make such a frame. */
function isLocalOrigin(origin: string): boolean {
  const [, host = ''] = /^https?:\/\/(\[[^\]]*\]|[^:/]*)(?::\d+)?$/.exec(origin) ?? [];
  // Browsers resolve names below localhost to this machine themselves.
  return isLoopback(host) || host.toLowerCase().endsWith('.localhost');
}
