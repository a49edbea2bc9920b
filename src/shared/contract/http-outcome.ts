/** Turns an HTTP status into the outcome of a request. */

import { systemNow } from '../runtime/real-time.js';
import { printable } from '../untrusted-text/printable.js';
import { excerpt, redactOrigin, type Sent } from '../untrusted-text/untrusted-text.js';
import type { ExportOutcome, ExportResponse } from './exporter.js';

/** Statuses that a retry does not change: the server does not know the method, or the version of HTTP. */
const PERMANENT = new Set([501, 505]);
/** The bytes of a body that show whether it is a page. */
const PAGE_START_BYTES = 200;
const MAX_RETRY_AFTER_MS = 300_000;

/** The request, for a reason that says what is wrong with the configuration. */
export interface Asked {
  readonly url: string;
  readonly publicKey?: string | undefined;
  readonly sent?: Sent;
}

/** Undefined for a 2xx, where the body decides. */
export function outcomeOfStatus(response: ExportResponse, asked?: Asked): ExportOutcome | undefined {
  const { status, headers } = response;
  if (status >= 200 && status < 300) return undefined;
  // Neither is about these events: the key or the address has to be corrected.
  if (status === 401 || status === 403) {
    const reason = `HTTP ${status}: ${refusedKey(asked)}${excerpt(response, asked?.sent)}`;
    return { kind: 'retryable', reason, misconfigured: true };
  }
  if (status >= 300 && status < 400) {
    const reason = `HTTP ${status}: ${redirection(response, asked)}`;
    return { kind: 'retryable', reason, misconfigured: true };
  }
  const reason = `HTTP ${status}${excerpt(response, asked?.sent)}`;
  if (status === 413) return { kind: 'too-large', reason };
  if (!isRetryable(status)) return { kind: 'failure', reason };
  const retryAfterMs = parseRetryAfter(headers['retry-after'], systemNow());
  return retryAfterMs === undefined
    ? { kind: 'retryable', reason }
    : { kind: 'retryable', reason, retryAfterMs };
}

/**
 * OTLP/HTTP names 429, 502, 503 and 504 ("Retryable Response Codes"). Langfuse's servers answer 408 and 500 when they are
 * restarted or busy, and the proxies in front of them answer 507, 520 to 530 and others.
 */
export function isRetryable(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && !PERMANENT.has(status));
}

/** Never shows the secret key, even if it was given as the public key. */
function refusedKey(asked: Asked | undefined): string {
  if (asked === undefined) return 'are the keys right for this server?';
  const { publicKey } = asked;
  const host = hostOf(asked.url);
  if (publicKey === undefined) return `are the keys right for ${host}?`;
  if (/^sk-/i.test(publicKey) || asked.sent?.secrets.includes(publicKey))
    return `${host} does not take the keys: publicKey looks like a secret key`;
  return `${host} does not take public key ${printable(publicKey)} with its secret key`;
}

/** A redirection is never followed: the keys are for the configured server. Only known parts of the target's origin are shown. */
function redirection({ headers }: ExportResponse, asked: Asked | undefined): string {
  const location = String(headers.location ?? '');
  const from = asked === undefined ? 'the server' : hostOf(asked.url);
  const known =
    location !== '' && URL.canParse(location, asked?.url) ? new URL(location, asked?.url) : undefined;
  const isSame = known?.origin === (asked && new URL(asked.url).origin);
  const own = asked === undefined ? [] : [hostOf(asked.url), new URL(asked.url).hostname];
  const to =
    known === undefined
      ? 'nowhere'
      : isSame
        ? 'another path of its own'
        : redactOrigin(known, own, asked?.sent);
  return `${from} redirects to ${to}, which is not followed with keys: should baseUrl name another address?`;
}

function hostOf(url: string): string {
  return new URL(url).host;
}

/** Seconds or an HTTP date (RFC 9110, section 10.2.3), as milliseconds from `now`, at most five minutes. */
export function parseRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

/** Whether the answer is a page for people: it begins with markup, whatever its content type is. */
export function isPage({ body }: ExportResponse): boolean {
  return /^\s*</.test(Buffer.from(body.subarray(0, PAGE_START_BYTES)).toString('utf8').replace('\uFEFF', ''));
}
