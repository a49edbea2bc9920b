/** Which fields of a tracing record hold what the application gave: masking and redaction see these, and no others. */
import type { RedactedField } from '../shared/contract/redaction.js';
import { FIELD } from './observation.js';
import { SCORE_FIELD } from './score.js';
import { TRACE_FIELD } from './trace.js';

export interface PayloadField {
  readonly index: number;
  readonly name: RedactedField;
  /**
   * `text`: the value must stay text. `textOrNumber`: it may be a number, which is no payload. `parts`: metadata of several
   * calls, which are one value.
   */
  readonly form: 'text' | 'textOrNumber' | 'parts' | 'any';
}

/** In the order of the record. */
export const OBSERVATION_PAYLOADS: readonly PayloadField[] = [
  { index: FIELD.statusMessage, name: 'statusMessage', form: 'text' },
  { index: FIELD.modelParameters, name: 'modelParameters', form: 'any' },
  { index: FIELD.input, name: 'input', form: 'any' },
  { index: FIELD.output, name: 'output', form: 'any' },
  { index: FIELD.metadata, name: 'metadata', form: 'parts' },
];

/** Those of a trace in the attributes that an observation carries. */
export const TRACE_PAYLOADS: readonly PayloadField[] = [
  { index: TRACE_FIELD.input, name: 'input', form: 'any' },
  { index: TRACE_FIELD.output, name: 'output', form: 'any' },
  { index: TRACE_FIELD.metadata, name: 'metadata', form: 'parts' },
];

export const SCORE_PAYLOADS: readonly PayloadField[] = [
  { index: SCORE_FIELD.value, name: 'value', form: 'textOrNumber' },
  { index: SCORE_FIELD.comment, name: 'comment', form: 'text' },
  { index: SCORE_FIELD.metadata, name: 'metadata', form: 'any' },
];
