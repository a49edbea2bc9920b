/** What a server can make of what it was sent to give it back, and whether a message shows some of it. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

/** By a seed, so that what fails can be had again (mulberry32). */
export function randomBy(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Encode = (text: string, random: () => number) => string;

const each = (text: string, change: (character: string, index: number) => string): string =>
  [...text].map(change).join('');
const percent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
const code = (character: string): number => character.codePointAt(0) as number;
const unicode = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
const some =
  (change: (character: string) => string): Encode =>
  (text, random) =>
    each(text, (character) => (random() < 0.3 ? change(character) : character));
const every =
  (separator: string): Encode =>
  (text, random) => {
    const length = 1 + Math.floor(random() * 8);
    return each(text, (character, index) => (index > 0 && index % length === 0 ? separator : '') + character);
  };
const shifted =
  (encoding: 'base64' | 'base64url', by: number): Encode =>
  (text) =>
    Buffer.from('!'.repeat(by) + text)
      .toString(encoding)
      .slice(by > 0 ? 4 : 0);

export const ENCODINGS: Readonly<Record<string, Encode>> = {
  'as it is': (text) => text,
  'in upper case': (text) => text.toUpperCase(),
  'in lower case': (text) => text.toLowerCase(),
  'in mixed case': some((character) => character.toUpperCase()),
  'in percents': percent,
  'in percents for URLs': encodeURIComponent,
  'in percents here and there': some(percent),
  'in percents twice': (text) => encodeURIComponent(percent(text)),
  'in JSON': (text) => JSON.stringify(text).replaceAll('/', '\\/'),
  'in JSON twice': (text) => JSON.stringify(JSON.stringify(text)),
  'in escapes of JSON': (text) => each(text, unicode),
  'in escapes of JSON here and there': some(unicode),
  'in decimal entities': (text) => each(text, (character) => `&#${code(character)};`),
  'in hexadecimal entities': (text) => each(text, (character) => `&#x${code(character).toString(16)};`),
  'in entities without an end': (text) => each(text, (character) => `&#${code(character)}`),
  'in entities here and there': some((character) => `&#${code(character)};`),
  'in entities of entities': (text) => each(text, (character) => `&amp;#${code(character)};`),
  'with named entities': (text) =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;'),
  'in base64': shifted('base64', 0),
  'in base64, one byte on': shifted('base64', 1),
  'in base64, two bytes on': shifted('base64', 2),
  'in base64url': shifted('base64url', 0),
  'in base64url, one byte on': shifted('base64url', 1),
  'in base64url, two bytes on': shifted('base64url', 2),
  'in hexadecimal digits': (text) => Buffer.from(text).toString('hex'),
  'in hexadecimal digits, upper case': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'as bytes in decimal': (text) => `[${[...Buffer.from(text)].join(',')}]`,
  'with line breaks': every('\r\n'),
  'with blanks': every(' '),
  'with tabs': every('\t'),
  'with nothing to see': every('\u200b'),
  'with soft hyphens': every('\u00ad'),
  'with controls': every('\0'),
  'with turns of the direction': every('\u202e'),
  'with dots': every('.'),
  'with markup': every('<b></b>'),
  'in wide letters': (text) =>
    each(text, (character) =>
      /[!-~]/.test(character) ? String.fromCodePoint(code(character) + 0xfee0) : character,
    ),
  'with accents': some((character) => `${character}\u0301`),
  cut: (text, random) => text.slice(Math.floor(random() * text.length * 0.7)),
  'cut short': (text, random) => {
    const start = Math.floor(random() * text.length);
    return text.slice(start, start + 4 + Math.floor(random() * 8));
  },
  'among other letters': (text) => `xyz${text}zyx`,
};

export const CODINGS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: (body) => gzipSync(body),
  br: (body) => brotliCompressSync(body),
  deflate: (body) => deflateSync(body),
  'deflate ': (body) => deflateRawSync(body),
  zstd: (body) => Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), body]),
};

/** Nothing but a few of these goes into a message. */
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  /[\0-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufeff\uffa0]/;

export function holdsControls(message: string): boolean {
  return FORBIDDEN.test(message) || !message.isWellFormed();
}

/** As letters and digits, which is what an echo can be known by. */
const squeezed = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Fewer are found in everything. */
const PIECE_CHARACTERS = 6;

/**
 * The first piece of `echo` that `message` shows and `without` does not, which is the message for an answer without the
 * echo.
 */
export function shownPiece(message: string, echo: string, without: string): string | undefined {
  const [shown, sent, own] = [squeezed(message), squeezed(echo), squeezed(without)];
  for (let start = 0; start + PIECE_CHARACTERS <= sent.length; start++) {
    const piece = sent.slice(start, start + PIECE_CHARACTERS);
    if (shown.includes(piece) && !own.includes(piece)) return piece;
  }
  return undefined;
}
