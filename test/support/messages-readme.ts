/** Makes src/messages/README.md from the table of messages, whose comments say what each message means. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Entry, Section } from '../../src/messages/entry.js';
import { MESSAGES, type MessageCode } from '../../src/messages/message.js';
import { textOf } from '../../src/messages/render.js';

const REPOSITORY = join(import.meta.dirname, '../..');
const SRC = join(REPOSITORY, 'src');
const TABLE = join(SRC, 'messages/table');

/** The heading of each section, in whatever guide it is: README.md, or one in a room of src/. */
const HEADINGS: Record<Section, string> = {
  context: 'Without handing handles around',
  delivery: 'What it guarantees',
  edge: 'Where it runs',
  exit: 'At the end',
  exporters: 'The code',
  handles: 'Use it',
  'large-events': 'Large events',
  listeners: 'Options',
  masking: 'What must not leave the process',
  media: 'Images, audio, files',
  opentelemetry: 'OpenTelemetry',
  options: 'Options',
  retries: 'How it tries again',
  scores: 'Scores',
  spool: 'When the server is away for long',
  threads: 'Threads, clusters, more workers',
  usage: 'Tokens and cost',
  worker: 'What it guarantees',
};

const TITLES: Record<string, string> = {
  client: 'Options and calls of the client',
  payloads: 'Payloads',
  engine: "Room, worker, threads, the process's end",
  delivery: 'Delivery',
  spool: 'The spool on disk',
  otel: 'The OpenTelemetry span processor',
  edge: 'Edge runtimes',
};

const INTRODUCTION = `# Messages

Each message that an application can see has a stable code: texts may change between versions, codes do not. Listeners get it
in their second argument, subscribers of \`node:diagnostics_channel\` beside the text, and a log has it at the end of the line:

\`\`\`js
tailrace.on('warning', (message, { code }) => {
  if (code === 'TAILRACE_RETRYING') metrics.increment('tracing.retries');
});
\`\`\`

A message never holds a payload or a key. The level is that of the log (\`logLevel\`); loss of events that were not accepted
is reported to listeners for \`drop\`, other warnings to listeners for \`warning\`.

This file is made from \`table/\`: change that, then \`npm run docs:messages\`.
`;

export function messagesReadme(): string {
  const groups = Object.entries(TITLES).map(([file, title]) => {
    const entries = [...meaningsIn(file)].map(([code, meaning]) => shown(code, meaning));
    return `## ${title}\n\n${entries.join('\n')}`;
  });
  return [INTRODUCTION, ...groups].join('\n');
}

/** In the order of the file. */
export function meaningsIn(file: string): ReadonlyMap<MessageCode, string> {
  const source = readFileSync(join(TABLE, `${file}.ts`), 'utf8');
  const entries = source.matchAll(/(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?\b(TAILRACE_\w+): \{/g);
  return new Map(
    Array.from(entries, ([, comment = '', code]) => [
      code as MessageCode,
      comment
        .replace(/^\s*\* ?/gm, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    ]),
  );
}

export function tableFiles(): readonly string[] {
  return readdirSync(TABLE).map((name) => name.replace(/\.ts$/, ''));
}

function shown(code: MessageCode, meaning: string): string {
  const entry: Entry = MESSAGES[code];
  const { level, text, remedy } = entry;
  const sample = textOf({ ...entry, remedy: undefined } as never, parametersOf(text).map(sampleOf));
  const lines = [`### ${code}`, '', `${level} · [${HEADINGS[entry.docs]}](${linkTo(entry.docs)})`, ''];
  lines.push(`> ${sample}`, '', meaning, '');
  if (remedy !== undefined) lines.push(`**Remedy:** ${remedy}.`, '');
  return lines.join('\n');
}

function parametersOf(text: Entry['text']): string[] {
  const [, names = ''] = /^\(?([^)=]*)\)?\s*=>/.exec(String(text)) ?? [];
  return names
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

const COUNTS = new Set(['clients', 'dropped', 'events', 'records', 'refused', 'spans', 'waiting']);

function sampleOf(parameter: string): unknown {
  if (COUNTS.has(parameter)) return parameter === 'records' ? 512 : 12;
  if (parameter === 'ringBytes') return 16 * 1024 * 1024;
  if (parameter === 'sideLaneBytes') return 64 * 1024 * 1024;
  if (/Ms$/.test(parameter)) return 30_000;
  if (/bytes$/i.test(parameter)) return 4096;
  if (parameter === 'which') return '';
  if (parameter === 'ids') return ' ({ids})';
  return `{${parameter}}`;
}

/** From src/messages/. */
export function linkTo(section: Section): string {
  const heading = HEADINGS[section];
  const guide = guides().find((file) => headingsOf(file).includes(heading));
  if (guide === undefined) throw new Error(`no guide has the heading "${heading}", to which messages link`);
  const anchor = heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
  return `${relative(join(SRC, 'messages'), guide)}#${anchor}`;
}

function guides(): string[] {
  const rooms = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('README.md') && dirname(name) !== 'messages')
    .map((name) => join(SRC, name));
  return [...rooms, join(REPOSITORY, 'README.md')];
}

function headingsOf(file: string): string[] {
  return Array.from(readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm), ([, heading = '']) => heading.trim());
}
