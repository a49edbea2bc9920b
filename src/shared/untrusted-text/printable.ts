/** Shows texts of the application in messages: without characters that move, hide or reverse the text around them, or secrets. */
import { unicodePattern } from '../unicode-pattern.js';

/** Line breaks and tabs stay, as a stack has them. */
const unprintable = unicodePattern(String.raw`(?![\n\t])[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]`, 'gu');

const SHOWN_CHARACTERS = 40;
/** The beginning of a key, credentials as in a header, or twenty characters without a break: none of these is a mistyped word. */
const SECRET = /\bsk-[\w-]{4,}|\b(bearer|basic)\s+\S|(?=[\w+=-]*\d)(?=[\w+=-]*[a-z])[\w+=-]{20,}/i;
/** The user and password of a URL, with or without a scheme. */
const USER = /^(\w+:\/\/)?\S*@/;
const QUERY = /(^\w+:\/\/[^?#]*)[?#].*/s;

export function printable(text: string): string {
  return text.replace(unprintable(), '');
}

/** On one line: for a name (an id, a lane, an option). */
export function printableName(name: string, maxCharacters = 100): string {
  const line = printable(name).replace(/\s+/g, ' ').trim();
  return line.length <= maxCharacters ? line : `${line.slice(0, maxCharacters)}…`;
}

/** For an option's value, which may be, or contain, a secret. */
export function showText(text: string): string {
  const shown = text.replace(USER, '$1…@').replace(QUERY, '$1?…');
  return SECRET.test(shown)
    ? `a text of ${text.length} characters`
    : printable(JSON.stringify(shown.slice(0, SHOWN_CHARACTERS)));
}
