/** A value that was encoded when the application passed it, to be copied into a later event. */
import { NIL } from './event-format.js';

/** A text, to be inserted at a position of the buffer. */
export interface KeptText {
  readonly at: number;
  readonly text: string;
}

/** A value as it was when the application passed it: `buffer[start, end)`, with texts in between. */
export class Frozen {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly texts: readonly KeptText[] | null;

  constructor(buffer: Buffer, start: number, end: number, texts: readonly KeptText[] | null) {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
    this.texts = texts;
  }
}

/** Whether the encoded values are equal. */
export function sameFrozen(a: Frozen | null, b: Frozen | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.end - a.start !== b.end - b.start) return false;
  return a.buffer.compare(b.buffer, b.start, b.end, a.start, a.end) === 0 && sameTexts(a.texts, b.texts);
}

function sameTexts(a: readonly KeptText[] | null, b: readonly KeptText[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every(({ text }, index) => text === b[index]?.text);
}

/** Whether JSON has only null for the value: NaN, an invalid date. */
export function isNil({ buffer, start, end, texts }: Frozen): boolean {
  return end - start === 1 && buffer[start] === NIL && texts === null;
}
