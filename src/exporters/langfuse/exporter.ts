/**
 * The built-in exporter for Langfuse servers: observations as OTLP spans, or as classic events for older servers;
 * scores over the ingestion endpoint.
 */

import { createRevisions } from '../../revision/revisions.js';
import type {
  EncodedRecord,
  ExporterContext,
  ExportResponse,
  HttpExporter,
} from '../../shared/contract/exporter.js';
import type { LangfuseExporterOptions } from '../../shared/langfuse-options.js';
import { partsOfHeaders, sentWith } from '../../shared/untrusted-text/sent-headers.js';
import { mayHoldMedia } from '../encoding/media-search.js';
import { outcomeOfOtlp } from '../otlp/response.js';
import { INGESTION_PATH, OTEL_PATH, outcomeOfAnswer, outcomeOfTraceUpdate } from './answers.js';
import { createLangfuseEncoding, SCORES, SPANS, TRACE_UPDATES } from './encoding.js';
import { credentialsOf, FINISHED_SPANS, headersFor } from './headers.js';
import { type IngestionOutcome, outcomeOfIngestion } from './ingestion.js';

export async function createExporter(options: unknown, context: ExporterContext): Promise<HttpExporter> {
  const given = options as LangfuseExporterOptions;
  const { baseUrl, publicKey, secretKey, sdkVersion, additionalHeaders } = given;
  const { warning } = context;
  const base = baseUrl.replace(/\/+$/, '');
  const credentials = credentialsOf({ publicKey, secretKey });
  const headers = headersFor({ publicKey, credentials, sdkVersion }, additionalHeaders);
  const secrets = [secretKey, credentials, ...partsOfHeaders(additionalHeaders)];
  /** It is no secret, but only our own messages may show it. */
  const ofRequest = Buffer.from(publicKey);
  const revisions = await createRevisions(given, { base, headers, secrets }, context, mayHoldMedia);
  const { encoding, classic, bodyOf } = createLangfuseEncoding(given, revisions, context);

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
    ...encoding,

    spoolIdentity: `langfuse/1 ${base} ${publicKey}`,

    request(lane, records) {
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
