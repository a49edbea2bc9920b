/** A value that is serialised before the event that it becomes part of. */
import { NIL } from './event-format.js';

/** A text that belongs at a position of the buffer. */
export interface KeptText {
  readonly at: number;
  readonly text: string;
}

/** A value that `engine.freeze()` has serialised, to be put into a later event. Its content is private. */
export class Frozen {
  /** Exists in types only, so that no other object counts as a Frozen. */
  declare private readonly isFrozen: true;
  /** @internal The bytes are `buffer[start, end)`, with texts in between. */
  readonly buffer: Buffer;
  /** @internal Over `buffer`. Null: none was made. */
  readonly view: DataView | null;
  /** @internal */
  readonly start: number;
  /** @internal */
  readonly end: number;
  /** @internal */
  readonly texts: readonly KeptText[] | null;

  /** @internal */
  constructor(
    buffer: Buffer,
    start: number,
    end: number,
    texts: readonly KeptText[] | null,
    view: DataView | null = null,
  ) {
    this.buffer = buffer;
    this.view = view;
    this.start = start;
    this.end = end;
    this.texts = texts;
  }
}

/** @internal Whether both have the same bytes and texts. */
export function sameFrozen(a: Frozen | null, b: Frozen | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.end - a.start !== b.end - b.start) return false;
  return a.buffer.compare(b.buffer, b.start, b.end, a.start, a.end) === 0 && sameTexts(a.texts, b.texts);
}

function sameTexts(a: readonly KeptText[] | null, b: readonly KeptText[] | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every(({ text }, index) => text === b[index]?.text);
}

/** @internal Whether JSON turns the value into null: NaN, an invalid date. */
export function isNil({ buffer, start, end, texts }: Frozen): boolean {
  return end - start === 1 && buffer[start] === NIL && texts === null;
}
