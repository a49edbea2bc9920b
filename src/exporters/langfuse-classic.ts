/** Observations and traces as create events of Langfuse's classic ingestion, for servers that take no OTLP. */
import {
  type EventReader,
  readArrayHeader,
  readBytes,
  readNil,
  readNumber,
  skip,
} from '../event/event-reader.js';
import type { EncodedRecord, ExportOutcome, ExportResponse } from '../shared/exporter.js';
import {
  type MetadataParts,
  OBSERVATION_FIELDS,
  OBSERVATION_LEVELS,
  rootSpanId,
  TRACE,
  type TraceAttributes,
} from '../shared/records.js';
import { writeJson } from './event-json.js';
import {
  beginEvent,
  createEventIds,
  type EventIds,
  endEvent,
  eventIdsOf,
  eventType,
  namesUnknownType,
  TRACE_TYPE,
  writeOlderType,
  writeTraceBeside,
} from './langfuse-classic-event.js';
import { createKnownTraces, type KnownTraces, traceFields } from './langfuse-classic-trace.js';
import { toModelParameters, usageFields } from './langfuse-classic-values.js';
import { outcomeOfIngestion, withoutNulls } from './langfuse-ingestion.js';
import { type Decode, mergeMetadata } from './langfuse-metadata.js';
import {
  begin,
  createProtobufWriter,
  type ProtobufWriter,
  take,
  writeAscii,
  writeRaw,
} from './protobuf-writer.js';

export interface ClassicEncoder {
  /**
   * A record in its own form: one event, and a second one where the observation brings its trace with it; `id` is the
   * observation's or the trace's, in hexadecimal digits.
   */
  encode(record: Buffer): { id: string; bytes: Buffer };
  outcome(records: readonly EncodedRecord[], response: ExportResponse): ExportOutcome;
}

/** Room that an event mostly finds enough: what of its text is escaped, and its keys. */
const EXPECTED_GROWTH = 2;
const EXPECTED_KEYS_BYTES = 4096;

interface Encoding {
  readonly writer: ProtobufWriter;
  readonly decode: Decode;
  readonly ids: EventIds;
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
  const encoding: Encoding = { writer, decode, ids: createEventIds(), known, isOlderServer: false };
  return {
    encode(record) {
      const reader = readerOf(record);
      begin(writer, EXPECTED_GROWTH * record.byteLength + EXPECTED_KEYS_BYTES);
      const fields = readArrayHeader(reader);
      if (fields !== OBSERVATION_FIELDS) throw new Error(`a record of ${fields} fields`);
      const write = readNumber(reader) === TRACE ? writeTrace : writeObservation;
      const id = write(encoding, reader);
      return { id, bytes: take(writer) };
    },

    outcome(records, response) {
      const outcome = outcomeOfIngestion(records, response, eventIdsOf);
      if (outcome.kind !== 'partial') return outcome;
      // There may be traces among what was refused.
      known.forgetAll();
      const refused = outcome.refused.map((one) => {
        if (!namesUnknownType(one.reason) || !writeOlderType(records[one.index] as EncodedRecord)) return one;
        encoding.isOlderServer = true;
        return { ...one, retryable: true };
      });
      if (encoding.isOlderServer) {
        warning(
          'types',
          'the server knows only spans, generations and events: observations of other types go as spans',
        );
      }
      return { kind: 'partial', refused };
    },
  };
}

/** Writes the fields in the order of `ObservationRecord`. Returns the observation's id. */
function writeObservation(encoding: Encoding, reader: EventReader): string {
  const { writer, decode, ids, known } = encoding;
  const eventId = beginEvent(writer, ids, eventType(readNumber(reader), encoding.isOlderServer));
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
  writeTime(writer, 'endTime', Math.max(startTime, readNumber(reader)));
  if (!readNil(reader)) writeTime(writer, 'completionStartTime', readNumber(reader));
  if (!readNil(reader)) writeAscii(writer, `,"level":"${OBSERVATION_LEVELS[readNumber(reader)]}"`);
  writeValue(writer, 'statusMessage', reader);
  const version = writeValue(writer, 'version', reader);
  const environment = writeValue(writer, 'environment', reader);
  writeValue(writer, 'model', reader);
  writeModelValues(encoding, reader);
  writeValue(writer, 'input', reader);
  writeValue(writer, 'output', reader);
  writeMetadata(encoding, reader);
  endEvent(writer);

  const attributes = bytesOfNext(reader);
  const isRoot = parentId === null;
  // A root brings its trace each time: it alone knows when the trace began, and a name for one that has none.
  if (known.isNews(traceId, id, attributes) || isRoot) {
    const timestamp = new Date(startTime).toISOString();
    const own = {
      id: traceId,
      timestamp,
      environment: decode(environment),
      version: isRoot ? decode(version) : null,
    };
    const fields = traceFields(toAttributes(encoding, attributes), isRoot ? decode(name) : null, null);
    writeTraceBeside(writer, eventId, withoutNulls({ ...own, ...fields }));
  }
  return id;
}

/** In the same order. Returns the trace's id. */
function writeTrace(encoding: Encoding, reader: EventReader): string {
  const { writer, decode, ids, known } = encoding;
  beginEvent(writer, ids, TRACE_TYPE);
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
  for (let left = 6; left > 0; left--) skip(reader);
  writeValue(writer, 'input', reader);
  writeValue(writer, 'output', reader);
  const metadata = decode(bytesOfNext(reader)) as MetadataParts;
  const attributes = bytesOfNext(reader);
  writeFields(writer, traceFields(toAttributes(encoding, attributes), name, metadata));
  endEvent(writer);
  known.isNews(traceId, rootId, attributes);
  return traceId;
}

/** From modelParameters to promptVersion. */
function writeModelValues({ writer, decode }: Encoding, reader: EventReader): void {
  const values = Array.from({ length: 5 }, () => (readNil(reader) ? null : decode(bytesOfNext(reader))));
  const [modelParameters, usageDetails, costDetails, promptName, promptVersion] = values;
  if (modelParameters !== null) writeFields(writer, { modelParameters: toModelParameters(modelParameters) });
  if (usageDetails !== null || costDetails !== null)
    writeFields(writer, usageFields(usageDetails, costDetails));
  // The server refuses one without the other.
  if (promptName && promptVersion) writeFields(writer, { promptName, promptVersion });
}

function writeMetadata({ writer, decode }: Encoding, reader: EventReader): void {
  if (readNil(reader)) return;
  const parts = readArrayHeader(reader);
  if (parts === 1) {
    writeValue(writer, 'metadata', reader);
  } else {
    const values = Array.from({ length: parts }, () => decode(bytesOfNext(reader)));
    writeFields(writer, { metadata: mergeMetadata(values) });
  }
}

/** Nothing where there is no value. Returns the value's bytes. */
function writeValue(writer: ProtobufWriter, key: string, reader: EventReader): Buffer {
  const start = reader.position;
  if (!readNil(reader)) {
    writeAscii(writer, `,"${key}":`);
    writeJson(writer, reader);
  }
  return reader.bytes.subarray(start, reader.position);
}

function writeTime(writer: ProtobufWriter, key: string, ms: number): void {
  writeAscii(writer, `,"${key}":"${new Date(ms).toISOString()}"`);
}

/** Of JavaScript values, after the body's first field. */
function writeFields(writer: ProtobufWriter, fields: object): void {
  const text = JSON.stringify(fields).slice(1, -1);
  if (text !== '') writeRaw(writer, Buffer.from(`,${text}`));
}

function toAttributes({ decode }: Encoding, bytes: Buffer): TraceAttributes | null {
  return decode(bytes) as TraceAttributes | null;
}

function readHex(reader: EventReader): string {
  const { start, end } = readBytes(reader);
  return reader.bytes.toString('hex', start, end);
}

/** The next value as it stands. */
function bytesOfNext(reader: EventReader): Buffer {
  const start = reader.position;
  skip(reader);
  return reader.bytes.subarray(start, reader.position);
}

function readerOf(bytes: Buffer): EventReader {
  return { bytes, position: 0 };
}
