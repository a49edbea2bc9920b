/** Splits untrusted text into parts, each of which is shown or hidden, and joins the parts that are shown. */
import { unicodePattern } from '../unicode-pattern.js';
import { isKnownName, isKnownWord } from './known-words.js';

const SHOWN_CHARACTERS = 200;
/** More numbers are probably data. */
const MAX_NUMBERS = 4;
/** A text with more gaps says nothing. */
const MAX_GAPS = 5;
/** Shorter texts occur within words. */
const MIN_OWN_CHARACTERS = 4;

/** A word, a number, or what stands between two of them. */
export interface TextPart {
  readonly text: string;
  readonly kind: 'between' | 'known' | 'number' | 'hidden';
  /** Known words that form one name, such as a field's, have the same number. */
  readonly name: number;
  isShown: boolean;
}

/** A number with its fraction and unit; letters and digits; or anything else. */
const part = unicodePattern(
  String.raw`(?<![\p{L}\p{N}.])\d{1,8}(?:\.\d{1,2})?(?: ?(?:[kmg]i?b|m?s))?(?![\p{L}\p{N}]|\.\d)|[\p{L}\p{N}]+(?:['’](?:t|s|re|ve|ll|d|m)(?![\p{L}\p{N}]))?|[^\p{L}\p{N}]+`,
  'giu',
);
const wordOrNumber = unicodePattern(String.raw`^[\p{L}\p{N}]`, 'u');
/** Gaps with nothing but punctuation between them. */
const gaps = unicodePattern(String.raw`…(?:[^\p{L}\p{N}]*…)+`, 'gu');
const NUMBER = /^\d{1,8}(\.\d{1,2})?( ?([kmg]i?b|m?s))?$/i;
/** Characters that join words and numbers to a name, an address, or base64. */
const JOINS = /^[-_./+@%~\\&#$=*|^]+$/;
export function splitText(text: string, own: readonly string[]): TextPart[] {
  const parts: TextPart[] = [];
  let name = 0;
  for (const { section, isOwn } of splitOwn(text, own)) {
    for (const piece of isOwn ? [section] : (section.match(part()) ?? [])) {
      const kind = isOwn ? 'known' : kindOf(piece);
      if (kind === 'between' && !JOINS.test(piece)) name++;
      parts.push({ text: piece, kind, name, isShown: kind !== 'hidden' });
    }
  }
  return parts;
}

function splitOwn(text: string, own: readonly string[]): { section: string; isOwn: boolean }[] {
  const [first, ...others] = own.filter(({ length }) => length >= MIN_OWN_CHARACTERS);
  if (first === undefined) return [{ section: text, isOwn: false }];
  return text
    .split(first)
    .flatMap((section, index) => [
      ...(index > 0 ? [{ section: first, isOwn: true }] : []),
      ...splitOwn(section, others),
    ]);
}

function kindOf(piece: string): TextPart['kind'] {
  if (!wordOrNumber().test(piece)) return 'between';
  if (NUMBER.test(piece)) return 'number';
  const word = piece.replace(/['’][a-z]+$/i, '');
  return isKnownWord(word) || isKnownName(word) ? 'known' : 'hidden';
}

/** Hides numbers next to other numbers or hidden parts: they may be bytes, parts of a card's number, of an address, of base64. */
export function hideNumbersInRows(parts: readonly TextPart[]): void {
  const ofText = parts.filter(({ kind }) => kind !== 'between');
  for (const [index, part] of ofText.entries()) {
    const neighbours = [ofText[index - 1], ofText[index + 1]];
    if (part.kind !== 'number') continue;
    part.isShown = !neighbours.some((one) => one?.kind === 'number' || one?.kind === 'hidden');
  }
  const shown = ofText.filter(({ kind, isShown }) => kind === 'number' && isShown);
  if (shown.length > MAX_NUMBERS) for (const part of shown) part.isShown = false;
}

/** Hides numbers that are joined to a hidden part. */
export function hidePartsOfOthers(parts: readonly TextPart[]): void {
  const hidden = new Set(parts.filter(({ isShown }) => !isShown).map(({ name }) => name));
  for (const part of parts)
    if (part.kind !== 'known' && hidden.has(part.name)) part.isShown &&= part.kind === 'between';
}

/** All but printable ASCII. */
const NO_PUNCTUATION = /[^ !"'(),\-./:;=?[\]_{}+|]/g;

export function joinShown(parts: readonly TextPart[]): string {
  if (!parts.some(({ kind, isShown }) => isShown && kind !== 'between')) return '';
  const text = parts
    .map(({ text, kind, isShown }) => {
      if (!isShown) return '…';
      return kind === 'between' ? text.replace(NO_PUNCTUATION, '') : text.replace('’', "'");
    })
    .join('')
    .replace(gaps(), '…')
    .replace(/ {2,}/g, ' ')
    .trim();
  const withFewGaps = text.split('…', MAX_GAPS).join('…');
  const ended = withFewGaps === text ? text : `${withFewGaps}…`;
  return ended.replace(/[\s"'({[]+…$/, ' …').slice(0, SHOWN_CHARACTERS);
}
