/**
 * Writes the names and messages on a span. OpenTelemetry's API takes whatever it is given for them, and many a tracer
 * is asked for without a name: a span is not lost for it.
 */
import { type EventWriter, writeNil, writeText } from '../event/event-writer.js';

/** Text as it is; nothing is the empty one. */
export function writeName(out: EventWriter, name: unknown): void {
  writeText(out, typeof name === 'string' ? name : String(name ?? ''));
}

export function writeOptionalText(out: EventWriter, text: unknown): void {
  if (text === undefined || text === null || text === '') writeNil(out);
  else writeName(out, text);
}
