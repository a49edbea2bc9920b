/** Scores as `score-create` events of Langfuse's ingestion API, and how its 207 is read. */
import type { EncodedRecord, ExportOutcome, ExportResponse, RefusedRecord } from '../shared/exporter.js';
import type { ScoreRecord } from '../shared/records.js';
import { isRetryable } from './http-outcome.js';

export interface ScoreEncoder {
  encode(record: ScoreRecord): Buffer;
  requestBytes(count: number, eventBytes: number): number;
  encodeRequest(events: readonly Uint8Array[]): Buffer;
}

const HEAD = Buffer.from('{"batch":[');
const COMMA = Buffer.from(',');

export function createScoreEncoder(sdkVersion: string, publicKey: string): ScoreEncoder {
  const metadata = { sdk_name: 'tailrace', sdk_version: sdkVersion, public_key: publicKey };
  const tail = Buffer.from(`],"metadata":${JSON.stringify(metadata)}}`);
  return {
    encode: (record) => Buffer.from(JSON.stringify(toEvent(record))),
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

function toEvent(record: ScoreRecord): object {
  const [, id, time, traceId, observationId, sessionId, datasetRunId, name, value, dataType] = record;
  const [comment, configId, environment, metadata] = record.slice(10);
  const timestamp = new Date(time).toISOString();
  const body = { id, traceId, observationId, sessionId, datasetRunId, name, value, dataType };
  const rest = { comment, configId, environment, metadata };
  // The envelope's id is the event's, by which the server drops repeats; the same score sent again has both the same.
  return { id, type: 'score-create', timestamp, body: withoutNulls({ ...body, ...rest }) };
}

/**
 * A 207 answers for each event; by default a Langfuse 4 server refuses all but scores there. An event that it neither
 * took nor refused by its id counts as taken, unless there is a refusal that names no event of ours.
 */
export function outcomeOfIngestion(
  records: readonly EncodedRecord[],
  { body }: ExportResponse,
): ExportOutcome {
  const answer = parseAnswer(body);
  if (answer === undefined) {
    return { kind: 'retryable', reason: 'the answer is not the JSON of an ingestion endpoint (a proxy?)' };
  }
  const ids = new Set(records.map(({ id }) => id));
  const errors = new Map(answer.errors.map((error) => [error.id, error]));
  const taken = new Set(answer.successes.map(({ id }) => id));
  const stray = answer.errors.find(({ id }) => !ids.has(id));
  const refused: RefusedRecord[] = [];
  for (const [index, { id }] of records.entries()) {
    const error = errors.get(id) ?? (taken.has(id) ? undefined : stray);
    if (error === undefined) continue;
    const reason = `HTTP ${error.status}: ${error.message ?? 'no message'}`;
    refused.push({ index, reason, retryable: isRetryable(Number(error.status)) });
  }
  return refused.length === 0 ? { kind: 'success' } : { kind: 'partial', refused };
}

interface Answered {
  readonly id: string;
  readonly status: number;
  readonly message?: string;
}

function parseAnswer(body: Uint8Array): { successes: Answered[]; errors: Answered[] } | undefined {
  try {
    const { successes, errors } = JSON.parse(Buffer.from(body).toString('utf8'));
    return Array.isArray(errors) ? { successes: objectsOf(successes), errors: objectsOf(errors) } : undefined;
  } catch {
    return undefined;
  }
}

function objectsOf(list: unknown): Answered[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === 'object' && one !== null) : [];
}

function withoutNulls(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
