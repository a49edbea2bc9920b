/**
 * The record of an observation, or of a trace as the root of its tree: its fields, its writer, its reader. A record crosses
 * the ring as an array with a fixed order of fields, so that no key is ever encoded; this file alone knows the order. Times
 * are milliseconds since 1970, with fractions.
 */
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
  writeArrayHeader,
  writeBoolean,
  writeFloat,
  writeFrozen,
  writeNil,
  writeNumber,
  writeText,
} from '../event/event-writer.js';
import type { Frozen } from '../event/frozen.js';
import { type SpanId, type TraceId, writeSpanId, writeTraceId } from './ids.js';
import type { OBSERVATION, TRACE, TRACE_UPDATE } from './kinds.js';
import {
  OBSERVATION_LEVELS,
  OBSERVATION_TYPES,
  type ObservationLevel,
  type ObservationType,
} from './vocabulary.js';

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
  input: Frozen | null;
  output: Frozen | null;
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

/** A `WriteEvent` (producer/push/event-codec): it may be called twice for the same fields. */
export function writeObservation(out: EventWriter, fields: ObservationFields): void {
  writeArrayHeader(out, OBSERVATION_FIELD_COUNT);
  writeNumber(out, fields.kind);
  writeNumber(out, OBSERVATION_TYPES.indexOf(fields.type));
  writeTraceId(out, fields.traceId);
  writeSpanId(out, fields.id);
  if (fields.parentId === null) writeNil(out);
  else writeSpanId(out, fields.parentId);
  writeOptionalText(out, fields.name);
  writeFloat(out, fields.startTime);
  writeFloat(out, fields.endTime as number);
  writeOptionalNumber(out, fields.completionStartTime);
  writeOptionalNumber(out, fields.level === null ? null : OBSERVATION_LEVELS.indexOf(fields.level));
  writeOptionalText(out, fields.statusMessage);
  writeOptionalText(out, fields.version ?? fields.traceVersion);
  writeOptionalText(out, fields.environment ?? fields.traceEnvironment);
  writeOptionalText(out, fields.model);
  writeFrozen(out, fields.modelParameters);
  writeFrozen(out, fields.usageDetails);
  writeFrozen(out, fields.costDetails);
  writeOptionalText(out, fields.usageUnit);
  writeOptionalText(out, fields.promptName);
  writeOptionalNumber(out, fields.promptVersion);
  writeFrozen(out, fields.input);
  writeFrozen(out, fields.output);
  writeParts(out, fields.metadata);
  writeFrozen(out, fields.trace);
  writeBoolean(out, fields.isAppRoot);
  if (fields.saidAt === null) writeNil(out);
  else writeFloat(out, fields.saidAt);
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
