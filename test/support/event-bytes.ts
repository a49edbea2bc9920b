/** An event as it stands on the ring. */

import type { EventWriter } from '../../src/event/event-writer.js';
import { writeValue } from '../../src/event/value-writer.js';
import { createEventCodec, encodeToScratch } from '../../src/producer/push/event-codec.js';

const codec = createEventCodec(256 * 1024 * 1024);

export function eventBytes(event: unknown): Buffer {
  return eventBytesBy(writeValue, event);
}

export function eventBytesBy<T>(write: (out: EventWriter, event: T) => void, event: T): Buffer {
  const { buffer, start, end } = encodeToScratch(codec, write, event);
  return Buffer.from(buffer.subarray(start, end));
}
