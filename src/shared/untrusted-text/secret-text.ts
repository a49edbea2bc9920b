/** How a message shows a text of the application's that may be, or hold, a secret. */
import { printable } from './printable.js';

const SHOWN_CHARACTERS = 40;

/** A key's beginning, credentials as a header has them, or twenty characters without a break: nobody's mistyped word. */
const SECRET = /\bsk-[\w-]{4,}|\b(bearer|basic)\s+\S|(?=[\w+=-]*\d)(?=[\w+=-]*[a-z])[\w+=-]{20,}/i;
/** The user and password of an address, with or without a scheme. */
const USER = /^(\w+:\/\/)?\S*@/;
const QUERY = /(^\w+:\/\/[^?#]*)[?#].*/s;

export function showText(text: string): string {
  const shown = text.replace(USER, '$1…@').replace(QUERY, '$1?…');
  return SECRET.test(shown)
    ? `a text of ${text.length} characters`
    : printable(JSON.stringify(shown.slice(0, SHOWN_CHARACTERS)));
}
