/** Percent-encoding of what an application has set. */

/** Undefined: it is not encoded as it should be. The result is returned, as bundlers drop a call whose value nobody uses. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
