/** Makes a message's text from its entry, and its line in a log. */
import type { Entry } from './entry.js';

export function textOf({ text, remedy }: Entry, args: readonly unknown[]): string {
  const happened = text(...(args as never[]));
  return remedy === undefined ? happened : `${happened}. ${remedy}`;
}

/** The code is at the end of the first line. */
export function logLine({ code, text }: { readonly code: string; readonly text: string }): string {
  const end = text.indexOf('\n');
  const [first, rest] = end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end)];
  return `[tailrace] ${first} [${code}]${rest}`;
}
