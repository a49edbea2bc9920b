/** Checks around the model: screens its input, and measures whether its answer is grounded in what was found. */
import type { Message } from './model-rules.js';

const CARD_NUMBER = /\b\d(?:[ -]?\d){12,18}\b/g;
const EMAIL_ADDRESS = /\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/g;

interface Screening {
  /** The text with private data removed. */
  readonly text: string;
  /** The kinds of data that were removed, never values. */
  readonly removed: readonly string[];
}

export function screen(text: string): Screening {
  const removed: string[] = [];
  const without = (pattern: RegExp, kind: string, from: string) =>
    from.replace(pattern, () => {
      removed.push(kind);
      return `[${kind}]`;
    });
  const cleaned = without(EMAIL_ADDRESS, 'e-mail address', without(CARD_NUMBER, 'card number', text));
  return { text: cleaned, removed };
}

/** Share of the numbers in an answer that some earlier message has as well; 1 if there are none. */
export function groundedness(answer: string, messages: readonly Message[]): number {
  const numbers = numbersOf(answer);
  if (numbers.length === 0) return 1;
  const known = new Set(messages.flatMap(({ content }) => numbersOf(content ?? '')));
  return Number((numbers.filter((number) => known.has(number)).length / numbers.length).toFixed(2));
}

/** By their digits: 139.00 EUR are 13900 cents. */
function numbersOf(text: string): string[] {
  return (text.match(/\d+(?:\.\d+)?/g) ?? []).map((number) => number.replace('.', ''));
}
