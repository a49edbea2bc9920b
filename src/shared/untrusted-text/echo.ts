/**
 * Finds where a text repeats what was sent. It compares only letters and digits of ASCII, in lower case: blanks, line breaks,
 * quotes and escapes between them are ignored.
 */

/** The shortest repetition that cannot be a coincidence. */
export const ECHO_CHARACTERS = 12;

const RADIX = 36;

/** Of the rolling hash (Rabin and Karp): odd, and its bits well mixed. */
const BASE = 0x01000193;
const BASE_TO_ECHO = Array<number>(ECHO_CHARACTERS)
  .fill(BASE)
  .reduce((power, base) => Math.imul(power, base), 1);
const MARK_BITS = 16;

const NO_DIGIT = 255;
/** The digit of base 36 for each byte. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return /[0-9a-z]/i.test(character) ? Number.parseInt(character, RADIX) : NO_DIGIT;
});

const BACKSLASH = '\\'.charCodeAt(0);
const U = 'u'.charCodeAt(0);
const BLANKS = new Set(Buffer.from('nrtbf'));

/** The letters and digits, as digits of base 36. An escape of JSON counts as its character. */
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
 * Calls `onEcho` for each offset in `text` (squeezed) at which `ECHO_CHARACTERS` begin that were sent. Takes one pass over
 * `bodies`, whatever their content.
 */
export function findEchoes(text: Buffer, bodies: readonly Buffer[], onEcho: (start: number) => void): void {
  const { starts, marks } = piecesOf(text);
  for (const bytes of bodies) {
    let hash = 0;
    for (let end = 0; end < bytes.byteLength; end++) {
      const digit = bytes[end] as number;
      const start = end - ECHO_CHARACTERS + 1;
      hash = roll(hash, digit, start > 0 ? (bytes[start - 1] as number) : -1);
      if (start < 0 || marks[markOf(hash)] === 0) continue;
      const at = starts.get(hash)?.find((one) => isSame(text, one, bytes, start));
      if (at === undefined) continue;
      // Pieces with the same hash are equal, except for one in millions. Each need be found only once.
      for (const one of starts.get(hash) ?? []) onEcho(one);
      starts.delete(hash);
    }
  }
}

function isSame(text: Buffer, at: number, bytes: Buffer, start: number): boolean {
  return text.compare(bytes, start, start + ECHO_CHARACTERS, at, at + ECHO_CHARACTERS) === 0;
}

/** The offsets of each piece of the length of an echo, by its hash. Marks are a filter by the first bits of the hash. */
function piecesOf(text: Buffer): { starts: Map<number, number[]>; marks: Uint8Array } {
  const starts = new Map<number, number[]>();
  const marks = new Uint8Array(1 << MARK_BITS);
  let hash = 0;
  for (let end = 0; end < text.byteLength; end++) {
    const start = end - ECHO_CHARACTERS + 1;
    hash = roll(hash, text[end] as number, start > 0 ? (text[start - 1] as number) : -1);
    if (start < 0) continue;
    const known = starts.get(hash);
    if (known === undefined) starts.set(hash, [start]);
    else known.push(start);
    marks[markOf(hash)] = 1;
  }
  return { starts, marks };
}

/** Digits count from one, so that leading zeros matter. `removed`: -1, nothing. */
function roll(hash: number, added: number, removed: number): number {
  return (Math.imul(hash, BASE) + added + 1 - Math.imul(removed + 1, BASE_TO_ECHO)) | 0;
}

function markOf(hash: number): number {
  return hash >>> (32 - MARK_BITS);
}
