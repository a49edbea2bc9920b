/** What an HTTP status means for a request, and how a server's words are shown. */
import type { ExportOutcome, ExportResponse } from './exporter.js';

/** OTLP/HTTP, "Retryable Response Codes", and what Langfuse's servers answer when they are restarted or busy. */
const RETRYABLE = new Set([408, 429, 500, 502, 503, 504]);
const SHOWN_CHARACTERS = 200;
const MAX_RETRY_AFTER_MS = 300_000;

/** Undefined for a 2xx, whose body decides. */
export function outcomeOfStatus(response: ExportResponse): ExportOutcome | undefined {
  const { status, headers } = response;
  if (status >= 200 && status < 300) return undefined;
  const reason = `HTTP ${status}${status === 401 || status === 403 ? ' (are the keys right for this server?)' : ''}${excerpt(response)}`;
  if (status === 413) return { kind: 'too-large', reason };
  if (!RETRYABLE.has(status)) return { kind: 'failure', reason };
  const retryAfterMs = parseRetryAfter(headers['retry-after'], Date.now());
  return retryAfterMs === undefined
    ? { kind: 'retryable', reason }
    : { kind: 'retryable', reason, retryAfterMs };
}

export function isRetryable(status: number): boolean {
  return RETRYABLE.has(status);
}

/** Seconds or an HTTP date (RFC 9110, section 10.2.3), as milliseconds from `now`, at most five minutes. */
export function parseRetryAfter(header: string | string[] | undefined, now: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

/** The start of the body: proxies answer HTML, servers JSON. */
function excerpt({ body }: ExportResponse): string {
  const words = excerptOf(Buffer.from(body.subarray(0, 4 * SHOWN_CHARACTERS)).toString('utf8'));
  return words === '' ? '' : `: ${words}`;
}

/** The start of a server's words on one line. */
export function excerptOf(text: string): string {
  const words = text
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return words.slice(0, SHOWN_CHARACTERS);
}
