/** Encodes requests for Langfuse's classic ingestion endpoint, which are batches of events, and reads its answer, a 207. */
import type {
  EncodedRecord,
  ExportOutcome,
  ExportResponse,
  RefusedRecord,
} from '../../shared/contract/exporter.js';
import { isRetryable } from '../../shared/contract/http-outcome.js';
import { stringifyWellFormed } from '../../shared/json.js';
import { redactField, type Sent } from '../../shared/untrusted-text/untrusted-text.js';

/** The endpoint's body parser accepts 4.5 MiB (`sizeLimit: "4.5mb"` in Langfuse's pages/api/public/ingestion.ts). */
export const MAX_INGESTION_BYTES = 4_500_000;

/** The bytes around the events of a request. */
interface IngestionEnvelope {
  /** Size of the largest event that fits into a request. */
  readonly maxEventBytes: number;
  requestBytes(count: number, eventBytes: number): number;
  encodeRequest(events: readonly Uint8Array[]): Buffer;
}

/** How much of a refusal's text is read. */
const MAX_READ_CHARACTERS = 2_000;
/** Different texts of one answer that messages may show. */
const MAX_TEXTS = 10;

const HEAD = Buffer.from('{"batch":[');
const COMMA = Buffer.from(',');

export function createIngestionEnvelope(
  sdkVersion: string,
  publicKey: string | undefined,
): IngestionEnvelope {
  const metadata = { sdk_name: 'tailrace', sdk_version: sdkVersion, public_key: publicKey };
  const tail = Buffer.from(`],"metadata":${stringifyWellFormed(metadata)}}`);
  const emptyBytes = HEAD.byteLength + tail.byteLength;
  return {
    maxEventBytes: MAX_INGESTION_BYTES - emptyBytes,
    requestBytes: (count, eventBytes) => emptyBytes + eventBytes + Math.max(0, count - 1) * COMMA.byteLength,
    encodeRequest: (events) =>
      Buffer.concat([
        HEAD,
        ...events.flatMap((event, index) => (index === 0 ? [event] : [COMMA, event])),
        tail,
      ]),
  };
}

/** The meaning of a refusal, by the server's text. */
const MEANINGS = {
  /** The server does not know the event's type. */
  unknownType: /discriminator/i,
  /** `filterBatchForEventsOnly` in Langfuse's web/src/pages/api/public/ingestion.ts. */
  notAccepted: /event type\b.*\bnot accepted/i,
} as const;

type Meaning = keyof typeof MEANINGS;

export interface Refusal extends RefusedRecord {
  readonly meaning?: Meaning | undefined;
}

/** The ids of the events that a record became, the most important first. */
type EventIdsOf = (record: EncodedRecord) => readonly [string, ...string[]];

export type IngestionOutcome =
  | Exclude<ExportOutcome, { kind: 'partial' }>
  | { readonly kind: 'partial'; readonly refused: readonly Refusal[] };

/**
 * A 207 answers for each event; by default a Langfuse 4 server refuses all events but scores. An event that the server neither
 * accepted nor refused by its id counts as accepted, unless there is a refusal that names no event of ours.
 */
export function outcomeOfIngestion(
  records: readonly EncodedRecord[],
  { body }: ExportResponse,
  eventIdsOf: EventIdsOf,
  sent?: Sent,
): IngestionOutcome {
  const answer = parseAnswer(body);
  if (answer === undefined) {
    return { kind: 'retryable', reason: 'the answer is not the JSON of an ingestion endpoint (a proxy?)' };
  }
  const eventIds = records.map(eventIdsOf);
  const ours = new Set(eventIds.flat());
  const errors = new Map(answer.errors.map((error) => [error.id, error]));
  const taken = new Set(answer.successes.map(({ id }) => id));
  const stray = answer.errors.find(({ id }) => !ours.has(id));
  const refused: Refusal[] = [];
  const redact = redactedOnce(sent);
  for (const [index, ids] of eventIds.entries()) {
    const refusedId = ids.find((id) => errors.has(id));
    const error = errors.get(refusedId ?? '') ?? (taken.has(ids[0]) ? undefined : stray);
    if (error === undefined) continue;
    refused.push({
      index,
      reason: reasonOf(error, redact),
      retryable: isRetryable(Number(error.status)),
      meaning: meaningOf(error),
    });
  }
  return refused.length === 0 ? { kind: 'success' } : { kind: 'partial', refused };
}

interface Answered {
  readonly id: string;
  readonly status: number;
  readonly message?: unknown;
  /** The fault: a text, or in older servers the validator's list. */
  readonly error?: unknown;
}

/** Redacting a text takes a search through all that was sent. A message names three reasons, but a server may give thousands. */
function redactedOnce(sent: Sent | undefined): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const redacted =
      known.get(text) ?? (known.size < MAX_TEXTS ? redactField(text, sent) : 'one more reason');
    if (known.size < MAX_TEXTS) known.set(text, redacted);
    return redacted;
  };
}

function reasonOf({ status, message, error }: Answered, redact: (text: string) => string): string {
  const detail = redact(textOf(error));
  return `HTTP ${statusOf(status)}: ${redact(textOf(message)) || 'no message'}${detail && ` (${detail})`}`;
}

/** A server may answer with any value. */
function statusOf(status: unknown): string {
  const number = Number(status);
  return Number.isInteger(number) && number >= 100 && number < 600 ? String(number) : 'status unknown';
}

function meaningOf({ message, error }: Answered): Meaning | undefined {
  const said = [message, error].map((value) => textOf(value).slice(0, MAX_READ_CHARACTERS)).join(' ');
  return (Object.keys(MEANINGS) as Meaning[]).find((meaning) => MEANINGS[meaning].test(said));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
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

/** An absent field means "not given"; an older server may take null for a value. */
export function withoutNulls(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== null && value !== undefined),
  );
}
