/** How the answers of a Langfuse server are read before what they say of each event, and of those that are not its own. */
import type { ExportOutcome, ExportResponse } from '../shared/exporter.js';
import { type Asked, excerpt, isPage, outcomeOfStatus } from '../shared/http-outcome.js';

export const OTEL_PATH = '/api/public/otel/v1/traces';
export const INGESTION_PATH = '/api/public/ingestion';

/** A shorter one is no secret, and is found in any word. */
const MIN_SECRET_CHARACTERS = 6;

/** Undefined: the server has taken the request, and says in `response` what it made of it. */
export function outcomeOfAnswer(asked: Asked, response: ExportResponse): ExportOutcome | undefined {
  const { host, pathname } = new URL(asked.url);
  const { status } = response;
  const words = excerpt(response);
  const says = words && ` It says${words}`;
  if (status === 404) {
    const older = pathname.endsWith(OTEL_PATH)
      ? ` An older self-hosted server takes no OpenTelemetry: set protocol: 'ingestion'.`
      : '';
    return {
      kind: 'failure',
      reason: `HTTP 404: ${host} has no ${pathname}: is baseUrl right?${older}${says}`,
    };
  }
  const failed = outcomeOfStatus(response, asked);
  if (failed !== undefined || !isPage(response)) return failed;
  const reason = `HTTP ${status} with a web page instead of an answer: is a proxy before ${host}, or baseUrl not its address?${says}`;
  return { kind: 'retryable', reason, misconfigured: true };
}

/** A proxy may show what it was sent: no message of ours repeats that. */
export function withoutSecrets(response: ExportResponse, secrets: readonly string[]): ExportResponse {
  const body = Buffer.from(response.body.buffer, response.body.byteOffset, response.body.byteLength);
  const shown = secrets.filter((secret) => secret.length >= MIN_SECRET_CHARACTERS && body.includes(secret));
  if (shown.length === 0) return response;
  const text = shown.reduce((words, secret) => words.replaceAll(secret, '…'), body.toString('utf8'));
  return { ...response, body: Buffer.from(text) };
}
