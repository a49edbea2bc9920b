/**
 * The record of an observation, or of a trace as the root of its tree: its fields, its writer, its reader. A record crosses
 * the ring as an array with a fixed order of fields, so that no key is ever encoded; this file alone knows the order. Times
 * are milliseconds since 1970, with fractions.
 */

import { ARRAY32, BIN8, NIL } from '../event/event-format.js';
import {
  type EventReader,
  type Range,
  readArrayHeader,
  readBoolean,
  readBytes,
  readNil,
  readNumber,
  skip,
} from '../event/event-reader.js';
import {
  type EventWriter,
  reserve,
  writeArrayHeader,
  writeBoolean,
  writeFloat,
  writeFrozen,
  writeNil,
  writeNils,
  writeNumber,
  writeText,
} from '../event/event-writer.js';
import type { Frozen } from '../event/frozen.js';
import type { SpanId, TraceId } from './ids.js';
import type { OBSERVATION, TRACE, TRACE_UPDATE } from './kinds.js';
import {
  OBSERVATION_LEVELS,
  OBSERVATION_TYPES,
  type ObservationLevel,
  type ObservationType,
} from './vocabulary.js';

/** Where the 16 bytes of the trace's id are in a record. */
export function readTraceIdAt(record: Buffer): number {
  const reader: EventReader = { bytes: record, position: 0 };
  readArrayHeader(reader);
  readNumber(reader);
  readNumber(reader);
  return readBytes(reader).start;
}

type ObservationKind = typeof OBSERVATION | typeof TRACE | typeof TRACE_UPDATE;

/** Where each field stands in the array. */
export const FIELD = {
  kind: 0,
  /** Index into OBSERVATION_TYPES. */
  type: 1,
  traceId: 2,
  id: 3,
  parentId: 4,
  name: 5,
  startTime: 6,
  endTime: 7,
  completionStartTime: 8,
  /** Index into OBSERVATION_LEVELS. */
  level: 9,
  statusMessage: 10,
  version: 11,
  environment: 12,
  model: 13,
  modelParameters: 14,
  usageDetails: 15,
  costDetails: 16,
  usageUnit: 17,
  promptName: 18,
  promptVersion: 19,
  input: 20,
  output: 21,
  /** MetadataParts. */
  metadata: 22,
  /** TraceAttributes. */
  trace: 23,
  isAppRoot: 24,
  saidAt: 25,
} as const;

export const OBSERVATION_FIELD_COUNT = 26;

/** A text is kept as it is: it cannot change. Null: there is no value. */
export type Kept = Frozen | string | null;

/** The fields of a record as a handle keeps them until it is written: values were encoded when they were passed. */
export interface ObservationFields {
  readonly kind: ObservationKind;
  readonly type: ObservationType;
  readonly traceId: TraceId;
  readonly id: SpanId;
  readonly parentId: SpanId | null;
  name: string | null;
  startTime: number;
  /** Null while it has not ended. */
  endTime: number | null;
  completionStartTime: number | null;
  level: ObservationLevel | null;
  statusMessage: string | null;
  version: string | null;
  environment: string | null;
  model: string | null;
  modelParameters: Frozen | null;
  usageDetails: Frozen | null;
  costDetails: Frozen | null;
  /** What the usage counts, for servers that keep it (before Langfuse 3). Null: tokens. */
  usageUnit: string | null;
  promptName: string | null;
  promptVersion: number | null;
  input: Kept;
  output: Kept;
  metadata: Frozen[] | null;
  trace: Frozen | null;
  /** Whether it is the first span of its trace that this application exports. */
  isAppRoot: boolean;
  /** When the application said it, if that decides which of two events counts. Null: the protocol has no such time. */
  saidAt: number | null;
  /** Used if the observation has no version or environment of its own. */
  traceVersion: string | null;
  traceEnvironment: string | null;
}

export function createFields(
  kind: ObservationKind,
  type: ObservationType,
  traceId: TraceId,
  id: SpanId,
  parentId: SpanId | null,
  startTime: number,
): ObservationFields {
  return {
    kind,
    type,
    traceId,
    id,
    parentId,
    name: null,
    startTime,
    endTime: null,
    completionStartTime: null,
    level: null,
    statusMessage: null,
    version: null,
    environment: null,
    model: null,
    modelParameters: null,
    usageDetails: null,
    costDetails: null,
    usageUnit: null,
    promptName: null,
    promptVersion: null,
    input: null,
    output: null,
    metadata: null,
    trace: null,
    isAppRoot: false,
    saidAt: null,
    traceVersion: null,
    traceEnvironment: null,
  };
}

/** The bytes that stand before an id: the tag of bytes, and their number. */
const TRACE_ID_HEADER = (BIN8 << 8) | 16;
const SPAN_ID_HEADER = (BIN8 << 8) | 8;
const MAX_IDENTITY_BYTES = 45;

/** A `WriteEvent` (producer/push/event-codec): it may be called twice for the same fields. */
export function writeObservation(out: EventWriter, fields: ObservationFields): void {
  writeIdentity(out, fields);
  writeOptionalText(out, fields.name);
  writeFloat(out, fields.startTime);
  writeFloat(out, fields.endTime as number);
  writeDescription(out, fields);
  writeModelFields(out, fields);
  writeKept(out, fields.input);
  writeKept(out, fields.output);
  writeParts(out, fields.metadata);
  writeFrozen(out, fields.trace);
  writeBoolean(out, fields.isAppRoot);
  if (fields.saidAt === null) writeNil(out);
  else writeFloat(out, fields.saidAt);
}

/** Kind, type and ids, with one reservation and in whole words: field by field they take 80 ns longer (measured). */
function writeIdentity(out: EventWriter, fields: ObservationFields): void {
  reserve(out, MAX_IDENTITY_BYTES);
  const { buffer, view } = out;
  const { kind, type, traceId, id, parentId } = fields;
  let at = out.position;
  buffer[at] = ARRAY32;
  view.setInt32(at + 1, OBSERVATION_FIELD_COUNT);
  view.setInt32(at + 5, (kind << 24) | (indexOfType(type) << 16) | TRACE_ID_HEADER);
  view.setInt32(at + 9, traceId.word0);
  view.setInt32(at + 13, traceId.word1);
  view.setInt32(at + 17, traceId.word2);
  view.setInt32(at + 21, traceId.word3);
  view.setInt16(at + 25, SPAN_ID_HEADER);
  view.setInt32(at + 27, id.word0);
  view.setInt32(at + 31, id.word1);
  at += 35;
  if (parentId === null) {
    buffer[at++] = NIL;
  } else {
    view.setInt16(at, SPAN_ID_HEADER);
    view.setInt32(at + 2, parentId.word0);
    view.setInt32(at + 6, parentId.word1);
    at += 10;
  }
  out.position = at;
}

const LAST_TYPE = OBSERVATION_TYPES.length - 1;

/** Not `Array.indexOf`: that is a call, and the types that are written most stand first. */
function indexOfType(type: ObservationType): number {
  let index = 0;
  while (index < LAST_TYPE && OBSERVATION_TYPES[index] !== type) index++;
  return index;
}

/** Mostly the first four are missing. */
function writeDescription(out: EventWriter, fields: ObservationFields): void {
  const { completionStartTime, level, statusMessage } = fields;
  const version = fields.version ?? fields.traceVersion;
  if (completionStartTime === null && level === null && statusMessage === null && version === null) {
    writeNils(out, 4);
  } else {
    writeOptionalNumber(out, completionStartTime);
    writeOptionalNumber(out, level === null ? null : OBSERVATION_LEVELS.indexOf(level));
    writeOptionalText(out, statusMessage);
    writeOptionalText(out, version);
  }
  writeOptionalText(out, fields.environment ?? fields.traceEnvironment);
  writeOptionalText(out, fields.model);
}

/** Mostly all are missing. */
function writeModelFields(out: EventWriter, fields: ObservationFields): void {
  const { modelParameters, usageDetails, costDetails, usageUnit, promptName, promptVersion } = fields;
  if (
    modelParameters === null &&
    usageDetails === null &&
    costDetails === null &&
    usageUnit === null &&
    promptName === null &&
    promptVersion === null
  ) {
    writeNils(out, 6);
    return;
  }
  writeFrozen(out, modelParameters);
  writeFrozen(out, usageDetails);
  writeFrozen(out, costDetails);
  writeOptionalText(out, usageUnit);
  writeOptionalText(out, promptName);
  writeOptionalNumber(out, promptVersion);
}

function writeKept(out: EventWriter, kept: Kept): void {
  if (typeof kept === 'string') writeText(out, kept);
  else writeFrozen(out, kept);
}

function writeOptionalText(out: EventWriter, text: string | null): void {
  if (text === null) writeNil(out);
  else writeText(out, text);
}

function writeOptionalNumber(out: EventWriter, value: number | null): void {
  if (value === null) writeNil(out);
  else writeNumber(out, value);
}

function writeParts(out: EventWriter, parts: readonly Frozen[] | null): void {
  if (parts === null) {
    writeNil(out);
  } else {
    writeArrayHeader(out, parts.length);
    for (const part of parts) writeFrozen(out, part);
  }
}

/** The fields that say what a record is of. */
interface ObservationHead {
  readonly kind: number;
  readonly type: number;
  readonly traceId: Range;
  readonly id: Range;
}

/** Throws if the record is no observation and no trace. The reader then stands behind the id. */
export function readObservationHead(reader: EventReader): ObservationHead {
  expectFields(reader);
  return {
    kind: readNumber(reader),
    type: readNumber(reader),
    traceId: readBytes(reader),
    id: readBytes(reader),
  };
}

function expectFields(reader: EventReader): void {
  const fields = readArrayHeader(reader);
  if (fields !== OBSERVATION_FIELD_COUNT) throw new Error(`a record of ${fields} fields`);
}

/** Moves from one field to a later one. */
export function skipFields(reader: EventReader, from: number, to: number): void {
  for (let field = from; field < to; field++) skip(reader);
}

export type ObservationView = ReturnType<typeof readObservation>;

/**
 * The parts of a record in its bytes, but for the payloads. A member that ends in `At` is the position of a value, which may
 * be nil. JavaScript evaluates the members of a literal in their order, which is that of the record.
 */
export function readObservation(reader: EventReader) {
  expectFields(reader);
  return {
    kind: readNumber(reader),
    type: readNumber(reader),
    traceId: readBytes(reader),
    id: readBytes(reader),
    parentId: readNil(reader) ? undefined : readBytes(reader),
    nameAt: skipped(reader),
    startTime: readNumber(reader),
    endTime: readNumber(reader),
    completionStartTime: readOptionalNumber(reader),
    level: readOptionalNumber(reader),
    statusMessageAt: skipped(reader),
    versionAt: skipped(reader),
    environmentAt: skipped(reader),
    modelAt: skipped(reader),
    modelParametersAt: skipped(reader),
    usageDetailsAt: skipped(reader),
    costDetailsAt: skipped(reader),
    usageUnitAt: skipped(reader),
    promptNameAt: skipped(reader),
    promptVersionAt: skipped(reader),
    payloadsAt: reader.position,
  };
}

export type ObservationPayloads = ReturnType<typeof readPayloads>;

/** Each function has to read the value where the reader stands, which may be nil, and nothing else. */
interface PayloadReaders {
  input(reader: EventReader): void;
  output(reader: EventReader): void;
  metadata(reader: EventReader): void;
  trace(reader: EventReader): void;
}

/**
 * Calls a function for each value that may be large, so that each is walked through once: to find their positions first, as
 * `readObservation` does for the small values, costs 30 % of a span with nested values. Returns where they stand, and the
 * fields behind them.
 */
export function readPayloads(reader: EventReader, { payloadsAt }: ObservationView, read: PayloadReaders) {
  reader.position = payloadsAt;
  return {
    inputAt: passed(reader, read.input),
    outputAt: passed(reader, read.output),
    metadataAt: passed(reader, read.metadata),
    traceAt: passed(reader, read.trace),
    traceEnd: reader.position,
    isAppRoot: readBoolean(reader),
    saidAt: readOptionalNumber(reader),
  };
}

function passed(reader: EventReader, read: (reader: EventReader) => void): number {
  const { position } = reader;
  read(reader);
  return position;
}

function skipped(reader: EventReader): number {
  const { position } = reader;
  skip(reader);
  return position;
}

function readOptionalNumber(reader: EventReader): number | undefined {
  return readNil(reader) ? undefined : readNumber(reader);
}
