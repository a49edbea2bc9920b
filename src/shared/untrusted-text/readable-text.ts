/** Removes markup and escapes from untrusted text, so that text hidden in them is found like any other. */
import { unicodePattern } from '../unicode-pattern.js';

/** The rest of a longer text is ignored. */
const READ_CHARACTERS = 16_384;
/** Escapes may be nested: a page may show JSON that contains a URL. */
const MAX_ROUNDS = 4;

/** Elements whose content is not shown. */
const UNREAD = ['script', 'style'];

const ESCAPES = new RegExp(
  [
    /\\u\{([0-9a-f]{1,6})\}/,
    /[\\%]u([0-9a-f]{4})/,
    /\\x([0-9a-f]{2})/,
    /%([0-9a-f]{2})/,
    /&#x([0-9a-f]{1,6});?/,
    /&#(\d{1,7});?/,
    /&(amp|lt|gt|quot|apos|nbsp|shy);/,
    /\\([nrtbf])/,
    /\\([/"'\\])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'gi',
);
const DECIMAL = 5;
const ENTITY = 6;
const BLANK = 7;
const ITSELF = 8;
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  shy: '',
};

const spaces = unicodePattern(String.raw`[\s\p{Z}]+`, 'gu');
/** Invisible characters, which would split a repetition of what was sent: controls, writing directions, joiners, surrogates. */
const invisible = unicodePattern(String.raw`[\p{C}\p{M}\u115f\u1160\u3164\uffa0]`, 'gu');

/** The result is on one line, in the plain forms of letters (NFKC). */
export function readableText(text: string): string {
  let readable = withoutMarkup(text.slice(0, READ_CHARACTERS));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = withoutMarkup(readable.replace(ESCAPES, unescaped));
    if (next === readable) break;
    readable = next;
  }
  // Composed before marks are removed: a letter with a mark is not shown, and must not become the letter without it.
  return readable.normalize('NFKC').replace(spaces(), ' ').replace(invisible(), '').trim();
}

function unescaped(whole: string, ...found: (string | undefined)[]): string {
  const index = found.findIndex((group) => group !== undefined);
  const group = found[index] as string;
  if (index === BLANK) return ' ';
  if (index === ITSELF) return group;
  if (index === ENTITY) return ENTITIES[group.toLowerCase()] as string;
  const code = Number.parseInt(group, index === DECIMAL ? 10 : 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
}

/** Without regular expressions, which take quadratic time to look for an end that may be missing. */
function withoutMarkup(text: string): string {
  let rest = '';
  let from = 0;
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', from)) {
    rest += text.slice(from, at);
    if (!/^<[a-z/!?]/i.test(text.slice(at, at + 2))) {
      rest += ' ';
      from = at + 1;
      continue;
    }
    const name = /^<([a-z]+)/i.exec(text.slice(at, at + 10))?.[1]?.toLowerCase() ?? '';
    const end = endOf(
      text,
      at,
      text.startsWith('<!--', at) ? '-->' : UNREAD.includes(name) ? `</${name}` : '>',
    );
    rest += ' ';
    from = text.indexOf('>', end);
    if (from === -1) return rest;
    from++;
  }
  return rest + text.slice(from);
}

/** The offset of the last character of `mark`, or of the text's end. */
function endOf(text: string, from: number, mark: string): number {
  const at = text.indexOf(mark, from);
  const lower = at === -1 && mark.startsWith('</') ? text.toLowerCase().indexOf(mark, from) : at;
  return lower === -1 ? text.length : lower + mark.length - 1;
}
