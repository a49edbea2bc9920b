/** Where a record holds what the application gave it: the values that masking and redaction are for. */

import { OBSERVATION, SCORE, TRACE, TRACE_UPDATE } from '../records/kinds.js';
import type { MaskInput } from '../records/masking.js';
import { mergeMetadata, toText } from '../records/metadata.js';
import { FIELD } from '../records/observation.js';
import { SCORE_FIELD } from '../records/score.js';
import { type MetadataParts, TRACE_FIELD } from '../records/trace.js';
import { OBSERVATION_TYPES } from '../records/vocabulary.js';
import type { RedactedField } from '../shared/contract/redaction.js';
import type { OpenRecord } from './revision.js';

/** What a value is of. */
export interface PayloadOwner extends Pick<MaskInput, 'type' | 'name' | 'traceId'> {
  readonly id: string;
}

export type RevisePayload = (value: unknown, field: RedactedField, owner: PayloadOwner) => unknown;

/** Puts what `revise` returns in the place of each value that is there. Metadata in parts is one value. */
export function revisePayload(record: OpenRecord, revise: RevisePayload): void {
  const kind = record[FIELD.kind];
  if (kind === SCORE) reviseScore(record, revise);
  else if (kind === OBSERVATION || kind === TRACE || kind === TRACE_UPDATE) reviseObservation(record, revise);
  // Rather not sent than sent as it is.
  else throw new Error(`what a record of kind ${kind} holds is not known`);
}

function reviseScore(record: OpenRecord, revise: RevisePayload): void {
  const owner: PayloadOwner = {
    type: 'score',
    id: String(record[SCORE_FIELD.id]),
    name: record[SCORE_FIELD.name] as string,
    traceId: record[SCORE_FIELD.traceId] as string | null,
  };
  if (typeof record[SCORE_FIELD.value] === 'string')
    reviseText(record, SCORE_FIELD.value, 'value', owner, revise);
  reviseText(record, SCORE_FIELD.comment, 'comment', owner, revise);
  reviseValue(record, SCORE_FIELD.metadata, 'metadata', owner, revise);
}

function reviseObservation(record: OpenRecord, revise: RevisePayload): void {
  const isTrace = record[FIELD.kind] !== OBSERVATION;
  const owner: PayloadOwner = {
    type: isTrace ? 'trace' : (OBSERVATION_TYPES[record[FIELD.type] as number] ?? 'span'),
    id: hexOf(record[FIELD.id]),
    name: record[FIELD.name] as string | null,
    traceId: hexOf(record[FIELD.traceId]),
  };
  reviseText(record, FIELD.statusMessage, 'statusMessage', owner, revise);
  reviseValue(record, FIELD.modelParameters, 'modelParameters', owner, revise);
  reviseValue(record, FIELD.input, 'input', owner, revise);
  reviseValue(record, FIELD.output, 'output', owner, revise);
  reviseMetadata(record, FIELD.metadata, owner, revise);
  const trace = record[FIELD.trace] as OpenRecord | null;
  if (trace === null) return;
  const ofTrace: PayloadOwner = { ...owner, type: 'trace', name: trace[TRACE_FIELD.name] as string | null };
  reviseValue(trace, TRACE_FIELD.input, 'input', ofTrace, revise);
  reviseValue(trace, TRACE_FIELD.output, 'output', ofTrace, revise);
  reviseMetadata(trace, TRACE_FIELD.metadata, ofTrace, revise);
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
