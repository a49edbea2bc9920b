/** Puts other values in the place of some of an event's, whose other bytes stay what they are. */
import { createEventWriter, type EventWriter, writeFrozen } from '../event/event-writer.js';
import { Frozen } from '../event/frozen.js';
import { writeValue } from '../event/value-writer.js';

/** Where the value stands, and what comes in its place. */
export interface Change {
  readonly start: number;
  readonly end: number;
  readonly value: unknown;
}

const MAX_BYTES = 2 ** 30;

/** `changes` in the order of their places. The same event where there are none. */
export function withChanges(event: Buffer, changes: readonly Change[]): Buffer {
  if (changes.length === 0) return event;
  const out = createEventWriter(Buffer.allocUnsafeSlow(event.byteLength), event.byteLength, MAX_BYTES);
  let from = 0;
  for (const { start, end, value } of changes) {
    copy(out, event, from, start);
    writeValue(out, value);
    from = end;
  }
  copy(out, event, from, event.byteLength);
  return out.buffer.subarray(0, out.position);
}

function copy(out: EventWriter, event: Buffer, start: number, end: number): void {
  writeFrozen(out, new Frozen(event, start, end, null));
}
