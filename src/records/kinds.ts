/** The kinds of records; the first field of each record says which it is. */
import { readArrayHeader, readNumber } from '../event/event-reader.js';

export const OBSERVATION = 0;
/** The trace itself, as an observation that is its root. */
export const TRACE = 1;
export const SCORE = 2;
/**
 * The trace as it stands after some of its spans were written with other attributes, in the fields of TRACE. Langfuse 3
 * merges what spans say of their trace in the order of their starts, so it does not learn the latest state from the spans.
 */
export const TRACE_UPDATE = 3;
/** A span of OpenTelemetry. The same number as TRACE_UPDATE: no ring holds both, and their numbers of fields differ. */
export const OTEL_SPAN = 3;

export function readKind(record: Buffer): number {
  const reader = { bytes: record, position: 0 };
  readArrayHeader(reader);
  return readNumber(reader);
}
