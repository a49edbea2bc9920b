/** What a text from outside says once its markup and escapes are taken away: words hidden in them are found like any others. */

/** Of an answer; what lies behind is not looked at. */
const READ_CHARACTERS = 16_384;
/** Escapes may hold escapes: a page shows JSON that holds a URL. */
const MAX_ROUNDS = 4;

/** Elements whose content nobody reads. */
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

const SPACES = /[\s\p{Z}]+/gu;
/** They show nothing, and would part what was sent: controls, directions of writing, joiners, halves of characters. */
const INVISIBLE = /[\p{C}\p{M}\u115f\u1160\u3164\uffa0]/gu;

/** On one line; in the plain forms of letters (NFKC). */
export function readableText(text: string): string {
  let words = withoutMarkup(text.slice(0, READ_CHARACTERS));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next = withoutMarkup(words.replace(ESCAPES, unescaped));
    if (next === words) break;
    words = next;
  }
  // Composed before marks are left out: a letter with one is no letter of ours, and not the letter without it.
  return words.normalize('NFKC').replace(SPACES, ' ').replace(INVISIBLE, '').trim();
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

/** By hand: expressions that look for the end of what may have none take quadratic time. */
function withoutMarkup(text: string): string {
  let words = '';
  let from = 0;
  for (let at = text.indexOf('<'); at !== -1; at = text.indexOf('<', from)) {
    words += text.slice(from, at);
    if (!/^<[a-z/!?]/i.test(text.slice(at, at + 2))) {
      words += ' ';
      from = at + 1;
      continue;
    }
    const name = /^<([a-z]+)/i.exec(text.slice(at, at + 10))?.[1]?.toLowerCase() ?? '';
    const end = endOf(
      text,
      at,
      text.startsWith('<!--', at) ? '-->' : UNREAD.includes(name) ? `</${name}` : '>',
    );
    words += ' ';
    from = text.indexOf('>', end);
    if (from === -1) return words;
    from++;
  }
  return words + text.slice(from);
}

/** Where the last of `mark` is, or the text's end. */
function endOf(text: string, from: number, mark: string): number {
  const at = text.indexOf(mark, from);
  const lower = at === -1 && mark.startsWith('</') ? text.toLowerCase().indexOf(mark, from) : at;
  return lower === -1 ? text.length : lower + mark.length - 1;
}
