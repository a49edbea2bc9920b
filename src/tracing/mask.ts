/** Masking on the application's thread: by a function of the application, for values that must not leave it as they are. */

import { FULLY_MASKED, isThenable, type MaskFunction, type MaskInput } from '../records/masking.js';
import { nameOf } from '../shared/untrusted-text/errors.js';

/** A mask that throws, or that cannot be waited for, must not leak what it was to mask. */
export function applyMask(mask: MaskFunction, input: MaskInput, onFailure: (what: string) => void): unknown {
  try {
    const masked = mask(input);
    if (!isThenable(masked)) return masked;
    Promise.resolve(masked).catch(() => {});
    onFailure('returned a promise, and the value is needed at once');
  } catch (error) {
    // Not its message: that may quote what was to be masked.
    onFailure(`threw ${nameOf(error)}`);
  }
  return FULLY_MASKED;
}
