/**
 * The guides (README.md and the pages beside the code) and their fenced blocks.
 *
 *   js           a program: it runs as it stands
 *   js NAME      a file that later programs of the same guide load by that name
 *   sh           commands: each exists, with the options that it is given
 *   sh run       commands that run as they stand
 *   yaml         a configuration of OpenTelemetry's collector: it parses, and names components that it has
 *   else         (text, mermaid, …) is for the reader alone
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './programs.js';

export interface Block {
  readonly language: string;
  /** What follows the language: a file's name, `run`, or nothing. */
  readonly mark: string;
  readonly code: string;
  /** Of its first line in the guide. */
  readonly line: number;
}

export const GUIDES: readonly string[] = ['README.md', ...['src', 'bench', 'test'].flatMap(pagesIn)].sort();

function pagesIn(folder: string): string[] {
  return readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.md') && !/node_modules|^bench\/results\//.test(path));
}

export function readGuide(guide: string): string {
  return readFileSync(join(REPOSITORY, guide), 'utf8');
}

export function blocksOf(guide: string): Block[] {
  const markdown = readGuide(guide);
  return Array.from(markdown.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms), (match) => {
    const [, language = '', mark = '', code = ''] = match;
    return { language, mark, code, line: markdown.slice(0, match.index).split('\n').length + 1 };
  });
}

/** The ids that its headings have on a page of Markdown. */
export function anchorsOf(guide: string): Set<string> {
  const headings = withoutBlocks(readGuide(guide)).matchAll(/^#+ (.*)$/gm);
  return new Set(Array.from(headings, ([, heading]) => anchorOf(heading as string)));
}

export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** Links to files and headings of the repository. */
export function linksOf(guide: string): string[] {
  const links = withoutBlocks(readGuide(guide)).matchAll(/\]\(([^)\s]+)\)/g);
  return Array.from(links, ([, link]) => link as string).filter((link) => !/^[a-z]+:/.test(link));
}

function withoutBlocks(markdown: string): string {
  return markdown.replace(/^```.*?^```$/gms, '');
}
