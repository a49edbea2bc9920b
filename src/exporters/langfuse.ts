/** The built-in exporter for Langfuse servers: observations as OTLP spans, scores over the ingestion endpoint. */
import type { EncodedRecord, Exporter, ExporterContext } from '../shared/exporter.js';
import {
  type LangfuseExporterOptions,
  type ObservationRecord,
  SCORE,
  type ScoreRecord,
  type TracingRecord,
} from '../shared/records.js';
import { outcomeOfStatus } from './http-outcome.js';
import { createScoreEncoder, outcomeOfIngestion } from './langfuse-scores.js';
import { createSpanEncoder } from './langfuse-spans.js';

const SPANS = 'spans';
const SCORES = 'scores';

export function createExporter(options: unknown, { decode }: ExporterContext): Exporter {
  const { baseUrl, publicKey, secretKey, sdkVersion, additionalHeaders } = options as LangfuseExporterOptions;
  const base = baseUrl.replace(/\/+$/, '');
  const spans = createSpanEncoder(sdkVersion, decode);
  const scores = createScoreEncoder(sdkVersion, publicKey, decode);
  const headers = {
    ...lowerCaseNames(additionalHeaders),
    authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`,
    'x-langfuse-sdk-name': 'tailrace',
    'x-langfuse-sdk-version': sdkVersion,
    'x-langfuse-public-key': publicKey,
  };

  return {
    encode(event) {
      const record = event as TracingRecord;
      if (record[0] === SCORE) return encodeScore(record as ScoreRecord);
      return encodeObservation(record as ObservationRecord);
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

  function encodeObservation(record: ObservationRecord): EncodedRecord {
    return { lane: SPANS, id: record[3], bytes: spans.encode(record) };
  }

  function encodeScore(record: ScoreRecord): EncodedRecord {
    return { lane: SCORES, id: record[1], bytes: scores.encode(record) };
  }
}

/** A name in two spellings would be sent twice. */
function lowerCaseNames(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
