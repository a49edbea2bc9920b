/** What error messages of one cause have in common: the message without its numbers, ids and times. */

const MAX_CHARS = 300;

type Replacement = string | ((part: string) => string);

/** In this order: a time holds numbers, an id too. */
const VARIABLE_PARTS: readonly [pattern: RegExp, name: Replacement][] = [
  [/\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?/g, '<time>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/#?\w[\w-]*/g, wordOrId],
  [/0x[0-9a-f]+\b/gi, '<id>'],
  [/\d+(?:[.,]\d+)*/g, '<n>'],
];

export function normalizedMessage(message: string): string {
  const text = message
    .slice(0, 2 * MAX_CHARS)
    .replaceAll(/\s+/g, ' ')
    .trim();
  return withoutVariables(text).slice(0, MAX_CHARS);
}

/** Takes linear time. */
export function withoutVariables(text: string): string {
  let result = text;
  // The cast chooses one of two signatures.
  for (const [pattern, name] of VARIABLE_PARTS) result = result.replaceAll(pattern, name as string);
  return result;
}

const MIN_ID_CHARS = 6;

/** A word of letters and digits is an id: call_a1B2c3D4, 0af7651916cd43dd, #W2611340. Dashes after it are none of it. */
function wordOrId(word: string): string {
  let end = word.length;
  while (word[end - 1] === '-') end -= 1;
  const chars = word.startsWith('#') ? end - 1 : end;
  const isId = chars >= MIN_ID_CHARS && /\d/.test(word) && /[a-z]/i.test(word);
  return isId ? `<id>${word.slice(end)}` : word;
}
