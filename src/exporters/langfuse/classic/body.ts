/** Writes the fields of a classic event's body after the first one: from the record's bytes to JSON text. */
import {
  bytesOfNext,
  type EventReader,
  isArray,
  isBytes,
  isMap,
  isText,
  readArrayHeader,
  readNil,
} from '../../../event/event-reader.js';
import { isRecord, mergeMetadata } from '../../../records/metadata.js';
import type { ObservationView } from '../../../records/observation.js';
import { stringifyWellFormed } from '../../../shared/json.js';
import { writeJson } from '../../encoding/event-json.js';
import { type ProtobufWriter, writeAscii, writeRaw } from '../../encoding/protobuf-writer.js';
import { withoutNulls } from '../ingestion.js';
import type { Decode } from '../metadata.js';

/** Decodes the value at a position of a record; null if there is none. */
export function decodeAt(reader: EventReader, at: number, decode: Decode): unknown {
  reader.position = at;
  return readNil(reader) ? null : decode(bytesOfNext(reader));
}

/** Writes model parameters, usage, cost and prompt. */
export function writeModelValues(
  writer: ProtobufWriter,
  reader: EventReader,
  view: ObservationView,
  decode: Decode,
): void {
  const modelParameters = decodeAt(reader, view.modelParametersAt, decode);
  const usageDetails = decodeAt(reader, view.usageDetailsAt, decode);
  const costDetails = decodeAt(reader, view.costDetailsAt, decode);
  const usageUnit = decodeAt(reader, view.usageUnitAt, decode);
  const promptName = decodeAt(reader, view.promptNameAt, decode);
  const promptVersion = decodeAt(reader, view.promptVersionAt, decode);
  if (modelParameters !== null) writeFields(writer, { modelParameters: toModelParameters(modelParameters) });
  if (usageDetails !== null || costDetails !== null)
    writeFields(writer, usageFields(usageDetails, costDetails, usageUnit));
  // The server refuses a name without a version, and a version without a name.
  if (promptName && promptVersion) writeFields(writer, { promptName, promptVersion });
}

export function writeMetadata(writer: ProtobufWriter, reader: EventReader, decode: Decode): void {
  if (readNil(reader)) return;
  const values = Array.from({ length: readArrayHeader(reader) }, () => decode(bytesOfNext(reader)));
  writeFields(writer, { metadata: mergeMetadata(values) });
}

export function writeValue(writer: ProtobufWriter, key: string, reader: EventReader, at: number): void {
  reader.position = at;
  writeNext(writer, key, reader);
}

/** Writes nothing if there is no value. */
function writeNext(writer: ProtobufWriter, key: string, reader: EventReader): void {
  if (readNil(reader)) return;
  writeAscii(writer, `,"${key}":`);
  writeJson(writer, reader);
}

/**
 * Does the same for an input or output. It writes a number or boolean as a text: a server makes a text of it, but takes 0 and
 * false for no value (`processObservationEventList` in Langfuse's worker/src/services/IngestionService/index.ts).
 */
export function writePayload(writer: ProtobufWriter, key: string, reader: EventReader): void {
  if (isText(reader) || isMap(reader) || isArray(reader) || isBytes(reader)) {
    writeNext(writer, key, reader);
  } else if (!readNil(reader)) {
    writeAscii(writer, `,"${key}":"`);
    writeJson(writer, reader);
    writeAscii(writer, '"');
  }
}

export function writeTime(writer: ProtobufWriter, key: string, ms: number): void {
  writeAscii(writer, `,"${key}":"${new Date(ms).toISOString()}"`);
}

/** Writes JavaScript values as fields. */
export function writeFields(writer: ProtobufWriter, fields: object): void {
  const text = (stringifyWellFormed(fields) as string).slice(1, -1);
  if (text !== '') writeRaw(writer, Buffer.from(`,${text}`));
}

/**
 * The server refuses the whole observation if a model parameter is no text, number, boolean or list of texts
 * (`CreateGenerationBody` in Langfuse's packages/shared/src/server/ingestion/types.ts): other values become their JSON text.
 */
function toModelParameters(value: unknown): Record<string, unknown> {
  const parameters = isRecord(value) ? value : { parameters: value };
  const members = Object.entries(parameters).filter(([, one]) => one !== null);
  return Object.fromEntries(members.map(([name, one]) => [name, toParameter(one)]));
}

function toParameter(value: unknown): unknown {
  if (['string', 'number', 'boolean'].includes(typeof value)) return value;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value;
  return stringifyWellFormed(value);
}

/** Usage and cost for servers of every age: those without `usageDetails` (before Langfuse 3) read `usage`. */
function usageFields(
  usageDetails: unknown,
  costDetails: unknown,
  usageUnit: unknown,
): Record<string, unknown> {
  const counts = isRecord(usageDetails) ? usageDetails : null;
  const cost = isRecord(costDetails) ? costDetails : null;
  const usage = withoutNulls({
    input: counts?.input,
    output: counts?.output,
    total: counts?.total,
    unit: counts === null ? null : (usageUnit ?? 'TOKENS'),
    inputCost: cost?.input,
    outputCost: cost?.output,
    totalCost: cost?.total,
  });
  return withoutNulls({ usageDetails: counts, costDetails: cost, usage });
}
