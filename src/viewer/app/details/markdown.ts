/**
 * A safe part of Markdown as a tree: headings, paragraphs, lists, quotes, code, tables, emphasis. There is no HTML in it, and links are
 * text with their address beside it: what a model writes must lead nobody anywhere.
 */

export type Inline =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string }
  | { kind: 'strong' | 'emphasis'; text: string };

export type Block =
  | { kind: 'heading'; level: number; content: Inline[] }
  | { kind: 'paragraph' | 'quote'; lines: Inline[][] }
  | { kind: 'code'; language: string; text: string }
  | { kind: 'list'; isOrdered: boolean; items: Inline[][] }
  | { kind: 'table'; rows: Inline[][][] }
  | { kind: 'rule' };

const FENCE = /^\s*(`{3,}|~{3,})\s*([\w+-]*)\s*$/;
const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^\s*(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const QUOTE = /^\s*>\s?(.*)$/;
const RULE = /^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/;
const TABLE_LINE = /^\s*\|.*\|\s*$/;
const TABLE_RULE = /^\s*\|[\s:|-]+\|\s*$/;

/** Whether a text looks like more than plain paragraphs. */
export function looksLikeMarkdown(text: string): boolean {
  return /^#{1,6}\s|^\s*(?:[-*+]|\d+[.)])\s|^\s*(?:```|~~~)|\*\*[^*\n]+\*\*|`[^`\n]+`|^\s*>|^\s*\|.*\|/m.test(
    text,
  );
}

/** One pass over the lines: each line is read once, whatever is in it. */
export function parseMarkdown(text: string): Block[] {
  const lines = text.split(/\r?\n/);
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    const fence = FENCE.exec(line);
    const heading = HEADING.exec(line);
    if (line.trim() === '') at += 1;
    else if (fence !== null) {
      const end = endOfFence(lines, at + 1, fence[1] as string);
      blocks.push({ kind: 'code', language: fence[2] ?? '', text: lines.slice(at + 1, end).join('\n') });
      at = end + 1;
    } else if (heading !== null) {
      blocks.push({
        kind: 'heading',
        level: (heading[1] as string).length,
        content: inline(heading[2] as string),
      });
      at += 1;
    } else if (RULE.test(line)) {
      blocks.push({ kind: 'rule' });
      at += 1;
    } else {
      const end = endOfGroup(lines, at);
      blocks.push(group(lines.slice(at, end)));
      at = end;
    }
  }
  return blocks;
}

function endOfFence(lines: readonly string[], from: number, fence: string): number {
  for (let at = from; at < lines.length; at += 1)
    if ((lines[at] as string).trim().startsWith(fence)) return at;
  return lines.length;
}

type GroupKind = 'item' | 'quote' | 'table' | 'text';

function kindOf(line: string): GroupKind {
  if (ITEM.test(line)) return 'item';
  if (QUOTE.test(line)) return 'quote';
  return TABLE_LINE.test(line) ? 'table' : 'text';
}

/** Lines of one kind; an item goes on with indented lines. */
function endOfGroup(lines: readonly string[], from: number): number {
  const kind = kindOf(lines[from] as string);
  let at = from + 1;
  for (; at < lines.length; at += 1) {
    const line = lines[at] as string;
    if (line.trim() === '' || FENCE.test(line) || HEADING.test(line) || RULE.test(line)) break;
    const isContinued = kind === 'item' && /^\s+\S/.test(line);
    if (kindOf(line) !== kind && !isContinued) break;
  }
  return at;
}

function group(lines: readonly string[]): Block {
  const first = lines[0] as string;
  switch (kindOf(first)) {
    case 'item':
      return list(lines);
    case 'quote':
      return { kind: 'quote', lines: lines.map((line) => inline(QUOTE.exec(line)?.[1] ?? line)) };
    case 'table':
      return { kind: 'table', rows: lines.filter((line) => !TABLE_RULE.test(line)).map(cells) };
    default:
      return { kind: 'paragraph', lines: lines.map(inline) };
  }
}

function list(lines: readonly string[]): Block {
  const items: string[] = [];
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (item !== null) items.push(item[2] as string);
    else items[items.length - 1] += `\n${line.trim()}`;
  }
  return {
    kind: 'list',
    isOrdered: ITEM.exec(lines[0] as string)?.[1] !== undefined,
    items: items.map(inline),
  };
}

function cells(line: string): Inline[][] {
  return line
    .trim()
    .slice(1, -1)
    .split('|')
    .map((cell) => inline(cell.trim()));
}

/** No nesting, and no pattern that can start over: hostile text takes linear time. */
const INLINE =
  /`([^`\n]+)`|\*\*([^*\n]+)\*\*|__([^_\n]+)__|\*([^*\s][^*\n]*)\*|\[([^\]\n]*)\]\(([^()\s]*)\)/g;

function inline(text: string): Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  const addText = (part: string) => {
    if (part !== '') parts.push({ kind: 'text', text: part });
  };
  for (const match of text.matchAll(INLINE)) {
    addText(text.slice(end, match.index));
    const [whole, code, strong, strong2, emphasis, label, address] = match;
    if (code !== undefined) parts.push({ kind: 'code', text: code });
    else if ((strong ?? strong2) !== undefined)
      parts.push({ kind: 'strong', text: (strong ?? strong2) as string });
    else if (emphasis !== undefined) parts.push({ kind: 'emphasis', text: emphasis });
    else addText(label === address ? (label ?? '') : `${label} (${address})`);
    end = match.index + whole.length;
  }
  addText(text.slice(end));
  return parts;
}
