/** Scores as `score-create` events of Langfuse's ingestion API, and how its 207 is read. */
import type { EncodedRecord, ExportOutcome, ExportResponse, RefusedRecord } from '../shared/exporter.js';
import type { ScoreRecord } from '../shared/records.js';
import { isRetryable } from './http-outcome.js';

type Decode = (bytes: Uint8Array) => unknown;

export interface ScoreEncoder {
  encode(record: ScoreRecord): Buffer;
  requestBytes(count: number, eventBytes: number): number;
  encodeRequest(events: readonly Uint8Array[]): Buffer;
}

const HEAD = Buffer.from('{"batch":[');
const COMMA = Buffer.from(',');

export function createScoreEncoder(sdkVersion: string, publicKey: string, decode: Decode): ScoreEncoder {
  const metadata = { sdk_name: 'tailrace', sdk_version: sdkVersion, public_key: publicKey };
  const tail = Buffer.from(`],"metadata":${JSON.stringify(metadata)}}`);
  return {
    encode: (record) => Buffer.from(JSON.stringify(toEvent(record, decode))),
    requestBytes: (count, eventBytes) =>
      HEAD.byteLength + eventBytes + Math.max(0, count - 1) * COMMA.byteLength + tail.byteLength,
    encodeRequest: (events) =>
      Buffer.concat([
        HEAD,
        ...events.flatMap((event, index) => (index === 0 ? [event] : [COMMA, event])),
        tail,
      ]),
  };
}

function toEvent(record: ScoreRecord, decode: Decode): object {
  const [, id, time, traceId, observationId, sessionId, datasetRunId, name, value, dataType] = record;
  const [comment, configId, environment, metadata] = record.slice(10) as [
    ...(string | null)[],
    Uint8Array | null,
  ];
  const timestamp = new Date(time).toISOString();
  const body = { id, traceId, observationId, sessionId, datasetRunId, name, value, dataType };
  const rest = { comment, configId, environment, metadata: metadata && decode(metadata as Uint8Array) };
  // The envelope's id is the event's, by which the server drops repeats; the same score sent again has both the same.
  return { id, type: 'score-create', timestamp, body: withoutNulls({ ...body, ...rest }) };
}

/** A 207 answers for each event; by default a Langfuse 4 server refuses all but scores there. */
export function outcomeOfIngestion(
  records: readonly EncodedRecord[],
  { body }: ExportResponse,
): ExportOutcome {
  const errors = parseErrors(body);
  if (errors === undefined) {
    return { kind: 'retryable', reason: 'the answer is not the JSON of an ingestion endpoint (a proxy?)' };
  }
  const indexById = new Map(records.map(({ id }, index) => [id, index]));
  const refused: RefusedRecord[] = [];
  for (const { id, status, message } of errors) {
    const index = indexById.get(id);
    if (index === undefined) continue;
    refused.push({
      index,
      reason: `HTTP ${status}: ${message ?? 'no message'}`,
      retryable: isRetryable(status),
    });
  }
  return refused.length === 0 ? { kind: 'success' } : { kind: 'partial', refused };
}

interface IngestionError {
  readonly id: string;
  readonly status: number;
  readonly message?: string;
}

function parseErrors(body: Uint8Array): readonly IngestionError[] | undefined {
  try {
    const { errors } = JSON.parse(Buffer.from(body).toString('utf8')) as { errors?: IngestionError[] };
    return Array.isArray(errors) ? errors : undefined;
  } catch {
    return undefined;
  }
}

function withoutNulls(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
