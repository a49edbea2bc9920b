/**
 * Where words repeat what was sent. Compared are letters and digits of ASCII alone, in lower case: blanks, line breaks, quotes
 * and escapes between them make no difference.
 */

/** The shortest repetition that is one beyond doubt. */
export const ECHO_CHARACTERS = 12;

const RADIX = 36;

/** Of the rolling hash (Rabin and Karp): odd, and its bits well mixed. */
const BASE = 0x01000193;
const BASE_TO_ECHO = Array<number>(ECHO_CHARACTERS)
  .fill(BASE)
  .reduce((power, base) => Math.imul(power, base), 1);
const MARK_BITS = 16;

const NO_DIGIT = 255;
/** What a byte is as a digit of base 36. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[0-9a-z]/i.test(character) ? Number.parseInt(character, RADIX) : NO_DIGIT;
});

const BACKSLASH = '\\'.charCodeAt(0);
const U = 'u'.charCodeAt(0);
const BLANKS = new Set(Buffer.from('nrtbf'));

/** Letters and digits, as digits of base 36. An escape of JSON counts as the character that it stands for. */
export function squeeze(bytes: Uint8Array): Buffer {
  const squeezed = Buffer.allocUnsafe(bytes.byteLength);
  let length = 0;
  for (let at = 0; at < bytes.byteLength; at++) {
    const byte = bytes[at] as number;
    let digit = DIGITS[byte] as number;
    if (byte === BACKSLASH) {
      const next = bytes[at + 1] as number;
      const code = next === U ? codeAt(bytes, at + 2) : undefined;
      if (code !== undefined) {
        at += 5;
        digit = DIGITS[code] ?? NO_DIGIT;
      } else if (BLANKS.has(next)) at++;
    }
    if (digit !== NO_DIGIT) squeezed[length++] = digit;
  }
  return squeezed.subarray(0, length);
}

function codeAt(bytes: Uint8Array, start: number): number | undefined {
  let code = 0;
  for (let at = start; at < start + 4; at++) {
    const digit = DIGITS[bytes[at] ?? 0] as number;
    if (digit >= 16) return undefined;
    code = 16 * code + digit;
  }
  return code;
}

/**
 * Tells each place in `words` (squeezed) where `ECHO_CHARACTERS` begin that were sent. One pass over what was sent, whatever is
 * in it.
 */
export function findEchoes(words: Buffer, bodies: readonly Buffer[], onEcho: (start: number) => void): void {
  const { starts, marks } = echoesOf(words);
  for (const bytes of bodies) {
    let hash = 0;
    for (let end = 0; end < bytes.byteLength; end++) {
      const digit = bytes[end] as number;
      const start = end - ECHO_CHARACTERS + 1;
      hash = roll(hash, digit, start > 0 ? (bytes[start - 1] as number) : -1);
      if (start < 0 || marks[markOf(hash)] === 0) continue;
      const at = starts.get(hash)?.find((one) => isSame(words, one, bytes, start));
      if (at === undefined) continue;
      // All of the same hash are the same piece, but for one in millions; found once is enough.
      for (const one of starts.get(hash) ?? []) onEcho(one);
      starts.delete(hash);
    }
  }
}

function isSame(words: Buffer, at: number, bytes: Buffer, start: number): boolean {
  return words.compare(bytes, start, start + ECHO_CHARACTERS, at, at + ECHO_CHARACTERS) === 0;
}

/** Where words have each piece of the length of an echo, by the piece's hash; a mark says that there is one of nearly the same. */
function echoesOf(words: Buffer): { starts: Map<number, number[]>; marks: Uint8Array } {
  const starts = new Map<number, number[]>();
  const marks = new Uint8Array(1 << MARK_BITS);
  let hash = 0;
  for (let end = 0; end < words.byteLength; end++) {
    const start = end - ECHO_CHARACTERS + 1;
    hash = roll(hash, words[end] as number, start > 0 ? (words[start - 1] as number) : -1);
    if (start < 0) continue;
    const known = starts.get(hash);
    if (known === undefined) starts.set(hash, [start]);
    else known.push(start);
    marks[markOf(hash)] = 1;
  }
  return { starts, marks };
}

/** Digits count from one, so that zeros at the beginning are none; `removed`: -1, nothing. */
function roll(hash: number, added: number, removed: number): number {
  return (Math.imul(hash, BASE) + added + 1 - Math.imul(removed + 1, BASE_TO_ECHO)) | 0;
}

function markOf(hash: number): number {
  return hash >>> (32 - MARK_BITS);
}
