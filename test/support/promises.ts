/** Sentences of the README and the guides, and the table that names the tests of each (promises.md): how both are read. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(import.meta.dirname, '../..');
const TABLE = readFileSync(join(import.meta.dirname, 'promises.md'), 'utf8');

export interface Entry {
  readonly section: string;
  readonly sentence: string;
  /** What stands below the sentence: `file > title`, `file > describe > title`, or `no test: reason`. */
  readonly proofs: readonly string[];
}

/** Sections by their heading: the text up to the next heading. */
function sectionsOf(markdown: string): Map<string, string> {
  const parts = markdown.replace(/^```.*?^```$/gms, '').split(/^#+ (.*)$/m);
  return new Map(
    parts.flatMap((part, index) => (index % 2 === 1 ? [[part, parts[index + 1] as string] as const] : [])),
  );
}

/** Of one section of a guide, without markup. The row of a table is one sentence or more, its head none. */
export function sentencesOf(guide: string, heading: string): string[] {
  const section = sectionsOf(readFileSync(join(REPOSITORY, guide), 'utf8')).get(heading);
  if (section === undefined) throw new Error(`${guide} has no section "${heading}"`);
  const blocks = section
    .replace(/^\|.*\|\n\| -.*\|$/m, '')
    .replace(/^\| (.*?) \| (.*) \|$/gm, '\n$1: $2\n')
    .split(/\n\s*\n|\n(?=- )/);
  return blocks.flatMap((block) =>
    block
      .replace(/^\s*- /, '')
      .replace(/(`[^`]*`)|\*\*/g, '$1')
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .split(/(?<=[.!?])\s+(?=[A-Z`]|tailrace )/)
      .map(plain)
      .filter((sentence) => sentence !== ''),
  );
}

function plain(text: string): string {
  return text.replace(/[`]/g, '').replace(/\s+/g, ' ').trim();
}

/** The table: below each heading of a guide blocks of a sentence and, as a list, its proofs. */
export const TABLE_ENTRIES: readonly Entry[] = [...sectionsOf(TABLE.replace(/^<!--.*?-->$/ms, ''))].flatMap(
  ([section, text]) =>
    text
      .split(/\n\s*\n/)
      .filter((block) => block.trim() !== '')
      .map((block) => {
        const [sentence = '', ...proofs] = block.split(/\n- /).map(plain);
        return { section, sentence, proofs };
      }),
);

export const TABLE_SECTIONS: readonly string[] = [...sectionsOf(TABLE).keys()];

const NO_TEST = 'no test: ';

export function reasonOf(proof: string): string | undefined {
  return proof.startsWith(NO_TEST) ? proof.slice(NO_TEST.length) : undefined;
}

/** What is wrong with a proof: its file or its title is not there. */
export function faultOf(proof: string): string | undefined {
  const [file = '', ...titles] = proof.split(' > ');
  const source = sourceOf(file);
  if (source === undefined) return `there is no test/${file}`;
  if (titles.length === 0) return `"${proof}" names no test`;
  let scope = source;
  for (const title of titles) {
    const at = positionOf(title, scope);
    if (at < 0) return `test/${file} has no test "${titles.join(' > ')}"`;
    scope = scope.slice(at).split(/\n(?=describe|it\b)/, 1)[0] as string;
  }
  return undefined;
}

const sources = new Map<string, string | undefined>();

function sourceOf(file: string): string | undefined {
  if (!sources.has(file)) sources.set(file, readOrNothing(join(REPOSITORY, 'test', file)));
  return sources.get(file);
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A title is the first argument of a call, with another behind it: of `it`, `describe` and their kin, also with `each`. */
function positionOf(title: string, source: string): number {
  const escaped = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const literal = new RegExp(`(?<!\\.(?:skip|todo))\\(\\s*(['"\`])${escaped}\\1,`);
  return source.replaceAll("\\'", "'").search(literal);
}
