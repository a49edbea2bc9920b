/** Decodes percent-encoded text. */

/** Undefined: the encoding is invalid. Callers must use the result, as bundlers drop a call whose value nobody uses. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
