/**
 * Replaces the payloads of a record by the text for failed masking, if a worker died or hung at the record. It works on the
 * bytes: no payload may be decoded once more, and no function of the application may be called.
 */
import {
  type EventReader,
  isArray,
  isBytes,
  isMap,
  isText,
  readArrayHeader,
  readMapHeader,
  readNil,
  readText,
  skip,
} from '../event/event-reader.js';
import { writeValue } from '../event/value-writer.js';
import { OBSERVATION, readKind, SCORE, TRACE, TRACE_UPDATE } from '../records/kinds.js';
import { FULLY_MASKED } from '../records/masking.js';
import { FIELD, OBSERVATION_FIELD_COUNT } from '../records/observation.js';
import {
  OBSERVATION_PAYLOADS,
  type PayloadField,
  SCORE_PAYLOADS,
  TRACE_PAYLOADS,
} from '../records/payloads.js';
import { readEach, readSpan } from '../records/span.js';
import { readSpanEvent, readSpanLink } from '../records/span-parts.js';
import { type Change, withChanges } from './event-changes.js';

const METADATA_PARTS = [FULLY_MASKED];

/** Withholds the payloads of a tracing record. */
export function withholdPayloads(event: Buffer): Buffer {
  const reader: EventReader = { bytes: event, position: 0 };
  const changes: Change[] = [];
  const kind = readKind(event);
  const fields = readArrayHeader(reader);
  if (kind === SCORE) withholdFields(reader, SCORE_PAYLOADS, fields, changes);
  else if (kind === OBSERVATION || kind === TRACE || kind === TRACE_UPDATE)
    withholdObservation(reader, fields, changes);
  // A record with unknown payloads must not be sent.
  else throw new Error(`what a record of kind ${kind} holds is not known`);
  return withChanges(event, changes);
}

function withholdObservation(reader: EventReader, fields: number, changes: Change[]): void {
  if (fields !== OBSERVATION_FIELD_COUNT) throw new Error(`a record of ${fields} fields`);
  for (let field = 0; field < fields; field++) {
    if (field !== FIELD.trace) withholdField(reader, OBSERVATION_PAYLOADS, field, changes);
    else if (!readNil(reader)) withholdFields(reader, TRACE_PAYLOADS, readArrayHeader(reader), changes);
  }
}

function withholdFields(
  reader: EventReader,
  payloads: readonly PayloadField[],
  fields: number,
  changes: Change[],
): void {
  for (let field = 0; field < fields; field++) withholdField(reader, payloads, field, changes);
}

function withholdField(
  reader: EventReader,
  payloads: readonly PayloadField[],
  field: number,
  changes: Change[],
): void {
  const form = payloads.find(({ index }) => index === field)?.form;
  if (form === undefined || (form === 'textOrNumber' && !isText(reader))) skip(reader);
  else withhold(reader, form === 'parts' ? METADATA_PARTS : FULLY_MASKED, changes);
}

function withhold(reader: EventReader, value: unknown, changes: Change[]): void {
  if (readNil(reader)) return;
  const start = reader.position;
  skip(reader);
  changes.push({ start, end: reader.position, write: (out) => writeValue(out, value) });
}

/** Attributes that name things, and hold no payload. All others may hold one. */
const NAMES =
  /^(?:langfuse\.(?:environment|release|version|observation\.(?:type|level|model\.name|prompt\.name)|trace\.(?:name|tags))|user\.id|session\.id|gen_ai\.(?:system|operation\.name|provider\.name|(?:request|response)\.model)|openinference\.span\.kind)$/;

/** Withholds attributes of an OpenTelemetry span that are text, bytes, a list or an object, and its status message. */
export function withholdSpanPayloads(event: Buffer): Buffer {
  const reader: EventReader = { bytes: event, position: 0 };
  const { attributesAt, eventsAt, linksAt, statusMessageAt } = readSpan(reader);
  const changes: Change[] = [];
  withholdAttributes(reader, attributesAt, changes);
  readEach(reader, eventsAt, (one) => withholdThere(one, readSpanEvent, changes));
  readEach(reader, linksAt, (one) => withholdThere(one, readSpanLink, changes));
  reader.position = statusMessageAt;
  withhold(reader, FULLY_MASKED, changes);
  return withChanges(event, changes);
}

function withholdThere(
  reader: EventReader,
  read: (reader: EventReader) => { readonly attributesAt: number },
  changes: Change[],
): void {
  const { attributesAt } = read(reader);
  const { position } = reader;
  withholdAttributes(reader, attributesAt, changes);
  reader.position = position;
}

function withholdAttributes(reader: EventReader, at: number, changes: Change[]): void {
  reader.position = at;
  for (let left = readMapHeader(reader); left > 0; left--) {
    const { encoding, start, end } = readText(reader);
    const isWithheld = mayHoldPayload(reader) && !NAMES.test(reader.bytes.toString(encoding, start, end));
    if (isWithheld) withhold(reader, FULLY_MASKED, changes);
    else skip(reader);
  }
}

/** Whether the value is no number, no boolean and not nil. */
function mayHoldPayload(reader: EventReader): boolean {
  return isText(reader) || isMap(reader) || isArray(reader) || isBytes(reader);
}
