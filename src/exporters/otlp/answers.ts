/** Reads the answers of a collector, strictly by "OTLP/HTTP Response" in the OTLP specification. */

import type { ExportOutcome, ExportResponse } from '../../shared/contract/exporter.js';
import { parseRetryAfter } from '../../shared/contract/http-outcome.js';
import { systemNow } from '../../shared/runtime/real-time.js';
import { excerpt, type Sent } from '../../shared/untrusted-text/untrusted-text.js';
import { messageOfStatus, outcomeOfOtlp } from './response.js';

/** "All other 4xx or 5xx response status codes MUST NOT be retried." */
const RETRYABLE = new Set([429, 502, 503, 504]);

/** Answers about the address or the credentials, and not about the spans. */
const ABOUT_THE_ADDRESS = new Set([401, 403, 404, 405, 407]);

/**
 * For whoever can send the spans elsewhere, or keep them until somebody corrects the configuration. An exporter with one server cannot:
 * there such an answer is a failure.
 */
export function keptIfMisconfigured(status: number, outcome: ExportOutcome): ExportOutcome {
  const isRedirection = status >= 300 && status < 400;
  if (outcome.kind !== 'failure' || !(isRedirection || ABOUT_THE_ADDRESS.has(status))) return outcome;
  return { kind: 'retryable', reason: outcome.reason, misconfigured: true };
}

export function outcomeOfCollector(
  host: string,
  response: ExportResponse,
  warning: (topic: string, message: string) => void,
  sent: Sent,
): ExportOutcome {
  const { status, headers } = response;
  if (status >= 200 && status < 300) return outcomeOfOtlp(response, warning, sent);
  const message = messageOfStatus(response, sent);
  const reason = `HTTP ${status} of ${host}${message === '' ? excerpt(response, sent) : `: ${message}`}`;
  // The halves of a request are other requests, so they may be sent.
  if (status === 413) return { kind: 'too-large', reason };
  if (status >= 300 && status < 400) {
    return { kind: 'failure', reason: `${reason}: a redirection, which is not followed with credentials` };
  }
  if (!RETRYABLE.has(status)) return { kind: 'failure', reason };
  const retryAfterMs = parseRetryAfter(headers['retry-after'], systemNow());
  return retryAfterMs === undefined
    ? { kind: 'retryable', reason }
    : { kind: 'retryable', reason, retryAfterMs };
}
