/** The options of `TailraceFeedback` → where scores go, or what is wrong with them. */
import type { Problem } from './warn.js';

/** Options of `TailraceFeedback`. Either `publicKey`, or `url`. */
export interface TailraceFeedbackOptions {
  /** The public key of a Langfuse project (`pk-lf-…`). Visitors of the page can read it; it can create scores and nothing else. */
  publicKey?: string | undefined;
  /** The Langfuse server. @default 'https://cloud.langfuse.com' */
  baseUrl?: string | undefined;
  /**
   * An endpoint of your own, in place of a Langfuse server: it gets each score as JSON by POST, with the page's cookies and without
   * a key. Any status from 200 to 299 means that it has the score.
   */
  url?: string | undefined;
  /** The environment of the scores. @default that of the server, 'default' */
  environment?: string | undefined;
}

export interface Destination {
  readonly url: string;
  /** Absent: an endpoint of the application. */
  readonly publicKey?: string | undefined;
}

/** Langfuse's secret keys begin so. */
const SECRET_KEY = /\bsk-/;

/**
 * Scores go by `POST /api/public/ingestion`, which takes a public key in all versions of Langfuse from 3.0 to 4.16
 * (web/src/pages/api/public/ingestion.ts, and `isAuthorized` in packages/shared/src/server/ingestion/processEventBatch.ts).
 * `POST /api/public/scores` has taken one only since 3.167 (web/src/pages/api/public/scores/index.ts).
 */
const INGESTION_PATH = '/api/public/ingestion';

export function toDestination(options: TailraceFeedbackOptions): Destination | Problem {
  const { publicKey, baseUrl = 'https://cloud.langfuse.com', url } = options;
  if (SECRET_KEY.test(`${publicKey} ${baseUrl} ${url}`) || (options as { secretKey?: unknown }).secretKey) {
    return { code: 'TAILRACE_FEEDBACK_SECRET_KEY' };
  }
  if (url) return { url: String(url) };
  // A key with other characters cannot be in a header.
  if (!/^[\x21-\x7e]+$/.test(publicKey ?? '')) return unusable('publicKey must be the public key');
  if (!/^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/i.test(baseUrl))
    return unusable('baseUrl must be an http(s) address');
  return { url: baseUrl.replace(/\/+$/, '') + INGESTION_PATH, publicKey };
}

const unusable = (detail: string): Problem => ({ code: 'TAILRACE_FEEDBACK_OPTION', detail });
