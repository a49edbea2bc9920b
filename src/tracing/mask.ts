/** Masking on the application's thread: by a function of the application, for values that must not leave it as they are. */

/**
 * Returns what is to be sent in place of `data`; `data` itself must not be changed. Called for each input, output and
 * metadata in the call that passes it, and as costly as it is.
 */
export type MaskFunction = (params: { data: unknown }) => unknown;

/** The words of Langfuse's clients. */
export const FULLY_MASKED = '<fully masked due to failed mask function>';

/** A mask that throws, or that cannot be waited for, must not leak what it was to mask. */
export function applyMask(mask: MaskFunction, data: unknown, onFailure: (what: string) => void): unknown {
  try {
    const masked = mask({ data });
    if (!isThenable(masked)) return masked;
    Promise.resolve(masked).catch(() => {});
    onFailure('returned a promise, and the value is needed at once');
  } catch (error) {
    // Not its message: that may quote what was to be masked.
    onFailure(`threw ${error instanceof Error ? error.name : typeof error}`);
  }
  return FULLY_MASKED;
}

/** Only asked of what comes from the application: reading `then` may call its code, and throw. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
