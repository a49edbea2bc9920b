/**
 * The built-in exporter for Langfuse servers: observations as OTLP spans, or as classic events for older servers;
 * scores over the ingestion endpoint.
 */

import { readKind, SCORE, TRACE_UPDATE } from '../../records/kinds.js';
import { SCORE_FIELD, type ScoreRecord } from '../../records/score.js';
import { createRecordWriter, createReviser, type Revised } from '../../revision/revision.js';
import { createRevisions } from '../../revision/revisions.js';
import { withholdPayloads } from '../../revision/withheld.js';
import type {
  EncodedRecord,
  ExporterContext,
  ExportResponse,
  HttpExporter,
} from '../../shared/contract/exporter.js';
import { DEFAULT_MAX_EVENT_BYTES, type LangfuseExporterOptions } from '../../shared/langfuse-options.js';
import { partsOfHeaders, sentWith } from '../../shared/untrusted-text/sent-headers.js';
import { lowerCaseNames } from '../connection-options.js';
import { mayHoldMedia } from '../encoding/media-search.js';
import { loadRecord } from '../encoding/webassembly.js';
import { outcomeOfOtlp } from '../otlp/response.js';
import { createSizeLimit, type EncodedEvent } from '../truncation/size-limit.js';
import { INGESTION_PATH, OTEL_PATH, outcomeOfAnswer, outcomeOfTraceUpdate } from './answers.js';
import { createClassicEncoder } from './classic/encoder.js';
import {
  createIngestionEnvelope,
  type IngestionOutcome,
  MAX_INGESTION_BYTES,
  outcomeOfIngestion,
} from './ingestion.js';
import { encodeScore } from './scores.js';
import { createSpanEncoder } from './spans.js';

const SPANS = 'spans';
/** The classic events of observations and traces. */
const OBSERVATIONS = 'observations';
const SCORES = 'scores';
/** Classic events as well, beside the spans. */
const TRACE_UPDATES = 'trace updates';

export async function createExporter(options: unknown, context: ExporterContext): Promise<HttpExporter> {
  const given = options as LangfuseExporterOptions;
  const { baseUrl, publicKey, secretKey, sdkVersion, protocol, additionalHeaders } = given;
  const { decode, warning } = context;
  const base = baseUrl.replace(/\/+$/, '');
  const spans = createSpanEncoder(sdkVersion, decode);
  const classic = createClassicEncoder(decode, warning);
  const ingestion = createIngestionEnvelope(sdkVersion, publicKey);
  const maxEventBytes = given.maxEventBytes ?? DEFAULT_MAX_EVENT_BYTES;
  const write = createRecordWriter();
  const sizeOfSpans = createSizeLimit(maxEventBytes, write, context);
  const sizeOfEvents = createSizeLimit(Math.min(maxEventBytes, ingestion.maxEventBytes), write, context);
  const credentials = Buffer.from(`${publicKey}:${secretKey}`).toString('base64');
  const headers = {
    ...lowerCaseNames(additionalHeaders),
    authorization: `Basic ${credentials}`,
    'x-langfuse-sdk-name': 'tailrace',
    'x-langfuse-sdk-version': sdkVersion,
    'x-langfuse-public-key': publicKey,
  };
  const secrets = [secretKey, credentials, ...partsOfHeaders(additionalHeaders)];
  /** It is no secret, but only our own messages may show it. */
  const ofRequest = Buffer.from(publicKey);
  const revisions = await createRevisions(given, { base, headers, secrets }, context, mayHoldMedia);
  const revise = createReviser(revisions, decode);

  const encodeScoreEvent = (event: Buffer): EncodedEvent => {
    const record = decode(event) as ScoreRecord;
    return { id: record[SCORE_FIELD.id].toWellFormed(), bytes: encodeScore(record) };
  };
  const encode = ({ event, settlesAfter }: Revised): EncodedRecord => {
    const lane = laneOf(readKind(event), protocol);
    const { id, bytes } = encodeFor(lane, event);
    return { lane, id, bytes, settlesAfter };
  };
  const encodeFor = (lane: string, event: Buffer): EncodedEvent => {
    if (lane === SPANS) return sizeOfSpans.span(event, spans.encode);
    if (lane === SCORES) return sizeOfEvents.json('score', event, encodeScoreEvent);
    return sizeOfEvents.json(lane === TRACE_UPDATES ? 'trace' : 'observation', event, classic.encode);
  };

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
    encodeBytes: (event) => encode(revise(loadRecord(event))),

    encodeWithheld: (event) => encode({ event: withholdPayloads(event) }),

    bodyBytes: (lane, count, recordBytes) =>
      lane === SPANS ? spans.requestBytes(recordBytes) : ingestion.requestBytes(count, recordBytes),

    maxBodyBytes: {
      [OBSERVATIONS]: MAX_INGESTION_BYTES,
      [SCORES]: MAX_INGESTION_BYTES,
      [TRACE_UPDATES]: MAX_INGESTION_BYTES,
    },

    spoolIdentity: `langfuse/1 ${base} ${publicKey}`,

    request(lane, records) {
      const bytes = records.map((record) => record.bytes);
      if (lane !== SPANS) {
        return {
          url: `${base}${INGESTION_PATH}`,
          headers: { ...headers, 'content-type': 'application/json' },
          body: ingestion.encodeRequest(bytes),
          // Langfuse has Next.js read this body, which does not inflate it (packages/next/…/parse-body.ts).
          compressible: false,
        };
      }
      const spanBytes = bytes.reduce((sum, { byteLength }) => sum + byteLength, 0);
      return {
        url: `${base}${OTEL_PATH}`,
        headers: {
          ...headers,
          'content-type': 'application/x-protobuf',
          // Version 4 of Langfuse's ingestion: finished spans, no updates. A server refuses higher versions.
          'x-langfuse-ingestion-version': '4',
        },
        body: spans.encodeRequest(bytes, spanBytes),
      };
    },

    recycle(lane, records) {
      if (lane === SPANS) for (const { bytes } of records) spans.recycle(bytes);
    },

    outcome: (lane, records, response) =>
      lane === TRACE_UPDATES
        ? outcomeOfTraceUpdate(response, () => outcomeOf(lane, records, response))
        : outcomeOf(lane, records, response),
  };
}

function laneOf(kind: unknown, protocol: LangfuseExporterOptions['protocol']): string {
  if (kind === SCORE) return SCORES;
  if (kind === TRACE_UPDATE) return TRACE_UPDATES;
  return protocol === 'ingestion' ? OBSERVATIONS : SPANS;
}
