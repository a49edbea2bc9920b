/** Writes a span onto several rings: serialises it once, and copies the bytes. */
import { writeFrozen } from '../event/event-writer.js';
import type { Frozen } from '../event/frozen.js';
import { createEventCodec, encodeToScratch, type WriteEvent } from '../producer/push/event-codec.js';
import type { FinishedSpan } from '../records/finished-span.js';
import { writeSpan } from '../records/span.js';

export interface SharedWriter {
  readonly write: WriteEvent<FinishedSpan>;
  /** Releases the last span for garbage collection. */
  forget(): void;
}

/** Higher than the bound of any engine. */
const MAX_BYTES = 256 * 1024 * 1024;

export function createSharedWriter(): SharedWriter {
  const codec = createEventCodec(MAX_BYTES);
  let last: { readonly span: FinishedSpan; readonly record: Frozen } | undefined;
  return {
    write(out, span) {
      if (last?.span !== span) last = { span, record: encodeToScratch(codec, writeSpan, span) };
      writeFrozen(out, last.record);
    },
    forget() {
      last = undefined;
    },
  };
}
