/**
 * Records as a Langfuse server takes them, whoever brings them there: observations as OTLP spans or as classic events, scores and
 * updates of traces as events of the ingestion API. Each lane is one kind of body.
 */
import { readKind, SCORE, TRACE_UPDATE } from '../../records/kinds.js';
import { SCORE_FIELD, type ScoreRecord } from '../../records/score.js';
import { createRecordWriter, createReviser, type Revised, type Revision } from '../../revision/revision.js';
import { withholdPayloads } from '../../revision/withheld.js';
import type { EncodedRecord, Exporter, ExporterContext } from '../../shared/contract/exporter.js';
import { DEFAULT_MAX_EVENT_BYTES, type LangfuseExporterOptions } from '../../shared/langfuse-options.js';
import { loadRecord } from '../encoding/webassembly.js';
import { createSizeLimit, type EncodedEvent } from '../truncation/size-limit.js';
import { createClassicEncoder } from './classic/encoder.js';
import { createIngestionEnvelope, MAX_INGESTION_BYTES } from './ingestion.js';
import { encodeScore } from './scores.js';
import { createSpanEncoder } from './spans.js';

export const SPANS = 'spans';
/** The classic events of observations and traces. */
export const OBSERVATIONS = 'observations';
export const SCORES = 'scores';
/** Classic events as well, beside the spans. */
export const TRACE_UPDATES = 'trace updates';

interface LangfuseBody {
  readonly contentType: string;
  readonly body: Uint8Array | readonly Uint8Array[];
}

export interface LangfuseEncoding {
  /** The part of an exporter that does not depend on where the events go. */
  readonly encoding: Pick<Exporter, 'encodeWithheld' | 'maxBodyBytes' | 'recycle'> &
    Required<Pick<Exporter, 'encodeBytes' | 'bodyBytes'>>;
  readonly classic: ReturnType<typeof createClassicEncoder>;
  bodyOf(lane: string, records: readonly EncodedRecord[]): LangfuseBody;
}

type EncodingOptions = Pick<LangfuseExporterOptions, 'sdkVersion' | 'protocol' | 'maxEventBytes'> & {
  /** Undefined: it is not known who will have sent the events. */
  readonly publicKey?: string | undefined;
  /** Attributes of the resource of spans, besides those that name this package. @default none */
  readonly resource?: Readonly<Record<string, string>>;
};

export function createLangfuseEncoding(
  { sdkVersion, publicKey, protocol, maxEventBytes = DEFAULT_MAX_EVENT_BYTES, resource }: EncodingOptions,
  revisions: readonly Revision[],
  context: ExporterContext,
): LangfuseEncoding {
  const { decode, warning } = context;
  const spans = createSpanEncoder(sdkVersion, decode, resource);
  const classic = createClassicEncoder(decode, warning);
  const ingestion = createIngestionEnvelope(sdkVersion, publicKey);
  const write = createRecordWriter();
  const sizeOfSpans = createSizeLimit(maxEventBytes, write, context);
  const sizeOfEvents = createSizeLimit(Math.min(maxEventBytes, ingestion.maxEventBytes), write, context);
  const revise = createReviser(revisions, decode);

  const encodeScoreEvent = (event: Buffer): EncodedEvent => {
    const record = decode(event) as ScoreRecord;
    return { id: record[SCORE_FIELD.id].toWellFormed(), bytes: encodeScore(record) };
  };
  const encodeFor = (lane: string, event: Buffer): EncodedEvent => {
    if (lane === SPANS) return sizeOfSpans.span(event, spans.encode);
    if (lane === SCORES) return sizeOfEvents.json('score', event, encodeScoreEvent);
    return sizeOfEvents.json(lane === TRACE_UPDATES ? 'trace' : 'observation', event, classic.encode);
  };
  const encode = ({ event, settlesAfter }: Revised): EncodedRecord => {
    const lane = laneOf(readKind(event), protocol);
    const { id, bytes } = encodeFor(lane, event);
    return { lane, id, bytes, settlesAfter };
  };

  return {
    encoding: {
      encodeBytes: (event) => encode(revise(loadRecord(event))),

      encodeWithheld: (event) => encode({ event: withholdPayloads(event) }),

      bodyBytes: (lane, count, recordBytes) =>
        lane === SPANS ? spans.requestBytes(recordBytes) : ingestion.requestBytes(count, recordBytes),

      maxBodyBytes: {
        [OBSERVATIONS]: MAX_INGESTION_BYTES,
        [SCORES]: MAX_INGESTION_BYTES,
        [TRACE_UPDATES]: MAX_INGESTION_BYTES,
      },

      recycle(lane, records) {
        if (lane === SPANS) for (const { bytes } of records) spans.recycle(bytes);
      },
    },
    classic,
    bodyOf(lane, records) {
      const bytes = records.map((record) => record.bytes);
      if (lane !== SPANS) return { contentType: 'application/json', body: ingestion.encodeRequest(bytes) };
      const spanBytes = bytes.reduce((sum, { byteLength }) => sum + byteLength, 0);
      return { contentType: 'application/x-protobuf', body: spans.encodeRequest(bytes, spanBytes) };
    },
  };
}

function laneOf(kind: unknown, protocol: LangfuseExporterOptions['protocol']): string {
  if (kind === SCORE) return SCORES;
  if (kind === TRACE_UPDATE) return TRACE_UPDATES;
  return protocol === 'ingestion' ? OBSERVATIONS : SPANS;
}
