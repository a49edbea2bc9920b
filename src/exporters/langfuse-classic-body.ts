/** The fields of a classic event's body, after the first one: from the event's bytes to JSON text. */
import { bytesOfNext, type EventReader, readArrayHeader, readNil } from '../event/event-reader.js';
import { stringifyWellFormed } from '../shared/json.js';
import { mergeMetadata } from '../shared/metadata.js';
import { writeJson } from './event-json.js';
import { toModelParameters, usageFields } from './langfuse-classic-values.js';
import type { Decode } from './langfuse-metadata.js';
import { type ProtobufWriter, writeAscii, writeRaw } from './protobuf-writer.js';

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

export function writeTime(writer: ProtobufWriter, key: string, ms: number): void {
  writeAscii(writer, `,"${key}":"${new Date(ms).toISOString()}"`);
}

/** Of JavaScript values, after the body's first field. */
export function writeFields(writer: ProtobufWriter, fields: object): void {
  const text = (stringifyWellFormed(fields) as string).slice(1, -1);
  if (text !== '') writeRaw(writer, Buffer.from(`,${text}`));
}
