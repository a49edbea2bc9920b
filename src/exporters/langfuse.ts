/** The built-in exporter for Langfuse servers: observations as OTLP spans, scores over the ingestion endpoint. */

import { readArrayHeader, readNumber } from '../event/event-reader.js';
import type { Exporter, ExporterContext } from '../shared/exporter.js';
import { type LangfuseExporterOptions, SCORE, type ScoreRecord } from '../shared/records.js';
import { outcomeOfStatus } from './http-outcome.js';
import { createScoreEncoder, outcomeOfIngestion } from './langfuse-scores.js';
import { createSpanEncoder } from './langfuse-spans.js';
import { createReviser, type Revision } from './revision.js';

const SPANS = 'spans';
const SCORES = 'scores';

export async function createExporter(options: unknown, context: ExporterContext): Promise<Exporter> {
  const { baseUrl, publicKey, secretKey, sdkVersion, additionalHeaders } = options as LangfuseExporterOptions;
  const { decode } = context;
  const base = baseUrl.replace(/\/+$/, '');
  const spans = createSpanEncoder(sdkVersion, decode);
  const revise = createReviser(await createRevisions(options as LangfuseExporterOptions, context), decode);
  const scores = createScoreEncoder(sdkVersion, publicKey);
  const headers = {
    ...lowerCaseNames(additionalHeaders),
    authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`,
    'x-langfuse-sdk-name': 'tailrace',
    'x-langfuse-sdk-version': sdkVersion,
    'x-langfuse-public-key': publicKey,
  };

  return {
    encodeBytes(given) {
      const { event, settlesAfter } = revise(given);
      if (kindOf(event) !== SCORE) return { lane: SPANS, ...spans.encode(event), settlesAfter };
      const record = decode(event) as ScoreRecord;
      return { lane: SCORES, id: record[1], bytes: scores.encode(record), settlesAfter };
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

/** In the order in which they are applied: nothing is uploaded before it is masked. */
async function createRevisions(
  { estimateUsage, prices = [] }: LangfuseExporterOptions,
  context: ExporterContext,
): Promise<Revision[]> {
  const revisions: Revision[] = [];
  if (estimateUsage) {
    const { createUsageRevisions } = await import('./usage-estimates.js');
    revisions.push(...createUsageRevisions(prices, context));
  }
  return revisions;
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
