/** Writes a span onto several rings: its record is made once, and copied. */
import { writeFrozen } from '../event/event-writer.js';
import type { Frozen } from '../event/frozen.js';
import { createEventCodec, encodeApart, type WriteEvent } from '../producer/push/event-codec.js';
import type { FinishedSpan } from '../records/finished-span.js';
import { writeSpan } from '../records/span.js';

export interface SharedWriter {
  readonly write: WriteEvent<FinishedSpan>;
  /** Lets go of the last span. */
  forget(): void;
}

/** Each engine has a bound of its own, which is lower. */
const MAX_BYTES = 256 * 1024 * 1024;

export function createSharedWriter(): SharedWriter {
  const codec = createEventCodec(MAX_BYTES);
  let last: { readonly span: FinishedSpan; readonly record: Frozen } | undefined;
  return {
    write(out, span) {
      if (last?.span !== span) last = { span, record: encodeApart(codec, writeSpan, span) };
      writeFrozen(out, last.record);
    },
    forget() {
      last = undefined;
    },
  };
}
