/** Words of texts, for the search index, and what a searched text asks of them. */

/** Letters and digits of any script. */
const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** Longer ones are found by their beginning. In base64 there are many. */
const MAX_WORD_CHARS = 40;
/** Media in a text: no words. */
const BASE64 = /[A-Za-z0-9+/]{300,}={0,2}/g;
/** Ids and hashes: each is another one, so a list of them would grow with the traces. */
const MAX_LISTED_CHARS_WITH_DIGIT = 12;
const DIGIT = /\p{N}/u;
/** What else is in the index is no word of a text (metadata-words.ts). */
const LETTER = /^[\p{L}\p{M}\p{N}]/u;

const MIN_END_CHARS = 3;

/** Adds the words, in lower case. */
export function addWords(words: Set<string>, text: string): void {
  const plain = text.includes('base64') ? text.replaceAll(BASE64, ' ') : text;
  for (const [word] of plain.toLowerCase().matchAll(WORD)) words.add(word.slice(0, MAX_WORD_CHARS));
}

/** Listed words are found by any part of them; others by their beginning. */
export function isListed(word: string): boolean {
  if (!LETTER.test(word)) return false;
  return word.length <= MAX_LISTED_CHARS_WITH_DIGIT || !DIGIT.test(word);
}

/** A word that a text must have: all of it, its beginning, its end, or any part. */
export interface WantedWord {
  word: string;
  kind: 'whole' | 'beginning' | 'end' | 'part';
}

export interface Wanted {
  words: WantedWord[];
  /** A text with the words may still lack the searched text: it must be read. */
  isCandidate: boolean;
}

/** A searched text may begin and end within a word. */
export function wantedWords(text: string): Wanted {
  const lower = text.toLowerCase();
  const found = [...lower.matchAll(WORD)];
  const words = found.map(({ 0: word, index }): WantedWord => {
    const isFirst = index === 0;
    const isLast = index + word.length === lower.length;
    // The end of it is not in the index.
    if (word.length > MAX_WORD_CHARS)
      return { word: word.slice(0, MAX_WORD_CHARS), kind: isFirst ? 'part' : 'beginning' };
    if (isFirst) return { word, kind: isLast ? 'part' : 'end' };
    return { word, kind: isLast ? 'beginning' : 'whole' };
  });
  const [only] = words;
  // Very many words end with one or two letters: others tell more.
  if (words.length > 1 && only?.kind === 'end' && only.word.length < MIN_END_CHARS) words.shift();
  return { words, isCandidate: found.length !== 1 || only?.kind !== 'part' || only.word !== lower };
}
