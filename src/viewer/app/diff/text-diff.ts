/** The difference of two texts: by lines, and by words within lines that have changed. */

// By file, and with tokens of our own: those of the whole library take a kilobyte more.
import Diff from 'diff/lib/diff/base.js';

/** Compares texts by what a pattern finds in them. */
class TokenDiff extends Diff<string, string> {
  readonly #pattern: RegExp;

  constructor(pattern: RegExp) {
    super();
    this.#pattern = pattern;
  }

  override tokenize(text: string): string[] {
    return text.match(this.#pattern) ?? [];
  }
}

/** Each with its end. */
const LINES = new TokenDiff(/[^\n]*\n|[^\n]+/g);
/** Words, spaces between them, and other characters one by one. */
const WORDS = new TokenDiff(/[\p{L}\p{N}_]+|\s+|./gsu);

export interface TextPart {
  kind: 'same' | 'added' | 'removed';
  text: string;
}

/** Texts that differ in more lines or words than this are shown one after the other: the time grows with the square. */
const MAX_EDITS = 1_000;
/** A block of changed lines that is longer is not compared by words. */
const MAX_WORD_CHARS = 8_000;
/** Texts with less in common than this share read better whole than as pieces of each. */
const MIN_COMMON = 0.2;

export function diffText(before: string, after: string): TextPart[] {
  const changes = LINES.diff(before, after, { maxEditLength: MAX_EDITS });
  if (changes === undefined) return [...part('removed', before), ...part('added', after)];
  const parts: TextPart[] = [];
  for (let at = 0; at < changes.length; at += 1) {
    const [change, next] = [changes[at], changes[at + 1]];
    if (change === undefined) break;
    if (change.removed && next?.added) {
      parts.push(...diffWords(change.value, next.value));
      at += 1;
    } else parts.push(...part(change.added ? 'added' : change.removed ? 'removed' : 'same', change.value));
  }
  return parts;
}

function diffWords(before: string, after: string): TextPart[] {
  const isShort = before.length + after.length <= MAX_WORD_CHARS;
  const changes = isShort ? WORDS.diff(before, after, { maxEditLength: MAX_EDITS }) : undefined;
  const parts = changes?.flatMap(({ added, removed, value }) =>
    part(added ? 'added' : removed ? 'removed' : 'same', value),
  );
  const common = parts
    ?.filter(({ kind }) => kind === 'same')
    .reduce((sum, { text }) => sum + text.trim().length, 0);
  const isAlike = common !== undefined && common >= MIN_COMMON * Math.min(before.length, after.length);
  return parts !== undefined && isAlike ? parts : [...part('removed', before), ...part('added', after)];
}

function part(kind: TextPart['kind'], text: string): TextPart[] {
  return text === '' ? [] : [{ kind, text }];
}
