/** Reads the answers of a Langfuse server, and of proxies before it, as far as they concern the request as a whole. */
import type { ExportOutcome, ExportResponse } from '../../shared/contract/exporter.js';
import { type Asked, isPage, outcomeOfStatus } from '../../shared/contract/http-outcome.js';
import { excerpt } from '../../shared/untrusted-text/untrusted-text.js';
import type { IngestionOutcome } from './ingestion.js';

export const OTEL_PATH = '/api/public/otel/v1/traces';
export const INGESTION_PATH = '/api/public/ingestion';

/** Undefined: the server has accepted the request, and `response` says what became of each event. */
export function outcomeOfAnswer(asked: Asked, response: ExportResponse): ExportOutcome | undefined {
  const { host, pathname } = new URL(asked.url);
  const { status } = response;
  const says = (): string => {
    const words = excerpt(response, asked.sent);
    return words && ` It says${words}`;
  };
  if (status === 404) {
    const older = pathname.endsWith(OTEL_PATH)
      ? ` An older self-hosted server takes no OpenTelemetry: set protocol: 'ingestion'.`
      : '';
    return {
      kind: 'failure',
      reason: `HTTP 404: ${host} has no ${pathname}: is baseUrl right?${older}${says()}`,
    };
  }
  const failed = outcomeOfStatus(response, asked);
  if (failed !== undefined || !isPage(response)) return failed;
  const reason = `HTTP ${status} with a web page instead of an answer: is a proxy before ${host}, or baseUrl not its address?${says()}`;
  return { kind: 'retryable', reason, misconfigured: true };
}

/** The endpoint does not exist, or does not accept this. */
const NO_ENDPOINT = new Set([404, 405, 410, 501]);

/**
 * Updates of traces beside spans are `trace-create` events over the ingestion endpoint, for servers that keep traces of their
 * own (Langfuse 3, and Langfuse 4 while it writes the older tables). Another Langfuse 4 server refuses them and needs none, as
 * it reads the spans: so a refusal is no failure. `read` reads the answer as for other events.
 */
export function outcomeOfTraceUpdate(
  { status }: ExportResponse,
  read: () => IngestionOutcome,
): ExportOutcome {
  if (NO_ENDPOINT.has(status)) return { kind: 'success' };
  const outcome = read();
  if (outcome.kind !== 'partial') return outcome;
  const refused = outcome.refused.filter(({ meaning }) => meaning !== 'notAccepted');
  return refused.length === 0 ? { kind: 'success' } : { kind: 'partial', refused };
}
