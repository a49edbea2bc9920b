/**
 * Reads the answer to an accepted OTLP request: ExportTraceServiceResponse (opentelemetry-proto,
 * collector/trace/v1/trace_service.proto), in protobuf or JSON. An empty or unreadable answer is a success: servers answer 2xx
 * with all sorts of bodies.
 */

import { message, warnBy } from '../../messages/message.js';
import type { ExportOutcome, ExportResponse } from '../../shared/contract/exporter.js';
import { redactField, type Sent } from '../../shared/untrusted-text/untrusted-text.js';

interface PartialSuccess {
  rejectedSpans: number;
  errorMessage: string;
}

const RESPONSE_PARTIAL_SUCCESS = 1;
const PARTIAL_REJECTED_SPANS = 1;
const PARTIAL_ERROR_MESSAGE = 2;
const JSON_BEGIN = '{'.charCodeAt(0);

/** Refused spans must not be sent again: "The client MUST NOT retry the request" (OTLP/HTTP, "Partial Success"). */
export function outcomeOfOtlp(
  { body }: ExportResponse,
  warning: (topic: string, message: string) => void,
  sent?: Sent,
): ExportOutcome {
  const { rejectedSpans, errorMessage } = readPartialSuccess(body);
  const words = redactField(errorMessage, sent);
  if (rejectedSpans > 0 && Number.isSafeInteger(rejectedSpans)) {
    return { kind: 'rejected', count: rejectedSpans, reason: words || 'no reason given' };
  }
  if (words !== '') warnBy(warning, message('TAILRACE_SERVER_NOTE', words));
  return { kind: 'success' };
}

const STATUS_MESSAGE = 2;

/** The message of a refused request: of a google.rpc.Status in protobuf; empty if the answer is none. */
export function messageOfStatus({ headers, body }: ExportResponse, sent: Sent): string {
  if (!String(headers['content-type']).startsWith('application/x-protobuf')) return '';
  try {
    const message = [...fields(body)].find(({ number }) => number === STATUS_MESSAGE)?.value;
    return message instanceof Uint8Array ? redactField(Buffer.from(message).toString('utf8'), sent) : '';
  } catch {
    return '';
  }
}

function readPartialSuccess(body: Uint8Array): PartialSuccess {
  try {
    return body[0] === JSON_BEGIN ? readJson(body) : readProtobuf(body);
  } catch {
    return { rejectedSpans: 0, errorMessage: '' };
  }
}

/** In JSON, 64-bit numbers may be texts. */
function readJson(body: Uint8Array): PartialSuccess {
  const { partialSuccess } = JSON.parse(Buffer.from(body).toString('utf8'));
  const { rejectedSpans, errorMessage } = Object(partialSuccess);
  return {
    rejectedSpans: Number(rejectedSpans) || 0,
    errorMessage: typeof errorMessage === 'string' ? errorMessage : '',
  };
}

function readProtobuf(body: Uint8Array): PartialSuccess {
  const partial: PartialSuccess = { rejectedSpans: 0, errorMessage: '' };
  for (const response of fields(body)) {
    if (response.number !== RESPONSE_PARTIAL_SUCCESS || typeof response.value === 'number') continue;
    for (const { number, value } of fields(response.value)) {
      if (number === PARTIAL_REJECTED_SPANS && typeof value === 'number') partial.rejectedSpans = value;
      if (number === PARTIAL_ERROR_MESSAGE && typeof value !== 'number') {
        partial.errorMessage = Buffer.from(value).toString('utf8');
      }
    }
  }
  return partial;
}

/** The fields of a message that has only varints and fields with a length. */
function* fields(bytes: Uint8Array): Generator<{ number: number; value: number | Uint8Array }> {
  let position = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[position++];
      if (byte === undefined) throw new RangeError('the message ends within a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (position < bytes.byteLength) {
    const tag = varint();
    const isVarint = (tag & 7) === 0;
    if (!isVarint && (tag & 7) !== 2) throw new RangeError(`wire type ${tag & 7}`);
    const valueOrLength = varint();
    if (isVarint) {
      yield { number: tag >>> 3, value: valueOrLength };
      continue;
    }
    if (position + valueOrLength > bytes.byteLength) throw new RangeError('the message ends within a field');
    yield { number: tag >>> 3, value: bytes.subarray(position, position + valueOrLength) };
    position += valueOrLength;
  }
}
