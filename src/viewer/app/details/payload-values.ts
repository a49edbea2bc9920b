/** Payloads as values, and values as texts. */

/** Text that is no JSON stays text; a number that JavaScript would change too. */
export function valueOfPayload(payload: string | null): unknown {
  if (payload === null) return null;
  try {
    const value = JSON.parse(payload) as unknown;
    return typeof value === 'number' && String(value) !== payload ? payload : value;
  } catch {
    return payload;
  }
}

/** A value that is too deep for JSON.stringify has no text. */
export function textOfValue(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value, null, 2) ?? '';
  } catch {
    return '';
  }
}
