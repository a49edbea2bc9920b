/** Makes src/messages/README.md from the table of messages, whose comments say what each message means. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Entry, Section } from '../../src/messages/entry.js';
import { MESSAGES, type MessageCode } from '../../src/messages/message.js';
import { textOf } from '../../src/messages/render.js';
import { anchorOf, anchorsOf } from './guides.js';
import { REPOSITORY } from './programs.js';

const ROOM = join(REPOSITORY, 'src/messages');
const TABLE = join(ROOM, 'table');

/** The guide and the heading of each section. */
const SECTIONS: Record<Section, readonly [guide: string, heading: string]> = {
  clients: ['src/producer/README.md', 'One client, or many'],
  context: ['src/tracing/README.md', 'Context: no handles to pass around'],
  delivery: ['src/consumer/README.md', 'What it guarantees'],
  edge: ['README.md', 'Where it runs'],
  endpoints: ['src/exporters/otlp/README.md', 'Several endpoints'],
  exit: ['src/consumer/README.md', 'At the end'],
  exporters: ['src/exporters/README.md', 'Exporters'],
  feedback: ['src/browser/README.md', 'Messages in the console'],
  handles: ['src/tracing/README.md', 'A trace'],
  integrations: ['src/integrations/README.md', 'What an integration never does'],
  'large-events': ['src/tracing/README.md', 'Large events'],
  listeners: ['src/consumer/README.md', 'Hear of it'],
  masking: ['src/tracing/README.md', 'What must not leave the process'],
  media: ['src/tracing/README.md', 'Images, audio, files'],
  opentelemetry: ['src/otel/README.md', 'The OpenTelemetry span processor'],
  options: ['src/config/README.md', 'Options'],
  retries: ['src/consumer/README.md', 'How it tries again'],
  scores: ['src/tracing/README.md', 'Scores'],
  spool: ['src/consumer/README.md', 'When the server is away for long'],
  threads: ['src/producer/README.md', 'Threads'],
  usage: ['src/tracing/README.md', 'Tokens and cost'],
  worker: ['src/consumer/README.md', 'What it guarantees'],
};

const TITLES: Record<string, string> = {
  client: 'Options and calls of the client',
  payloads: 'Payloads',
  engine: "Room, worker, threads, the process's end",
  delivery: 'Delivery',
  spool: 'The spool on disk',
  otel: 'The OpenTelemetry span processor',
  integrations: 'Integrations',
  edge: 'Edge runtimes',
  browser: 'Feedback from a web page',
};

const INTRODUCTION = `# Messages

Each message that an application can see has a stable code. Texts may change between versions, codes do not. Listeners get the code in
their second argument, subscribers of \`node:diagnostics_channel\` get it besides the text, and a log line ends with it:

\`\`\`js
import { Tailrace } from 'tailrace';

const tailrace = new Tailrace();
let retries = 0;
tailrace.on('warning', (message, { code }) => {
  if (code === 'TAILRACE_RETRYING') retries++;
});
tailrace.span({ name: 'work' }).end();
await tailrace.shutdown();
console.log(retries, 'retries');
\`\`\`

A message never holds a payload or a secret key. The level is that of the log (\`logLevel\`). Loss of events that were not accepted is reported to
listeners for \`drop\`, a ring that fills up to those for \`highWater\`, all other warnings to those for \`warning\`.

This page is made from \`table/\`: change that, then run \`npm run docs:messages\`.
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
  const lines = [`### ${code}`, '', `${level} · ${linkTo(entry.docs)}`, ''];
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

/** A Markdown link, from src/messages/. */
function linkTo(section: Section): string {
  const [guide, heading] = SECTIONS[section];
  const anchor = anchorOf(heading);
  if (!anchorsOf(guide).has(anchor))
    throw new Error(`${guide} has no heading "${heading}", to which messages link`);
  return `[${heading}](${relative(ROOM, join(REPOSITORY, guide))}#${anchor})`;
}
