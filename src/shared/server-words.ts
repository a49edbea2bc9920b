/**
 * The one gate for words from outside (a server's, a proxy's, a certificate's, an exporter's of the application): what of them
 * a message shows. A server may repeat what it was sent, in any encoding and on purpose, so words are let through one by one:
 *
 * - those of a list (`known-words`), in which servers say what is wrong;
 * - other plain words, where none of their pieces of four letters was sent;
 * - short numbers that were not sent.
 *
 * All else is shown as `…`: base64, hex and ciphers are no words. Where words begin to repeat what was sent, they end.
 */
import { ECHO_CHARACTERS, findEchoes, type Suspect, squeeze } from './echo.js';
import type { ExportResponse } from './exporter.js';
import { isKnownName, isKnownWord } from './known-words.js';
import { readableText } from './readable-text.js';

const SHOWN_CHARACTERS = 200;
/** What lies behind is not shown. */
const READ_CHARACTERS = 1_000;
/** More of them are somebody's data. */
const MAX_NUMBERS = 4;
/** Words with more gaps say nothing. */
const MAX_GAPS = 5;
/** A piece of a secret, across words; of a single word, where it has as many letters. */
const SECRET_PIECE_CHARACTERS = 6;
const SECRET_WORD_CHARACTERS = 4;
const MIN_SECRET_CHARACTERS = 3;
/** Shorter texts are found within words. */
const MIN_OWN_CHARACTERS = 4;

/** What must not come back in a message. */
export interface Sent {
  readonly secrets: readonly string[];
  /** Holding the application's texts as they were sent. */
  readonly bodies: readonly Uint8Array[];
}

/** What may be said of an answer, with its punctuation: its words, else its type and size, as `: words` or ` (type, n bytes)`. */
export function excerpt({ headers, body }: Pick<ExportResponse, 'headers' | 'body'>, sent?: Sent): string {
  if (body.byteLength === 0) return '';
  const text = headers['content-encoding'] === undefined ? textOf(body) : undefined;
  const words = text === undefined ? '' : wordsFromOutside(text, sent);
  if (words !== '') return `: ${words}`;
  return text?.trim() === ''
    ? ''
    : ` (${typeFromOutside(headers['content-type'])}, ${body.byteLength} bytes)`;
}

/** The same of one field of an answer. */
export function fieldFromOutside(text: string, sent?: Sent): string {
  const words = wordsFromOutside(text, sent);
  return words === '' && text.trim() !== '' ? `a text of ${text.length} characters, not shown` : words;
}

/**
 * `sent`: undefined, nobody knows what was sent; only known words are shown then. `own`: texts of ours that may be among the
 * words, such as the host that was asked. Empty: nothing can be shown.
 */
export function wordsFromOutside(text: string, sent?: Sent, own: readonly string[] = []): string {
  const atoms = atomsOf(readableText(text).slice(0, READ_CHARACTERS), own);
  hideNumbersInRows(atoms);
  hidePartsOfOthers(atoms);
  if (sent === undefined) for (const atom of atoms) atom.isShown &&= atom.kind !== 'unknown';
  else hideWhatWasSent(atoms, sent);
  return written(atoms);
}

/** Of an address that a server names: scheme, host and port, with those parts of its name that are known. */
export function originFromOutside(url: URL, own: readonly string[]): string {
  const { protocol, hostname, port } = url;
  const isAddress = /^\[|^[\d.]+$/.test(hostname);
  const host = isAddress && !own.includes(hostname) ? '…' : wordsFromOutside(hostname, undefined, own) || '…';
  return `${protocol === 'https:' ? 'https' : 'http'}://${host}${port && `:${port}`}`;
}

/** Types that say something; all others are the server's own words. */
const TYPE =
  /^(application|text)\/(json|problem\+json|x-protobuf|protobuf|grpc|xml|html|plain|octet-stream|xhtml\+xml|javascript)$/;

function typeFromOutside(header: string | string[] | undefined): string {
  const type = String(header ?? '')
    .split(';')[0]
    ?.trim()
    .toLowerCase();
  if (!type) return 'no type';
  return TYPE.test(type) ? type : 'of another type';
}

/** Undefined: no text. */
function textOf(body: Uint8Array): string | undefined {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 65_536)).toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they tell bytes from texts
  return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text;
}

/** A word, a number, or what stands between two of them. */
interface Atom {
  readonly text: string;
  readonly kind: 'between' | 'known' | 'unknown' | 'number' | 'hidden';
  /** Known words that are joined to one name, such as a field's, have the same. */
  readonly name: number;
  isShown: boolean;
}

/** A number with a fraction, letters and digits, or anything else. */
const ATOM =
  /(?<![\p{L}\p{N}.])\d{1,5}\.\d{1,2}(?:[kmg]i?b|m?s)?(?![\p{L}\p{N}]|\.\d)|[\p{L}\p{N}]+(?:['’](?:t|s|re|ve|ll|d|m)(?![\p{L}\p{N}]))?|[^\p{L}\p{N}]+/giu;
const WORD_OR_NUMBER = /^[\p{L}\p{N}]/u;
const NUMBER = /^\d{1,8}(\.\d{1,2})?([kmg]i?b|m?s)?$/i;
/** What joins words and numbers to a name, an address, or base64. */
const JOINS = /^[-_./+@%~\\&#$=*|^]+$/;
/** In one case, or with a capital; with a vowel, as words have one, and not of the digits of hexadecimal numbers alone. */
const PLAIN =
  /^(?:(?=.*[aeiouy])(?![a-f]{4,}$)[a-z]{3,20}|(?=.*[AEIOUaeiouy])[A-Z][a-z]{2,19}|(?=.*[AEIOUY])(?![A-F]{4,}$)[A-Z]{3,20})$/;

function atomsOf(text: string, own: readonly string[]): Atom[] {
  const atoms: Atom[] = [];
  let name = 0;
  for (const { part, isOwn } of partsOf(text, own)) {
    for (const piece of isOwn ? [part] : (part.match(ATOM) ?? [])) {
      const kind = isOwn ? 'known' : kindOf(piece);
      if (kind === 'between' && !JOINS.test(piece)) name++;
      atoms.push({ text: piece, kind, name, isShown: kind !== 'hidden' });
    }
  }
  return atoms;
}

function partsOf(text: string, own: readonly string[]): { part: string; isOwn: boolean }[] {
  const [first, ...others] = own.filter(({ length }) => length >= MIN_OWN_CHARACTERS);
  if (first === undefined) return [{ part: text, isOwn: false }];
  return text
    .split(first)
    .flatMap((part, index) => [
      ...(index > 0 ? [{ part: first, isOwn: true }] : []),
      ...partsOf(part, others),
    ]);
}

function kindOf(piece: string): Atom['kind'] {
  if (!WORD_OR_NUMBER.test(piece)) return 'between';
  if (NUMBER.test(piece)) return 'number';
  const word = piece.replace(/['’][a-z]+$/i, '');
  if (isKnownWord(word) || isKnownName(word)) return 'known';
  return PLAIN.test(word) ? 'unknown' : 'hidden';
}

/** Bytes as numbers, parts of a card's number, of an address, of base64: a number that says something stands among words. */
function hideNumbersInRows(atoms: readonly Atom[]): void {
  const ofText = atoms.filter(({ kind }) => kind !== 'between');
  for (const [index, atom] of ofText.entries()) {
    const neighbours = [ofText[index - 1], ofText[index + 1]];
    if (atom.kind !== 'number') continue;
    atom.isShown = !neighbours.some((one) => one?.kind === 'number' || one?.kind === 'hidden');
  }
  const shown = ofText.filter(({ kind, isShown }) => kind === 'number' && isShown);
  if (shown.length > MAX_NUMBERS) for (const atom of shown) atom.isShown = false;
}

/** What is joined to something that cannot be shown is a part of it, unless it is known. */
function hidePartsOfOthers(atoms: readonly Atom[]): void {
  const hidden = new Set(atoms.filter(({ isShown }) => !isShown).map(({ name }) => name));
  for (const atom of atoms)
    if (atom.kind !== 'known' && hidden.has(atom.name)) atom.isShown &&= atom.kind === 'between';
}

function hideWhatWasSent(atoms: Atom[], { secrets, bodies }: Sent): void {
  const ofText = atoms.filter(({ kind }) => kind !== 'between');
  const squeezed = ofText.map(({ text }) => squeeze(Buffer.from(text)));
  const words = Buffer.concat(squeezed);
  /** The atom of each character. */
  const owners = squeezed.flatMap(({ byteLength }, index) => Array<number>(byteLength).fill(index));
  const suspects = ofText.flatMap((atom, index): (Suspect & { atom: Atom })[] =>
    atom.kind === 'unknown' ? [{ atom, squeezed: squeezed[index] as Buffer, wasSent: false }] : [],
  );
  const ofSecrets = secrets.map(squeezeSecret).filter(({ byteLength }) => byteLength > 0);
  const ofBodies = bodies.map(squeeze);
  let end = atoms.length;
  const endAt = (start: number): void => {
    end = Math.min(end, atoms.indexOf(ofText[owners[start] as number] as Atom));
  };
  findEchoes(words, suspects, [...ofSecrets, ...ofBodies], (start) => {
    const last = owners[start + ECHO_CHARACTERS - 1] as number;
    const covered = ofText.slice(owners[start] as number, last + 1);
    // The name of a field is the same for all who send it.
    const isName = covered.every(({ kind, name }) => kind === 'known' && name === covered[0]?.name);
    if (!isName) endAt(start);
  });
  for (let start = 0; start + SECRET_PIECE_CHARACTERS <= words.byteLength; start++) {
    const piece = words.subarray(start, start + SECRET_PIECE_CHARACTERS);
    if (ofSecrets.some((secret) => secret.includes(piece))) endAt(start);
  }
  for (const { atom, wasSent } of suspects) if (wasSent) atom.isShown = false;
  for (const [index, atom] of ofText.entries()) {
    const bytes = squeezed[index] as Buffer;
    if (
      isInSecret(bytes, ofSecrets) ||
      (atom.kind === 'number' && isNumberOf(atom.text, bytes, [...ofSecrets, ...ofBodies]))
    )
      atom.isShown = false;
  }
  if (end < atoms.length)
    atoms.splice(end, atoms.length, { text: '…', kind: 'hidden', name: -1, isShown: false });
}

/** Without the name of its scheme, which is no secret. */
function squeezeSecret(secret: string): Buffer {
  return squeeze(Buffer.from(secret.replace(/^\s*(basic|bearer|digest|token|apikey)(\s+|$)/i, '')));
}

function isInSecret(word: Buffer, secrets: readonly Buffer[]): boolean {
  const isLong = word.byteLength >= SECRET_WORD_CHARACTERS;
  return secrets.some((secret) =>
    isLong ? secret.includes(word) : secret.byteLength >= MIN_SECRET_CHARACTERS && secret.equals(word),
  );
}

/** As a number, or as letters in hexadecimal digits. Of up to three digits every number was sent; limits are round. */
function isNumberOf(text: string, digits: Buffer, sent: readonly Buffer[]): boolean {
  const isRound = /^\d{1,2}0*(\D|$)/.test(text) || Number.parseFloat(text) % 1024 === 0;
  const whole = text.replace(/\D.*/, '');
  const letters = [whole, whole.slice(1)]
    .map((hex) => Buffer.from(hex, 'hex'))
    .map((bytes) => ({ bytes, squeezed: squeeze(bytes) }))
    .filter(({ bytes, squeezed }) => bytes.byteLength > 2 && squeezed.byteLength === bytes.byteLength);
  const pieces = letters.map(({ squeezed }) => squeezed);
  if (digits.byteLength > 3 && !isRound) pieces.push(digits);
  return sent.some((one) => pieces.some((piece) => one.includes(piece)));
}

/** Printable ASCII. */
const NO_PUNCTUATION = /[^ !"'(),\-./:;=?[\]_{}+|]/g;

function written(atoms: readonly Atom[]): string {
  if (!atoms.some(({ kind, isShown }) => isShown && kind !== 'between')) return '';
  const text = atoms
    .map(({ text, kind, isShown }) => {
      if (!isShown) return '…';
      return kind === 'between' ? text.replace(NO_PUNCTUATION, '') : text.replace('’', "'");
    })
    .join('')
    .replace(/…(?:[^\p{L}\p{N}]*…)+/gu, '…')
    .replace(/ {2,}/g, ' ')
    .trim();
  const withFewGaps = text.split('…', MAX_GAPS).join('…');
  const ended = withFewGaps === text ? text : `${withFewGaps}…`;
  return ended.replace(/[\s"'({[]+…$/, ' …').slice(0, SHOWN_CHARACTERS);
}
