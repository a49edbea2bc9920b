/** What collects the chunks of one kind of stream. */
import type { GenerationBody } from '../../index.js';

/** A stream may never end. Above this, an event is cut anyway. */
export const MAX_CHARS = 16 * 1024 * 1024;

export interface Collector {
  /** Returns whether the chunk holds content: not the first event, which only announces it. */
  add(chunk: Readonly<Record<string, unknown>>): boolean;
  /** The fields so far. */
  fields(): GenerationBody;
  /** Whether the last event has come: nothing of the answer follows. */
  readonly isComplete: boolean;
  /** The last snapshot of a response. */
  readonly response?: unknown;
}
