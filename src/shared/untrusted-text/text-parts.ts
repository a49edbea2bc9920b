/** Words from outside in their parts, each of which is shown or not; and what is shown of them. */
import { isKnownName, isKnownWord } from './known-words.js';

const SHOWN_CHARACTERS = 200;
/** More of them are somebody's data. */
const MAX_NUMBERS = 4;
/** Words with more gaps say nothing. */
const MAX_GAPS = 5;
/** Shorter texts are found within words. */
const MIN_OWN_CHARACTERS = 4;

/** A word, a number, or what stands between two of them. */
export interface Atom {
  readonly text: string;
  readonly kind: 'between' | 'known' | 'number' | 'hidden';
  /** Known words that are joined to one name, such as a field's, have the same. */
  readonly name: number;
  isShown: boolean;
}

/** A number with its fraction and unit, letters and digits, or anything else. */
const ATOM =
  /(?<![\p{L}\p{N}.])\d{1,8}(?:\.\d{1,2})?(?: ?(?:[kmg]i?b|m?s))?(?![\p{L}\p{N}]|\.\d)|[\p{L}\p{N}]+(?:['’](?:t|s|re|ve|ll|d|m)(?![\p{L}\p{N}]))?|[^\p{L}\p{N}]+/giu;
const WORD_OR_NUMBER = /^[\p{L}\p{N}]/u;
const NUMBER = /^\d{1,8}(\.\d{1,2})?( ?([kmg]i?b|m?s))?$/i;
/** What joins words and numbers to a name, an address, or base64. */
const JOINS = /^[-_./+@%~\\&#$=*|^]+$/;
export function atomsOf(text: string, own: readonly string[]): Atom[] {
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
  return isKnownWord(word) || isKnownName(word) ? 'known' : 'hidden';
}

/** Bytes as numbers, parts of a card's number, of an address, of base64: a number that says something stands among words. */
export function hideNumbersInRows(atoms: readonly Atom[]): void {
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
export function hidePartsOfOthers(atoms: readonly Atom[]): void {
  const hidden = new Set(atoms.filter(({ isShown }) => !isShown).map(({ name }) => name));
  for (const atom of atoms)
    if (atom.kind !== 'known' && hidden.has(atom.name)) atom.isShown &&= atom.kind === 'between';
}

/** Printable ASCII. */
const NO_PUNCTUATION = /[^ !"'(),\-./:;=?[\]_{}+|]/g;

export function written(atoms: readonly Atom[]): string {
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
