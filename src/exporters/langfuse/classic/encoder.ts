/** Encodes observations and traces as create events of Langfuse's classic ingestion, for servers that accept no OTLP. */

import { type EventReader, skip } from '../../../event/event-reader.js';
import { message, warnBy } from '../../../messages/message.js';
import { hexAt } from '../../../records/ids.js';
import { OBSERVATION, TRACE_UPDATE } from '../../../records/kinds.js';
import {
  type ObservationPayloads,
  type ObservationView,
  readObservation,
  readPayloads,
} from '../../../records/observation.js';
import { type MetadataParts, rootSpanId, TRACE_FIELD, type TraceAttributes } from '../../../records/trace.js';
import { OBSERVATION_LEVELS, OBSERVATION_TYPES } from '../../../records/vocabulary.js';
import type { EncodedRecord, ExportResponse } from '../../../shared/contract/exporter.js';
import { systemNow } from '../../../shared/runtime/real-time.js';
import type { Sent } from '../../../shared/untrusted-text/untrusted-text.js';
import {
  begin,
  createProtobufWriter,
  type ProtobufWriter,
  take,
  writeAscii,
} from '../../encoding/protobuf-writer.js';
import { type IngestionOutcome, outcomeOfIngestion } from '../ingestion.js';
import type { Decode } from '../metadata.js';
import {
  decodeAt,
  writeFields,
  writeMetadata,
  writeModelValues,
  writePayload,
  writeTime,
  writeValue,
} from './body.js';
import {
  beginEvent,
  createEventIds,
  createEventTimes,
  type EventIds,
  type EventTimes,
  endEvent,
  eventIdsOf,
  eventType,
  nextEventId,
  TRACE_TYPE,
  traceEventId,
  writeOlderType,
} from './event.js';
import { createKnownTraces, type KnownTraces, traceFields } from './trace.js';

interface ClassicEncoder {
  /**
   * Encodes a record: one event, and a second one if the observation brings its trace with it. `id`: the observation's or the
   * trace's, in hexadecimal digits.
   */
  encode(record: Buffer): { id: string; bytes: Buffer };
  outcome(records: readonly EncodedRecord[], response: ExportResponse, sent?: Sent): IngestionOutcome;
  /** To be called after a request that the server has not accepted: there may have been traces in it. */
  forgetTraces(): void;
}

const EVENT = OBSERVATION_TYPES.indexOf('event');

/** Room that is enough for most events, with escaped text and the keys. */
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
      const reader: EventReader = { bytes: record, position: 0 };
      const view = readObservation(reader);
      begin(writer, EXPECTED_GROWTH * record.byteLength + EXPECTED_KEYS_BYTES);
      const write = view.kind === OBSERVATION ? writeObservation : writeTrace;
      const id = write(encoding, reader, view);
      return { id, bytes: take(writer) };
    },

    outcome(records, response, sent) {
      const outcome = outcomeOfIngestion(records, response, eventIdsOf, sent);
      if (outcome.kind !== 'partial') return outcome;
      // There may be traces among the refused events.
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

/** Returns the observation's id. */
function writeObservation(encoding: Encoding, reader: EventReader, view: ObservationView): string {
  const { writer, decode, ids, known } = encoding;
  const { type, parentId, startTime, completionStartTime, level } = view;
  const { bytes } = reader;
  const eventId = nextEventId(ids);
  beginEvent(writer, eventId, eventType(type, encoding.isOlderServer));
  const traceId = hexAt(bytes, view.traceId);
  const id = hexAt(bytes, view.id);
  writeAscii(writer, `"id":"${id}","traceId":"${traceId}"`);
  const parent = parentId && hexAt(bytes, parentId);
  // The span of the trace is the trace itself.
  if (parent !== undefined && parent !== rootSpanId(traceId)) {
    writeAscii(writer, `,"parentObservationId":"${parent}"`);
  }
  writeValue(writer, 'name', reader, view.nameAt);
  writeTime(writer, 'startTime', startTime);
  // A server leaves out the end of an event.
  if (type !== EVENT) writeTime(writer, 'endTime', Math.max(startTime, view.endTime));
  if (completionStartTime !== undefined) writeTime(writer, 'completionStartTime', completionStartTime);
  if (level !== undefined) writeAscii(writer, `,"level":"${OBSERVATION_LEVELS[level]}"`);
  writeValue(writer, 'statusMessage', reader, view.statusMessageAt);
  writeValue(writer, 'version', reader, view.versionAt);
  writeValue(writer, 'environment', reader, view.environmentAt);
  writeValue(writer, 'model', reader, view.modelAt);
  writeModelValues(writer, reader, view, decode);
  const payloads = readPayloads(reader, view, {
    input: () => writePayload(writer, 'input', reader),
    output: () => writePayload(writer, 'output', reader),
    metadata: () => writeMetadata(writer, reader, decode),
    trace: skip,
  });
  const saidAt = payloads.saidAt ?? systemNow();
  endEvent(writer, encoding.times(id, saidAt));

  const attributes = bytes.subarray(payloads.traceAt, payloads.traceEnd);
  // A root brings its trace each time: only the root knows when the trace began and what it is about.
  if (known.isNews(traceId, id, attributes) || parentId === undefined) {
    writeAscii(writer, ',');
    beginEvent(writer, traceEventId(eventId), TRACE_TYPE);
    writeAscii(writer, `"id":"${traceId}"`);
    const trace = decode(attributes) as TraceAttributes | null;
    writeTraceBeside(encoding, reader, { ...view, ...payloads }, trace);
    endEvent(writer, encoding.times(traceId, saidAt));
  }
  return id;
}

/** Values that a trace takes from its root if it has none of its own. */
const SHARED_WITH_ROOT = [
  ['version', 'versionAt'],
  ['environment', 'environmentAt'],
  ['input', 'inputAt'],
  ['output', 'outputAt'],
] as const;

/** Writes what an observation says of its trace. */
function writeTraceBeside(
  { writer, decode }: Encoding,
  reader: EventReader,
  view: ObservationView & ObservationPayloads,
  attributes: TraceAttributes | null,
): void {
  const isRoot = view.parentId === undefined;
  writeTime(writer, 'timestamp', attributes?.[TRACE_FIELD.startTime] ?? view.startTime);
  for (const [field, rootAt] of SHARED_WITH_ROOT) {
    const own = attributes?.[TRACE_FIELD[field]] ?? null;
    if (own !== null) writeFields(writer, { [field]: typeof own === 'object' ? own : String(own) });
    else if (isRoot) {
      reader.position = view[rootAt];
      writePayload(writer, field, reader);
    }
  }
  const rootName = isRoot ? decodeAt(reader, view.nameAt, decode) : undefined;
  writeFields(writer, traceFields(attributes, rootName, null));
}

/** Returns the trace's id. */
function writeTrace(encoding: Encoding, reader: EventReader, view: ObservationView): string {
  const { writer, decode, ids, known } = encoding;
  const { bytes } = reader;
  beginEvent(writer, nextEventId(ids), TRACE_TYPE);
  const traceId = hexAt(bytes, view.traceId);
  writeAscii(writer, `"id":"${traceId}"`);
  writeTime(writer, 'timestamp', view.startTime);
  writeValue(writer, 'version', reader, view.versionAt);
  writeValue(writer, 'environment', reader, view.environmentAt);
  const payloads = readPayloads(reader, view, {
    input: () => writePayload(writer, 'input', reader),
    output: () => writePayload(writer, 'output', reader),
    metadata: skip,
    trace: skip,
  });
  const name = decodeAt(reader, view.nameAt, decode);
  const metadata = decodeAt(reader, payloads.metadataAt, decode) as MetadataParts;
  const attributes = bytes.subarray(payloads.traceAt, payloads.traceEnd);
  writeFields(writer, traceFields(decode(attributes) as TraceAttributes | null, name, metadata));
  const saidAt = payloads.saidAt ?? systemNow();
  // For updates beside spans the client has chosen times that rise in the order of what was said.
  endEvent(writer, view.kind === TRACE_UPDATE ? saidAt : encoding.times(traceId, saidAt));
  known.isNews(traceId, hexAt(bytes, view.id), attributes);
  return traceId;
}
