/** A Langfuse server as a target: spans go to its OTLP endpoint as they are, scores and updates of traces to its ingestion API. */
import type { HttpRequest, Transport } from '../../consumer/transport/transport.js';
import {
  INGESTION_PATH,
  OTEL_PATH,
  outcomeOfAnswer,
  outcomeOfTraceUpdate,
} from '../../exporters/langfuse/answers.js';
import { credentialsOf, FINISHED_SPANS, headersFor } from '../../exporters/langfuse/headers.js';
import { type IngestionOutcome, outcomeOfIngestion } from '../../exporters/langfuse/ingestion.js';
import { keptIfMisconfigured } from '../../exporters/otlp/answers.js';
import { outcomeOfOtlp } from '../../exporters/otlp/response.js';
import type { EncodedRecord, ExportOutcome, ExportResponse } from '../../shared/contract/exporter.js';
import { partsOfHeaders, sentWith } from '../../shared/untrusted-text/sent-headers.js';
import type { Sent } from '../../shared/untrusted-text/untrusted-text.js';
import { VERSION } from '../../shared/version.js';
import { partOf, readIngestionBody, SCORES, SPANS, TRACE_UPDATES, textOfBody } from '../body.js';
import type { Batch, Target } from '../contract.js';

export interface LangfuseServer {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly publicKey: string;
  readonly secretKey: string;
  readonly additionalHeaders?: Readonly<Record<string, string>> | undefined;
}

const LANES = [SPANS, SCORES, TRACE_UPDATES];
/** An answer as short as this holds no text of the server: `{}` or nothing. */
const SHORT_BYTES = 2;

export function createLangfuseTarget(
  { baseUrl, publicKey, secretKey, additionalHeaders }: LangfuseServer,
  http: Transport<HttpRequest>,
  warning: (topic: string, text: string) => void,
): Target {
  const credentials = credentialsOf({ publicKey, secretKey });
  const headers = headersFor({ publicKey, credentials, sdkVersion: VERSION }, additionalHeaders);
  const secrets = [secretKey, credentials, ...partsOfHeaders(additionalHeaders)];

  /** Uncompressing a body to look for its text in an answer takes time, so only where there may be one. */
  function sentOf(batch: Batch, response: ExportResponse): Sent | undefined {
    if (response.status < 300 && response.body.byteLength <= SHORT_BYTES) return undefined;
    return sentWith(response, { secrets, bodies: [Buffer.from(publicKey), textOfBody(batch)] });
  }

  function sendSpans(batch: Batch, signal: AbortSignal): Promise<ExportOutcome> {
    const url = baseUrl + OTEL_PATH;
    const request: HttpRequest = {
      method: 'POST',
      url,
      headers: {
        ...headers,
        ...FINISHED_SPANS,
        'content-type': batch.contentType,
        ...(batch.encoding === 'gzip' && { 'content-encoding': 'gzip' }),
      },
      body: [batch.body],
    };
    const read = (response: ExportResponse): ExportOutcome => {
      const sent = sentOf(batch, response);
      const outcome =
        outcomeOfAnswer({ url, publicKey, ...(sent && { sent }) }, response) ??
        outcomeOfOtlp(response, warning, sent);
      return keptIfMisconfigured(response.status, outcome);
    };
    return http.send(request, read, signal);
  }

  /** Langfuse does not inflate these bodies. */
  async function sendEvents(batch: Batch, signal: AbortSignal): Promise<ExportOutcome> {
    let body: Buffer;
    let records: readonly EncodedRecord[];
    try {
      const events = readIngestionBody(batch).batch;
      body = Buffer.from(textOfBody(batch));
      records = events.map(({ id }) => ({ lane: batch.lane, id, bytes: body }));
    } catch {
      return { kind: 'failure', reason: 'the body cannot be read as events of the ingestion API' };
    }
    const url = baseUrl + INGESTION_PATH;
    const request: HttpRequest = {
      method: 'POST',
      url,
      headers: { ...headers, 'content-type': batch.contentType },
      body: [body],
    };
    const readEvents = (response: ExportResponse): IngestionOutcome => {
      const sent = sentOf(batch, response);
      return (
        (outcomeOfAnswer({ url, publicKey, ...(sent && { sent }) }, response) as
          | IngestionOutcome
          | undefined) ?? outcomeOfIngestion(records, response, ({ id }) => [id], sent)
      );
    };
    const read = (response: ExportResponse): ExportOutcome =>
      keptIfMisconfigured(
        response.status,
        batch.lane === TRACE_UPDATES
          ? outcomeOfTraceUpdate(response, () => readEvents(response))
          : readEvents(response),
      );
    return http.send(request, read, signal);
  }

  return {
    url: baseUrl,
    async deliver(batch, signal) {
      if (!LANES.includes(batch.lane)) {
        return { kind: 'failure', reason: `this forwarder knows no place for the lane ${batch.lane}` };
      }
      return batch.lane === SPANS ? sendSpans(batch, signal) : sendEvents(batch, signal);
    },
    skips: () => false,
    part: partOf,
    close: () => http.close(),
  };
}
