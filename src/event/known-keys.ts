/**
 * Keys of maps, encoded once. Those of OpenTelemetry's attributes are long, come with every span, and there are few of them: a
 * character takes 1.3 ns to encode, and a look-up 8 ns (measured).
 */
import { FIXSTR, MAX_FIXSTR, STR8 } from './event-format.js';

export interface KnownKey {
  /** Its bytes as they are in an event, in words of the machine's byte order. Zeros fill the last word up. */
  readonly words: Int32Array;
  /** Number of bytes without those zeros. */
  readonly bytes: number;
}

export const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Null: it has a character beyond ASCII. */
const keys = new Map<string, KnownKey | null>();

/** An application may have any number of different keys. Those that come first stay. */
const MAX_KEYS = 500;
const WORD_BYTES = 4;

/** Undefined: the key has a character beyond ASCII, or there are too many keys. At most 255 characters. */
export function knownKey(key: string): KnownKey | undefined {
  const known = keys.get(key);
  if (known !== undefined) return known ?? undefined;
  return keys.size < MAX_KEYS ? learn(key) : undefined;
}

function learn(key: string): KnownKey | undefined {
  const text = Buffer.from(key);
  const known = text.byteLength === key.length ? encode(text) : null;
  keys.set(key, known);
  return known ?? undefined;
}

function encode(ascii: Buffer): KnownKey {
  const { length } = ascii;
  const tag = length <= MAX_FIXSTR ? [FIXSTR | length] : [STR8, length];
  const bytes = tag.length + length;
  const words = new Int32Array(Math.ceil(bytes / WORD_BYTES));
  const target = new Uint8Array(words.buffer);
  target.set(tag);
  target.set(ascii, tag.length);
  return { words, bytes };
}
