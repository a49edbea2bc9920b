/** The fields of a classic event's body, after the first one: from the event's bytes to JSON text. */
import {
  bytesOfNext,
  type EventReader,
  isArray,
  isBytes,
  isMap,
  isText,
  readArrayHeader,
  readNil,
} from '../../event/event-reader.js';
import { mergeMetadata } from '../../records/metadata.js';
import { stringifyWellFormed } from '../../shared/json.js';
import { writeJson } from '../encoding/event-json.js';
import { type ProtobufWriter, writeAscii, writeRaw } from '../encoding/protobuf-writer.js';
import { toModelParameters, usageFields } from './classic-values.js';
import type { Decode } from './metadata.js';

/** From modelParameters to promptVersion. */
export function writeModelValues(writer: ProtobufWriter, reader: EventReader, decode: Decode): void {
  const values = Array.from({ length: 6 }, () => (readNil(reader) ? null : decode(bytesOfNext(reader))));
  const [modelParameters, usageDetails, costDetails, usageUnit, promptName, promptVersion] = values;
  if (modelParameters !== null) writeFields(writer, { modelParameters: toModelParameters(modelParameters) });
  if (usageDetails !== null || costDetails !== null)
    writeFields(writer, usageFields(usageDetails, costDetails, usageUnit));
  // The server refuses one without the other.
  if (promptName && promptVersion) writeFields(writer, { promptName, promptVersion });
}

export function writeMetadata(writer: ProtobufWriter, reader: EventReader, decode: Decode): void {
  if (readNil(reader)) return;
  const values = Array.from({ length: readArrayHeader(reader) }, () => decode(bytesOfNext(reader)));
  writeFields(writer, { metadata: mergeMetadata(values) });
}

/** Nothing where there is no value. Returns the value's bytes. */
export function writeValue(writer: ProtobufWriter, key: string, reader: EventReader): Buffer {
  const start = reader.position;
  if (!readNil(reader)) {
    writeAscii(writer, `,"${key}":`);
    writeJson(writer, reader);
  }
  return reader.bytes.subarray(start, reader.position);
}

/**
 * The same for an input or output. A number or truth value goes as a text, which is what a server makes of it: but for 0 and
 * false, which it would take for none (`processObservationEventList` in Langfuse's worker/src/services/IngestionService/index.ts).
 */
export function writePayload(writer: ProtobufWriter, key: string, reader: EventReader): Buffer {
  const start = reader.position;
  if (isText(reader) || isMap(reader) || isArray(reader) || isBytes(reader))
    return writeValue(writer, key, reader);
  if (!readNil(reader)) {
    writeAscii(writer, `,"${key}":"`);
    writeJson(writer, reader);
    writeAscii(writer, '"');
  }
  return reader.bytes.subarray(start, reader.position);
}

export function writeTime(writer: ProtobufWriter, key: string, ms: number): void {
  writeAscii(writer, `,"${key}":"${new Date(ms).toISOString()}"`);
}

/** Of JavaScript values, after the body's first field. */
export function writeFields(writer: ProtobufWriter, fields: object): void {
  const text = (stringifyWellFormed(fields) as string).slice(1, -1);
  if (text !== '') writeRaw(writer, Buffer.from(`,${text}`));
}
