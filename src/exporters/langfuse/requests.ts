/** Requests with encoded events to a Langfuse server, and what its answers mean for each event. */
import type {
  EncodedRecord,
  ExporterContext,
  ExportRequest,
  ExportResponse,
  HttpExporter,
} from '../../shared/contract/exporter.js';
import type { LangfuseExporterOptions } from '../../shared/langfuse-options.js';
import { partsOfHeaders, sentWith } from '../../shared/untrusted-text/sent-headers.js';
import { outcomeOfOtlp } from '../otlp/response.js';
import { INGESTION_PATH, OTEL_PATH, outcomeOfAnswer, outcomeOfTraceUpdate } from './answers.js';
import { type LangfuseEncoding, SCORES, SPANS, TRACE_UPDATES } from './encoding.js';
import { credentialsOf, FINISHED_SPANS, headersFor } from './headers.js';
import { type IngestionOutcome, outcomeOfIngestion } from './ingestion.js';

/** The server, as its requests need it. */
export interface LangfuseServer extends Pick<LangfuseExporterOptions, 'publicKey'> {
  /** Without a slash at its end. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

export function langfuseServer({
  baseUrl,
  publicKey,
  secretKey,
  sdkVersion,
  additionalHeaders,
}: Pick<
  LangfuseExporterOptions,
  'baseUrl' | 'publicKey' | 'secretKey' | 'sdkVersion' | 'additionalHeaders'
>): LangfuseServer {
  const credentials = credentialsOf({ publicKey, secretKey });
  return {
    base: baseUrl.replace(/\/+$/, ''),
    publicKey,
    headers: headersFor({ publicKey, credentials, sdkVersion }, additionalHeaders),
    secrets: [secretKey, credentials, ...partsOfHeaders(additionalHeaders)],
  };
}

export function createLangfuseRequests(
  { base, publicKey, headers, secrets }: LangfuseServer,
  { classic, bodyOf }: Pick<LangfuseEncoding, 'classic' | 'bodyOf'>,
  { warning }: ExporterContext,
): Pick<HttpExporter, 'request' | 'outcome'> {
  /** It is no secret, but only our own messages may show it. */
  const ofRequest = Buffer.from(publicKey);

  const outcomeOf = (
    lane: string,
    records: readonly EncodedRecord[],
    response: ExportResponse,
  ): IngestionOutcome => {
    const url = base + (lane === SPANS ? OTEL_PATH : INGESTION_PATH);
    const sent = sentWith(response, { secrets, bodies: [ofRequest, ...records.map(({ bytes }) => bytes)] });
    const failed = outcomeOfAnswer({ url, publicKey, sent }, response);
    if (failed !== undefined) {
      classic.forgetTraces();
      return failed;
    }
    if (lane === SPANS) return outcomeOfOtlp(response, warning, sent);
    if (lane === SCORES) return outcomeOfIngestion(records, response, ({ id }) => [id], sent);
    return classic.outcome(records, response, sent);
  };

  return {
    request(lane, records): ExportRequest {
      const { contentType, body } = bodyOf(lane, records);
      if (lane !== SPANS) {
        return {
          url: `${base}${INGESTION_PATH}`,
          headers: { ...headers, 'content-type': contentType },
          body,
          // Langfuse has Next.js read this body, which does not inflate it (packages/next/…/parse-body.ts).
          compressible: false,
        };
      }
      return {
        url: `${base}${OTEL_PATH}`,
        headers: {
          ...headers,
          'content-type': contentType,
          ...FINISHED_SPANS,
        },
        body,
      };
    },

    outcome: (lane, records, response) =>
      lane === TRACE_UPDATES
        ? outcomeOfTraceUpdate(response, () => outcomeOf(lane, records, response))
        : outcomeOf(lane, records, response),
  };
}
