/** Where a record holds what the application gave it: the values that masking and redaction are for. */
import type { MaskInput } from '../records/masking.js';
import { mergeMetadata, toText } from '../records/metadata.js';
import {
  Field,
  type MetadataParts,
  OBSERVATION,
  OBSERVATION_TYPES,
  SCORE,
  ScoreField,
  TRACE,
  TRACE_UPDATE,
  TraceField,
} from '../records/records.js';
import type { RedactedField } from '../shared/contract/redaction.js';
import type { OpenRecord } from './revision.js';

/** What a value is of. */
export interface PayloadOwner extends Pick<MaskInput, 'type' | 'name' | 'traceId'> {
  readonly id: string;
}

export type RevisePayload = (value: unknown, field: RedactedField, owner: PayloadOwner) => unknown;

/** Puts what `revise` returns in the place of each value that is there. Metadata in parts is one value. */
export function revisePayload(record: OpenRecord, revise: RevisePayload): void {
  const kind = record[Field.kind];
  if (kind === SCORE) reviseScore(record, revise);
  else if (kind === OBSERVATION || kind === TRACE || kind === TRACE_UPDATE) reviseObservation(record, revise);
  // Rather not sent than sent as it is.
  else throw new Error(`what a record of kind ${kind} holds is not known`);
}

function reviseScore(record: OpenRecord, revise: RevisePayload): void {
  const owner: PayloadOwner = {
    type: 'score',
    id: String(record[ScoreField.id]),
    name: record[ScoreField.name] as string,
    traceId: record[ScoreField.traceId] as string | null,
  };
  if (typeof record[ScoreField.value] === 'string')
    reviseText(record, ScoreField.value, 'value', owner, revise);
  reviseText(record, ScoreField.comment, 'comment', owner, revise);
  reviseValue(record, ScoreField.metadata, 'metadata', owner, revise);
}

function reviseObservation(record: OpenRecord, revise: RevisePayload): void {
  const isTrace = record[Field.kind] !== OBSERVATION;
  const owner: PayloadOwner = {
    type: isTrace ? 'trace' : (OBSERVATION_TYPES[record[Field.type] as number] ?? 'span'),
    id: hexOf(record[Field.id]),
    name: record[Field.name] as string | null,
    traceId: hexOf(record[Field.traceId]),
  };
  reviseText(record, Field.statusMessage, 'statusMessage', owner, revise);
  reviseValue(record, Field.modelParameters, 'modelParameters', owner, revise);
  reviseValue(record, Field.input, 'input', owner, revise);
  reviseValue(record, Field.output, 'output', owner, revise);
  reviseMetadata(record, Field.metadata, owner, revise);
  const trace = record[Field.trace] as OpenRecord | null;
  if (trace === null) return;
  const ofTrace: PayloadOwner = { ...owner, type: 'trace', name: trace[TraceField.name] as string | null };
  reviseValue(trace, TraceField.input, 'input', ofTrace, revise);
  reviseValue(trace, TraceField.output, 'output', ofTrace, revise);
  reviseMetadata(trace, TraceField.metadata, ofTrace, revise);
}

function reviseValue(
  record: OpenRecord,
  index: number,
  field: RedactedField,
  owner: PayloadOwner,
  revise: RevisePayload,
): void {
  if (record[index] !== null) record[index] = revise(record[index], field, owner) ?? null;
}

/** Where only text may stand. */
function reviseText(
  record: OpenRecord,
  index: number,
  field: RedactedField,
  owner: PayloadOwner,
  revise: RevisePayload,
): void {
  reviseValue(record, index, field, owner, revise);
  if (record[index] !== null) record[index] = toText(record[index]);
}

function reviseMetadata(record: OpenRecord, index: number, owner: PayloadOwner, revise: RevisePayload): void {
  const parts = record[index] as MetadataParts;
  if (parts === null || parts.length === 0) return;
  // What came in one call, of whatever type, is seen as it came.
  const merged = parts.length === 1 ? parts[0] : mergeMetadata(parts);
  if (merged === null || merged === undefined) return;
  const revised = revise(merged, 'metadata', owner) ?? null;
  record[index] = revised === null ? null : [revised];
}

function hexOf(id: unknown): string {
  return Buffer.from(id as Uint8Array).toString('hex');
}
