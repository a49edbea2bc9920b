/** Changes the payloads of a decoded record: the values that masking and redaction are for. */

import { hexOf } from '../records/ids.js';
import { OBSERVATION, SCORE, TRACE, TRACE_UPDATE } from '../records/kinds.js';
import type { MaskInput } from '../records/masking.js';
import { mergeMetadata, toText } from '../records/metadata.js';
import { FIELD } from '../records/observation.js';
import {
  OBSERVATION_PAYLOADS,
  type PayloadField,
  SCORE_PAYLOADS,
  TRACE_PAYLOADS,
} from '../records/payloads.js';
import { SCORE_FIELD } from '../records/score.js';
import { type MetadataParts, TRACE_FIELD } from '../records/trace.js';
import { OBSERVATION_TYPES } from '../records/vocabulary.js';
import type { RedactedField } from '../shared/contract/redaction.js';
import type { OpenRecord } from './revision.js';

/** The observation, trace or score that a value belongs to. */
export interface PayloadOwner extends Pick<MaskInput, 'type' | 'name' | 'traceId'> {
  readonly id: string;
}

export type RevisePayload = (value: unknown, field: RedactedField, owner: PayloadOwner) => unknown;

/** Replaces each payload that is not null by the result of `revise`. Metadata in parts is one value. */
export function revisePayload(record: OpenRecord, revise: RevisePayload): void {
  const kind = record[FIELD.kind];
  if (kind === SCORE) reviseScore(record, revise);
  else if (kind === OBSERVATION || kind === TRACE || kind === TRACE_UPDATE) reviseObservation(record, revise);
  // A record with unknown payloads must not be sent.
  else throw new Error(`what a record of kind ${kind} holds is not known`);
}

function reviseScore(record: OpenRecord, revise: RevisePayload): void {
  const owner: PayloadOwner = {
    type: 'score',
    id: String(record[SCORE_FIELD.id]),
    name: record[SCORE_FIELD.name] as string,
    traceId: record[SCORE_FIELD.traceId] as string | null,
  };
  reviseFields(record, SCORE_PAYLOADS, owner, revise);
}

function reviseObservation(record: OpenRecord, revise: RevisePayload): void {
  const isTrace = record[FIELD.kind] !== OBSERVATION;
  const owner: PayloadOwner = {
    type: isTrace ? 'trace' : (OBSERVATION_TYPES[record[FIELD.type] as number] ?? 'span'),
    id: hexOf(record[FIELD.id]),
    name: record[FIELD.name] as string | null,
    traceId: hexOf(record[FIELD.traceId]),
  };
  reviseFields(record, OBSERVATION_PAYLOADS, owner, revise);
  const trace = record[FIELD.trace] as OpenRecord | null;
  if (trace === null) return;
  const ofTrace: PayloadOwner = { ...owner, type: 'trace', name: trace[TRACE_FIELD.name] as string | null };
  reviseFields(trace, TRACE_PAYLOADS, ofTrace, revise);
}

function reviseFields(
  record: OpenRecord,
  fields: readonly PayloadField[],
  owner: PayloadOwner,
  revise: RevisePayload,
): void {
  for (const { index, name, form } of fields) {
    const value = record[index];
    if (value === null || (form === 'textOrNumber' && typeof value !== 'string')) continue;
    if (form === 'parts') {
      record[index] = reviseParts(value as MetadataParts, owner, revise);
    } else {
      const revised = revise(value, name, owner) ?? null;
      record[index] = form === 'any' || revised === null ? revised : toText(revised);
    }
  }
}

function reviseParts(parts: MetadataParts, owner: PayloadOwner, revise: RevisePayload): MetadataParts {
  if (parts === null || parts.length === 0) return parts;
  // Metadata of a single call reaches `revise` as it was passed, whatever its type.
  const merged = parts.length === 1 ? parts[0] : mergeMetadata(parts);
  if (merged === null || merged === undefined) return parts;
  const revised = revise(merged, 'metadata', owner) ?? null;
  return revised === null ? null : [revised];
}
