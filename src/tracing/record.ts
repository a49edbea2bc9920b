/** What is known of one observation, or of a trace as the root span of its tree, and how it is written as a record. */
import {
  type EventWriter,
  writeArrayHeader,
  writeBoolean,
  writeFloat,
  writeFrozen,
  writeNil,
  writeNumber,
  writeText,
  writeWord,
  writeWordsHeader,
} from '../event/event-writer.js';
import type { Frozen } from '../event/frozen.js';
import {
  OBSERVATION_FIELDS,
  OBSERVATION_LEVELS,
  OBSERVATION_TYPES,
  type ObservationLevel,
  type ObservationRecord,
  type ObservationType,
} from '../records/records.js';
import type { SpanId, TraceId } from './ids.js';

/** The fields of an `ObservationRecord`, values encoded as they came. */
export interface ObservationFields {
  readonly kind: ObservationRecord[0];
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
  usageUnit: string | null;
  promptName: string | null;
  promptVersion: number | null;
  input: Frozen | null;
  output: Frozen | null;
  metadata: Frozen[] | null;
  /** TraceAttributes. */
  trace: Frozen | null;
  isAppRoot: boolean;
  /** Null where the protocol has no such time. */
  saidAt: number | null;
  /** Stand in where it has none of its own. */
  traceVersion: string | null;
  traceEnvironment: string | null;
}

export function createFields(
  kind: ObservationRecord[0],
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

/** In the order of `ObservationRecord`. */
export function writeObservation(out: EventWriter, fields: ObservationFields): void {
  writeArrayHeader(out, OBSERVATION_FIELDS);
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

function writeTraceId(out: EventWriter, { word0, word1, word2, word3 }: TraceId): void {
  writeWordsHeader(out, 4);
  writeWord(out, word0);
  writeWord(out, word1);
  writeWord(out, word2);
  writeWord(out, word3);
}

function writeSpanId(out: EventWriter, { word0, word1 }: SpanId): void {
  writeWordsHeader(out, 2);
  writeWord(out, word0);
  writeWord(out, word1);
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
