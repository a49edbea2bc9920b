/** Texts of the application's own in a message: every letter, and nothing that moves, hides or turns around what stands beside it. */

/** Line breaks and tabs stay, as a stack has them. */
const UNPRINTABLE = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;

export function printable(text: string): string {
  return text.replace(UNPRINTABLE, '');
}

/** The same in a line: what names something (an id, a lane, an option). */
export function printableName(name: string, maxCharacters = 100): string {
  const line = printable(name).replace(/\s+/g, ' ').trim();
  return line.length <= maxCharacters ? line : `${line.slice(0, maxCharacters)}…`;
}
