/** Masking: what the application's function is called with, of the option `mask` and of a `maskModule`. */
import type { ObservationType } from './vocabulary.js';

/**
 * Called for one value, as it would be sent; what it returns is sent instead. Must not return a promise. Where it throws,
 * the value is replaced by a text that says so.
 *
 * @example
 * // mask.js
 * export const mask = ({ data }) => (typeof data === 'string' ? data.replaceAll(/\d/g, '#') : data);
 */
export type MaskFunction = (input: MaskInput) => unknown;

export interface MaskInput {
  /**
   * The value: text, number, array, object, … To a `maskModule` it comes as it would be sent, metadata of several calls
   * merged, and may be changed and returned. To `mask` it comes as the application passed it: that must return another.
   */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the application passes
  readonly data: any;
  readonly field: MaskedField;
  /** What it is of. A trace's metadata goes on every span of the trace, and comes once for each. */
  readonly type: ObservationType | 'trace' | 'score';
  readonly name: string | null;
  readonly traceId: string | null;
}

/** `comment` is a score's. */
export type MaskedField = 'input' | 'output' | 'metadata' | 'comment';

/** Stands where masking has failed: the same text as in Langfuse's clients. */
export const FULLY_MASKED = '<fully masked due to failed mask function>';
