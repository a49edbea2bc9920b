/**
 * The built-in exporter for Langfuse servers: observations as OTLP spans, or as classic events for older servers;
 * scores over the ingestion endpoint.
 */

import { readArrayHeader, readNumber } from '../event/event-reader.js';
import type { Exporter, ExporterContext } from '../shared/exporter.js';
import { type LangfuseExporterOptions, SCORE, type ScoreRecord } from '../shared/records.js';
import { outcomeOfStatus } from './http-outcome.js';
import { createClassicEncoder } from './langfuse-classic.js';
import { createIngestionEnvelope, MAX_INGESTION_BYTES, outcomeOfIngestion } from './langfuse-ingestion.js';
import { encodeScore } from './langfuse-scores.js';
import { createSpanEncoder } from './langfuse-spans.js';
import { createReviser, type Revision } from './revision.js';

const SPANS = 'spans';
/** The classic events of observations and traces. */
const OBSERVATIONS = 'observations';
const SCORES = 'scores';

export async function createExporter(options: unknown, context: ExporterContext): Promise<Exporter> {
  const { baseUrl, publicKey, secretKey, sdkVersion, protocol, additionalHeaders } =
    options as LangfuseExporterOptions;
  const { decode, warning } = context;
  const base = baseUrl.replace(/\/+$/, '');
  const spans = createSpanEncoder(sdkVersion, decode);
  const classic = createClassicEncoder(decode, warning);
  const observations =
    protocol === 'ingestion' ? { lane: OBSERVATIONS, encoder: classic } : { lane: SPANS, encoder: spans };
  const revise = createReviser(await createRevisions(), decode);
  const ingestion = createIngestionEnvelope(sdkVersion, publicKey);
  const headers = {
    ...lowerCaseNames(additionalHeaders),
    authorization: `Basic ${Buffer.from(`${publicKey}:${secretKey}`).toString('base64')}`,
    'x-langfuse-sdk-name': 'tailrace',
    'x-langfuse-sdk-version': sdkVersion,
    'x-langfuse-public-key': publicKey,
  };

  const encode = (event: Buffer): { lane: string; id: string; bytes: Buffer } => {
    if (kindOf(event) !== SCORE) return { lane: observations.lane, ...observations.encoder.encode(event) };
    const record = decode(event) as ScoreRecord;
    return { lane: SCORES, id: record[1], bytes: encodeScore(record) };
  };

  return {
    encodeBytes(given) {
      const { event, settlesAfter } = revise(given);
      const { lane, id, bytes } = encode(event);
      if (lane !== SPANS && bytes.byteLength > ingestion.maxEventBytes) {
        throw new Error(`${id} has ${bytes.byteLength} bytes, the server takes ${ingestion.maxEventBytes}`);
      }
      return { lane, id, bytes, settlesAfter };
    },

    bodyBytes: (lane, count, recordBytes) =>
      lane === SPANS ? spans.requestBytes(recordBytes) : ingestion.requestBytes(count, recordBytes),

    maxBodyBytes: { [OBSERVATIONS]: MAX_INGESTION_BYTES, [SCORES]: MAX_INGESTION_BYTES },

    request(lane, records) {
      const bytes = records.map((record) => record.bytes);
      if (lane !== SPANS) {
        return {
          url: `${base}/api/public/ingestion`,
          headers: { ...headers, 'content-type': 'application/json' },
          body: ingestion.encodeRequest(bytes),
          // Next.js, which reads this body for Langfuse, does not inflate it (packages/next/…/parse-body.ts).
          compressible: false,
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
      if (lane === OBSERVATIONS) return classic.outcome(records, response);
      return lane === SCORES ? outcomeOfIngestion(records, response, ({ id }) => [id]) : { kind: 'success' };
    },
  };
}

/** In the order in which they are applied: nothing is uploaded before it is masked. */
async function createRevisions(): Promise<Revision[]> {
  return [];
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
