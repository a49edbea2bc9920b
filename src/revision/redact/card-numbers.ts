/** Redacts payment card numbers in a text. The prefix and the check digit tell them from other long numbers. */

/** Digits, with single spaces or dashes in between; at least as many as the shortest card number has. */
const RUN = /(?<!\d)\d(?:[ -]?\d){12,}/g;
const GROUP = /\d+/g;

/** ISO/IEC 7812: the prefixes of American Express, Diners, JCB, Visa, Mastercard, Discover, Maestro, UnionPay. */
const ISSUER = /^(?:3[0-9]|4|5[0-8]|6|2[2-7])/;
const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
/** Card numbers are written in groups of four to six digits, the last also of three; a row of small numbers is none. */
const MIN_GROUP_DIGITS = 3;

export function redactCards(text: string, replacement: string): string {
  return text.replace(RUN, (run: string, offset: number) =>
    // The digits are decimals of a number.
    text[offset - 1] === '.' && isDigit(text[offset - 2]) ? run : redactRun(run, replacement),
  );
}

/** A card number may be among other numbers: "2 x 4111 1111 1111 1111 12-27". It begins and ends with a group. */
function redactRun(run: string, replacement: string): string {
  const groups = Array.from(run.matchAll(GROUP), ({ 0: digits, index }) => ({
    digits,
    start: index,
    end: index + digits.length,
  }));
  let result = '';
  let copied = 0;
  for (let first = 0; first < groups.length; first++) {
    const last = lastGroupOfCard(groups, first);
    if (last === undefined) continue;
    result += run.slice(copied, groups[first]?.start) + replacement;
    copied = groups[last]?.end as number;
    first = last;
  }
  return result + run.slice(copied);
}

function lastGroupOfCard(groups: readonly { digits: string }[], first: number): number | undefined {
  let number = '';
  for (let last = first; last < groups.length; last++) {
    const { digits } = groups[last] as { digits: string };
    number += digits;
    if (digits.length < MIN_GROUP_DIGITS || number.length > MAX_DIGITS) return undefined;
    if (number.length >= MIN_DIGITS && ISSUER.test(number) && hasCheckDigit(number)) return last;
  }
  return undefined;
}

/** Luhn: every second digit from the right doubled, the digits of all that add up to a multiple of ten. */
function hasCheckDigit(number: string): boolean {
  let sum = 0;
  for (let i = 0; i < number.length; i++) {
    const digit = number.charCodeAt(number.length - 1 - i) - 48;
    const doubled = i % 2 === 0 ? digit : 2 * digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}
