/** The built-in exporter for Langfuse servers: observations as OTLP spans, scores over the ingestion endpoint. */
import type { Exporter, ExporterContext } from '../shared/exporter.js';
import { type LangfuseExporterOptions, SCORE, type ScoreRecord } from '../shared/records.js';
import { readArrayHeader, readNumber } from './event-reader.js';
import { outcomeOfStatus } from './http-outcome.js';
import { createScoreEncoder, outcomeOfIngestion } from './langfuse-scores.js';
import { createSpanEncoder } from './langfuse-spans.js';

const SPANS = 'spans';
const SCORES = 'scores';

export function createExporter(options: unknown, { decode }: ExporterContext): Exporter {
  const { baseUrl, publicKey, secretKey, sdkVersion, additionalHeaders } = options as LangfuseExporterOptions;
  const base = baseUrl.replace(/\/+$/, '');
  const spans = createSpanEncoder(sdkVersion, decode);
  const scores = createScoreEncoder(sdkVersion, publicKey);
  const headers = {
    ...lowerCaseNames(additionalHeaders),
    authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`,
    'x-langfuse-sdk-name': 'tailrace',
    'x-langfuse-sdk-version': sdkVersion,
    'x-langfuse-public-key': publicKey,
  };

  return {
    encodeBytes(event) {
      if (kindOf(event) !== SCORE) return { lane: SPANS, ...spans.encode(event) };
      const record = decode(event) as ScoreRecord;
      return { lane: SCORES, id: record[1], bytes: scores.encode(record) };
    },

    bodyBytes: (lane, count, recordBytes) =>
      lane === SPANS ? spans.requestBytes(recordBytes) : scores.requestBytes(count, recordBytes),

    request(lane, records) {
      const bytes = records.map((record) => record.bytes);
      if (lane === SCORES) {
        return {
          url: `${base}/api/public/ingestion`,
          headers: { ...headers, 'content-type': 'application/json' },
          body: scores.encodeRequest(bytes),
        };
      }
      const spanBytes = bytes.reduce((sum, { byteLength }) => sum + byteLength, 0);
      return {
        url: `${base}/api/public/otel/v1/traces`,
        headers: {
          ...headers,
          'content-type': 'application/x-protobuf',
          // Version 4 of Langfuse's ingestion: finished spans, no updates. Above 4 is refused.
          'x-langfuse-ingestion-version': '4',
        },
        body: spans.encodeRequest(bytes, spanBytes),
      };
    },

    outcome(lane, records, response) {
      const failed = outcomeOfStatus(response);
      if (failed !== undefined) return failed;
      return lane === SCORES ? outcomeOfIngestion(records, response) : { kind: 'success' };
    },
  };
}

/** The first field of every record. */
function kindOf(bytes: Buffer): number {
  const reader = { bytes, position: 0 };
  readArrayHeader(reader);
  return readNumber(reader);
}

/** A name in two spellings would be sent twice. */
function lowerCaseNames(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
