/** Applies changes to the bytes of an event, and copies all other bytes. */
import { createEventWriter, type EventWriter, writeFrozen } from '../event/event-writer.js';
import { Frozen } from '../event/frozen.js';

export interface Change {
  readonly start: number;
  readonly end: number;
  /** Writes the replacement of the bytes from `start` to `end`. */
  readonly write: (out: EventWriter) => void;
}

const MAX_BYTES = 2 ** 30;

/** `changes`: in the order of their positions. Returns the same event if there are none. */
export function withChanges(event: Buffer, changes: readonly Change[]): Buffer {
  if (changes.length === 0) return event;
  const out = createEventWriter(Buffer.allocUnsafeSlow(event.byteLength), event.byteLength, MAX_BYTES);
  let from = 0;
  for (const { start, end, write } of changes) {
    copy(out, event, from, start);
    write(out);
    from = end;
  }
  copy(out, event, from, event.byteLength);
  return out.buffer.subarray(0, out.position);
}

function copy(out: EventWriter, event: Buffer, start: number, end: number): void {
  writeFrozen(out, new Frozen(event, start, end, null));
}
