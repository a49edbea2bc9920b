/** What error messages of one cause have in common: the message without its numbers, ids and times. */

const MAX_CHARS = 300;

/** In this order: a time holds numbers, an id too. */
const VARIABLE_PARTS: readonly [pattern: RegExp, name: string][] = [
  [/\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?/g, '<time>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  // A word of letters and digits: call_a1B2c3D4, 0af7651916cd43dd, #W2611340.
  [/#?\b(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{6,}\b/gi, '<id>'],
  [/0x[0-9a-f]+\b/gi, '<id>'],
  [/\d+(?:[.,]\d+)*/g, '<n>'],
];

export function normalizedMessage(message: string): string {
  // The patterns take linear time of a text that is bounded first.
  let text = message
    .slice(0, 2 * MAX_CHARS)
    .replaceAll(/\s+/g, ' ')
    .trim();
  for (const [pattern, name] of VARIABLE_PARTS) text = text.replaceAll(pattern, name);
  return text.slice(0, MAX_CHARS);
}
