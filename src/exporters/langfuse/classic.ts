/** Observations and traces as create events of Langfuse's classic ingestion, for servers that take no OTLP. */

import {
  bytesOfNext,
  type EventReader,
  readArrayHeader,
  readBytes,
  readNil,
  readNumber,
  skip,
} from '../../event/event-reader.js';
import { message, warnBy } from '../../messages/message.js';
import {
  type MetadataParts,
  OBSERVATION,
  OBSERVATION_FIELDS,
  OBSERVATION_LEVELS,
  OBSERVATION_TYPES,
  rootSpanId,
  TRACE_UPDATE,
  type TraceAttributes,
  TraceField,
} from '../../records/records.js';
import type { EncodedRecord, ExportResponse } from '../../shared/contract/exporter.js';
import { systemNow } from '../../shared/runtime/real-time.js';
import type { Sent } from '../../shared/untrusted-text/untrusted-text.js';
import {
  begin,
  createProtobufWriter,
  type ProtobufWriter,
  take,
  writeAscii,
} from '../encoding/protobuf-writer.js';
import {
  writeFields,
  writeMetadata,
  writeModelValues,
  writePayload,
  writeTime,
  writeValue,
} from './classic-body.js';
import {
  beginEvent,
  createEventIds,
  type EventIds,
  endEvent,
  eventIdsOf,
  eventType,
  nextEventId,
  TRACE_TYPE,
  traceEventId,
  writeOlderType,
} from './classic-event.js';
import { createEventTimes, type EventTimes } from './classic-times.js';
import { createKnownTraces, type KnownTraces, traceFields } from './classic-trace.js';
import { type IngestionOutcome, outcomeOfIngestion } from './ingestion.js';
import type { Decode } from './metadata.js';

export interface ClassicEncoder {
  /**
   * A record in its own form: one event, and a second one where the observation brings its trace with it; `id` is the
   * observation's or the trace's, in hexadecimal digits.
   */
  encode(record: Buffer): { id: string; bytes: Buffer };
  outcome(records: readonly EncodedRecord[], response: ExportResponse, sent?: Sent): IngestionOutcome;
  /** After a request that the server has not taken: it may have brought traces. */
  forgetTraces(): void;
}

const EVENT = OBSERVATION_TYPES.indexOf('event');

/** Room that an event mostly finds enough: what of its text is escaped, and its keys. */
const EXPECTED_GROWTH = 2;
const EXPECTED_KEYS_BYTES = 4096;

interface Encoding {
  readonly writer: ProtobufWriter;
  readonly decode: Decode;
  readonly ids: EventIds;
  readonly times: EventTimes;
  readonly known: KnownTraces;
  /** Whether the server has refused a type that it does not know. */
  isOlderServer: boolean;
}

export function createClassicEncoder(
  decode: Decode,
  warning: (topic: string, message: string) => void,
): ClassicEncoder {
  const writer = createProtobufWriter();
  const known = createKnownTraces();
  const encoding: Encoding = {
    writer,
    decode,
    ids: createEventIds(),
    times: createEventTimes(),
    known,
    isOlderServer: false,
  };
  return {
    encode(record) {
      const reader = readerOf(record);
      begin(writer, EXPECTED_GROWTH * record.byteLength + EXPECTED_KEYS_BYTES);
      const fields = readArrayHeader(reader);
      if (fields !== OBSERVATION_FIELDS) throw new Error(`a record of ${fields} fields`);
      const kind = readNumber(reader);
      const id =
        kind === OBSERVATION ? writeObservation(encoding, reader) : writeTrace(encoding, reader, kind);
      return { id, bytes: take(writer) };
    },

    outcome(records, response, sent) {
      const outcome = outcomeOfIngestion(records, response, eventIdsOf, sent);
      if (outcome.kind !== 'partial') return outcome;
      // There may be traces among what was refused.
      known.forgetAll();
      const refused = outcome.refused.map((one) => {
        if (one.meaning !== 'unknownType' || !writeOlderType(records[one.index] as EncodedRecord)) return one;
        encoding.isOlderServer = true;
        return { ...one, retryable: true };
      });
      if (encoding.isOlderServer) {
        warnBy(warning, message('TAILRACE_OLDER_SERVER'));
      }
      return { kind: 'partial', refused };
    },

    forgetTraces: () => known.forgetAll(),
  };
}

/** Writes the fields in the order of `ObservationRecord`. Returns the observation's id. */
function writeObservation(encoding: Encoding, reader: EventReader): string {
  const { writer, decode, ids, known } = encoding;
  const eventId = nextEventId(ids);
  const type = readNumber(reader);
  beginEvent(writer, eventId, eventType(type, encoding.isOlderServer));
  const traceId = readHex(reader);
  const id = readHex(reader);
  writeAscii(writer, `"id":"${id}","traceId":"${traceId}"`);
  const parentId = readNil(reader) ? null : readHex(reader);
  // The span of the trace is the trace itself.
  if (parentId !== null && parentId !== rootSpanId(traceId)) {
    writeAscii(writer, `,"parentObservationId":"${parentId}"`);
  }
  const name = writeValue(writer, 'name', reader);
  const startTime = readNumber(reader);
  writeTime(writer, 'startTime', startTime);
  const endTime = Math.max(startTime, readNumber(reader));
  // A server leaves out that of an event.
  if (type !== EVENT) writeTime(writer, 'endTime', endTime);
  if (!readNil(reader)) writeTime(writer, 'completionStartTime', readNumber(reader));
  if (!readNil(reader)) writeAscii(writer, `,"level":"${OBSERVATION_LEVELS[readNumber(reader)]}"`);
  writeValue(writer, 'statusMessage', reader);
  const version = writeValue(writer, 'version', reader);
  const environment = writeValue(writer, 'environment', reader);
  writeValue(writer, 'model', reader);
  writeModelValues(writer, reader, decode);
  const input = writePayload(writer, 'input', reader);
  const output = writePayload(writer, 'output', reader);
  writeMetadata(writer, reader, decode);
  const attributes = bytesOfNext(reader);
  const saidAt = readSaidAt(reader);
  endEvent(writer, encoding.times(id, saidAt));

  const root = parentId === null ? { name, version, environment, input, output } : undefined;
  // A root brings its trace each time: it alone knows when the trace began and what it is about.
  if (known.isNews(traceId, id, attributes) || root !== undefined) {
    writeAscii(writer, ',');
    writeTraceBeside(encoding, eventId, { traceId, startTime, saidAt, attributes, root });
  }
  return id;
}

/** What an observation says of its trace: values of its record, as they stand there. */
interface TraceNews {
  readonly traceId: string;
  readonly startTime: number;
  readonly saidAt: number;
  readonly attributes: Buffer;
  /** Of an observation without a parent: they are the trace's where it has none of its own. */
  readonly root:
    | { name: Buffer; version: Buffer; environment: Buffer; input: Buffer; output: Buffer }
    | undefined;
}

/** Values that a trace may leave to its root. */
const SHARED_WITH_ROOT = ['version', 'environment', 'input', 'output'] as const;

function writeTraceBeside(encoding: Encoding, eventId: string, news: TraceNews): void {
  const { writer, decode } = encoding;
  const { root } = news;
  beginEvent(writer, traceEventId(eventId), TRACE_TYPE);
  writeAscii(writer, `"id":"${news.traceId}"`);
  const attributes = decode(news.attributes) as TraceAttributes | null;
  writeTime(writer, 'timestamp', attributes?.[TraceField.startTime] ?? news.startTime);
  for (const field of SHARED_WITH_ROOT) {
    const own = attributes?.[TraceField[field]] ?? null;
    if (own !== null) writeFields(writer, { [field]: typeof own === 'object' ? own : String(own) });
    else if (root !== undefined) writePayload(writer, field, readerOf(root[field]));
  }
  writeFields(writer, traceFields(attributes, root && decode(root.name), null));
  endEvent(writer, encoding.times(news.traceId, news.saidAt));
}

/** In the same order. Returns the trace's id. */
function writeTrace(encoding: Encoding, reader: EventReader, kind: number): string {
  const { writer, decode, ids, known } = encoding;
  beginEvent(writer, nextEventId(ids), TRACE_TYPE);
  skip(reader);
  const traceId = readHex(reader);
  const rootId = readHex(reader);
  writeAscii(writer, `"id":"${traceId}"`);
  skip(reader);
  const name = decode(bytesOfNext(reader));
  writeTime(writer, 'timestamp', readNumber(reader));
  // From endTime to statusMessage: a trace has none of them.
  for (let left = 4; left > 0; left--) skip(reader);
  writeValue(writer, 'version', reader);
  writeValue(writer, 'environment', reader);
  // From model to promptVersion.
  for (let left = 7; left > 0; left--) skip(reader);
  writePayload(writer, 'input', reader);
  writePayload(writer, 'output', reader);
  const metadata = decode(bytesOfNext(reader)) as MetadataParts;
  const attributes = bytesOfNext(reader);
  writeFields(writer, traceFields(decode(attributes) as TraceAttributes | null, name, metadata));
  const saidAt = readSaidAt(reader);
  // Of updates beside spans the client has chosen times that rise as it was said, in whatever order they are written.
  endEvent(writer, kind === TRACE_UPDATE ? saidAt : encoding.times(traceId, saidAt));
  known.isNews(traceId, rootId, attributes);
  return traceId;
}

/** After the trace's attributes. */
function readSaidAt(reader: EventReader): number {
  skip(reader);
  return readNil(reader) ? systemNow() : readNumber(reader);
}

function readHex(reader: EventReader): string {
  const { start, end } = readBytes(reader);
  return reader.bytes.toString('hex', start, end);
}

function readerOf(bytes: Buffer): EventReader {
  return { bytes, position: 0 };
}
