/** Types of the application's masking function, of the option `mask` and of a `maskModule`. */
import type { ObservationType } from './vocabulary.js';

/**
 * Called for one value, as it would be sent; the value that it returns is sent instead. It must not return a promise. If it
 * throws, a text that says so is sent instead.
 *
 * @example
 * // mask.js
 * export const mask = ({ data }) => (typeof data === 'string' ? data.replaceAll(/\d/g, '#') : data);
 */
export type MaskFunction = (input: MaskInput) => unknown;

export interface MaskInput {
  /**
   * The value: text, number, array, object, … A `maskModule` gets it as it would be sent, with metadata of several calls merged,
   * and may change and return it. `mask` gets it as the application passed it, and must return another value.
   */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the application passes
  readonly data: any;
  readonly field: MaskedField;
  /** The type of its owner. A trace's metadata is on every span of the trace: the function is called once for each. */
  readonly type: ObservationType | 'trace' | 'score';
  readonly name: string | null;
  readonly traceId: string | null;
}

/** Only scores have a `comment`. */
export type MaskedField = 'input' | 'output' | 'metadata' | 'comment';

/** Replaces a value if masking fails: the same text as in Langfuse's clients. */
export const FULLY_MASKED = '<fully masked due to failed mask function>';

/** Whether a mask returned a promise. Reading `then` may call its code, and throw. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
