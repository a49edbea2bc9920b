/** Renders the option table: as TypeScript interfaces with JSDoc, as type of the resolved options, and as Markdown. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONTENT_ROWS } from './table/content-rows.js';
import { DELIVERY_ROWS } from './table/delivery-rows.js';
import { DESTINATION_ROWS } from './table/destination-rows.js';
import { type Entry, type Facts, KiB, MiB } from './table/row.js';
import { type OptionName, optionsOf } from './table/table.js';
import { UNUSED_ROWS } from './table/unused-rows.js';
import { WORKER_ROWS } from './table/worker-rows.js';

/** Makes the files anew; the test that holds them to the table names it. */
export const COMMAND = 'npm run options';

const GENERATED = `Made by \`${COMMAND}\` from the option table (src/config/table/): change it there`;
const LINE_CHARS = 110;

/** By unit, and without what nobody can read: 16 MiB, 5000. */
function showNumber(value: number, { unit }: Facts): string {
  if (unit !== 'bytes' || value < KiB) return String(value);
  for (const [bytes, name] of [
    [MiB * MiB, 'TiB'],
    [1024 * MiB, 'GiB'],
    [MiB, 'MiB'],
    [KiB, 'KiB'],
  ] as const) {
    if (value % bytes === 0) return `${value / bytes} ${name}`;
  }
  return String(value);
}

const UNITS = { ms: 'milliseconds', s: 'seconds', bytes: 'bytes' } as const;

/** Unit and bounds: `milliseconds, from 1 to 86400000`. Empty: it has neither. */
function rangeOf(facts: Facts): string {
  const { unit, min, max } = facts;
  const show = (value: number): string => showNumber(value, facts);
  const bounds =
    min === undefined
      ? undefined
      : max === undefined
        ? `at least ${show(min)}`
        : `from ${show(min)} to ${show(max)}`;
  const whole = facts.form === 'integer' && unit === undefined ? 'whole number' : undefined;
  return [unit && UNITS[unit], whole, bounds].filter(Boolean).join(', ');
}

/** Variables, then the default: `LANGFUSE_TIMEOUT, then 10`. Undefined: none. */
function defaultOf(facts: Facts): string | undefined {
  const { env = [], otel, defaultDoc, choices, default: value } = facts;
  const literal = typeof value === 'number' ? showNumber(value, facts) : value;
  const last =
    defaultDoc ?? (choices ? `\`'${choices[0]}'\`` : literal === undefined ? undefined : `\`${literal}\``);
  const isDuration = facts.unit === 's' || facts.unit === 'ms';
  const variables = [
    ...env.map((name) => `\`${name}\``),
    ...(otel ? [`\`${otel}\`${isDuration ? ' (milliseconds)' : ''}`] : []),
  ];
  return [...variables, last].filter((one) => one !== undefined).join(', then ') || undefined;
}

function typeOfOption(facts: Facts): string {
  if (facts.type !== undefined) return facts.type;
  if (facts.choices !== undefined) return facts.choices.map((one) => `'${one}'`).join(' | ');
  if (facts.form === 'flag') return 'boolean';
  return facts.form === 'text' ? 'string' : 'number';
}

function docOf(facts: Facts): string {
  const range = rangeOf(facts);
  return range === ''
    ? facts.doc
    : `${facts.doc} In ${range}.`
        .replace('In whole', 'A whole')
        .replace('In at', 'At')
        .replace('In from', 'From');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function jsDoc(paragraphs: readonly string[]): string[] {
  const one = `  /** ${paragraphs.join(' ')} */`;
  if (one.length <= LINE_CHARS && !paragraphs.some((text) => text.startsWith('@example'))) return [one];
  return [
    '  /**',
    ...paragraphs.flatMap((text) => wrap(text, LINE_CHARS - 5)).map((line) => `   * ${line}`),
    '   */',
  ];
}

function field(name: string, facts: Facts): string[] {
  const fallback = defaultOf(facts);
  const paragraphs = [
    docOf(facts),
    ...(fallback === undefined ? [] : [`@default ${fallback}`]),
    ...(facts.deprecated === undefined ? [] : [`@deprecated ${facts.deprecated}`]),
    ...(facts.example === undefined ? [] : [`@example ${facts.example}`]),
  ];
  return [...jsDoc(paragraphs), ...member(name, typeOfOption(facts), !facts.isRequired)];
}

/** As the formatter of this project has it. */
function member(name: string, type: string, isOptional: boolean): string[] {
  if (!isOptional) return [`  ${name}: ${type};`];
  const line = `  ${name}?: ${type} | undefined;`;
  if (line.length <= LINE_CHARS) return [line];
  return [`  ${name}?:`, `    | ${type}`, '    | undefined;'];
}

function fields(entry: Entry, isWanted: (facts: Facts) => boolean = () => true): string {
  return [...optionsOf(entry)]
    .filter(([, facts]) => isWanted(facts))
    .flatMap(([name, facts]) => [
      ...field(name, facts),
      ...(facts.aliases ?? []).flatMap((alias) => field(alias, { ...facts, deprecated: `Use \`${name}\`.` })),
    ])
    .join('\n');
}

/** Files from `options.ts`, and the types that the column `type` names. */
const TYPES_OF_OPTIONS = {
  '../records/masking': ['MaskFunction'],
  '../shared/contract/prices': ['PriceOverride'],
  '../shared/contract/redaction': ['RedactOptions', 'RedactPatterns'],
  './option-types': [
    'ExporterSource',
    'Logger',
    'LogLevel',
    'MeterProviderLike',
    'SpanExporterLike',
    'SpanFilterFunction',
    'SpanMaskFunction',
  ],
};

function imports(types: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(types)
    .map(([file, names]) => {
      const line = `import type { ${names.join(', ')} } from '${file}.js';`;
      return line.length <= LINE_CHARS
        ? line
        : line.replace('{ ', '{\n  ').replaceAll(', ', ',\n  ').replace(' }', ',\n}');
    })
    .join('\n');
}

/** `options.ts`: the public interfaces. */
function renderTypes(): string {
  return `/** The options as an application writes them. ${GENERATED}. */
${imports(TYPES_OF_OPTIONS)}

/** Options of \`createEngine\`. */
export interface EngineInput {
${fields('engine')}
}

/** Options of \`new Tailrace\`. They win over the environment. */
export interface TailraceOptions {
${fields('client')}
}

/**
 * One destination of spans. \`exporter\` chooses that exporter, \`endpoint\` or \`protocol\` an OTLP endpoint. Else it is a Langfuse
 * server, if there are keys, or the endpoint of \`OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT\`. Options win over the environment.
 */
export interface SpanDestinationOptions {
${fields('processor', ({ isOfAll = false }) => !isOfAll)}
}

/** Options of \`new TailraceSpanProcessor\`. */
export interface TailraceSpanProcessorOptions extends SpanDestinationOptions {
${fields('processor', ({ isOfAll = false }) => isOfAll)}
}
`;
}

/** `shared/contract/engine-options.ts`: an engine's options with every default filled in. */
function renderResolvedType(): string {
  const lines = [...optionsOf('engine')].flatMap(([name, facts]) => {
    if (facts.resolvedType === null) return [];
    const isAlways = facts.isRequired || facts.default !== undefined || facts.choices !== undefined;
    const type = facts.resolvedType ?? typeOfOption(facts);
    return member(`readonly ${name}`, type, !isAlways);
  });
  return `/** An engine's options, with every default filled in. ${GENERATED}. */
${imports({ '../proxy-url': ['ProxySetting'] })}

export interface EngineOptions {
${lines.join('\n')}
}
`;
}

const GROUPS = {
  'Destinations: where data is sent': DESTINATION_ROWS,
  'Content: what is traced, and what may leave the process': CONTENT_ROWS,
  'Delivery: batches, requests, spool, end of the process': DELIVERY_ROWS,
  'Workers, memory, messages': WORKER_ROWS,
  'Options of langfuse 3 that do nothing here': UNUSED_ROWS,
};

const ENTRIES = ['client', 'engine', 'processor'] as const;

/** The generated part of `README.md`. */
function renderMarkdown(): string {
  return Object.entries(GROUPS)
    .map(([title, rows]) => {
      const lines = (Object.keys(rows) as OptionName[]).flatMap(markdownRows);
      return [
        `### ${title}`,
        '',
        '| option | of | type | default | meaning |',
        '| --- | --- | --- | --- | --- |',
        ...lines,
      ].join('\n');
    })
    .join('\n\n');
}

/** One row for the entries that agree. */
function markdownRows(name: OptionName): string[] {
  const byText = new Map<string, Entry[]>();
  for (const entry of ENTRIES) {
    const facts = optionsOf(entry).get(name);
    if (facts === undefined) continue;
    const text = markdownCells(facts);
    byText.set(text, [...(byText.get(text) ?? []), entry]);
  }
  return [...byText].map(([text, entries]) => `| \`${name}\` | ${entries.join(', ')} | ${text} |`);
}

function markdownCells(facts: Facts): string {
  const { deprecated, aliases = [], notFor = [] } = facts;
  const notes = [
    facts.doc,
    deprecated && `**Deprecated.** ${deprecated}`,
    aliases.length > 0 && `Older name: ${aliases.map((one) => `\`${one}\``).join(', ')} (deprecated).`,
    notFor.length > 0 && `Ignored ${notFor.map((kind) => KINDS[kind]).join(' and ')}, with a warning.`,
  ];
  const type = `\`${typeOfOption(facts).replaceAll('|', '\\|')}\``;
  const range = rangeOf(facts);
  return [
    range === '' ? type : `${type}, ${range}`,
    defaultOf(facts) ?? 'none',
    notes.filter(Boolean).join(' '),
  ].join(' | ');
}

const KINDS = {
  exporter: 'with an `exporter` of your own',
  otlp: 'for an OTLP endpoint',
  langfuse: 'for a Langfuse server',
} as const;

const BEGIN = `<!-- Below: made by \`${COMMAND}\`. Change src/config/table/ instead. -->`;

/** The hand-written part stays. */
function renderReadme(current: string): string {
  const [handWritten = ''] = current.split(BEGIN);
  return `${handWritten.trimEnd()}\n\n${BEGIN}\n\n${renderMarkdown()}\n`;
}

/** Paths from `src/` of all files that are made from the table, and their texts. */
export function renderAll(src: string): Record<string, string> {
  return {
    'config/options.ts': renderTypes(),
    'shared/contract/engine-options.ts': renderResolvedType(),
    'config/README.md': renderReadme(readFileSync(join(src, 'config/README.md'), 'utf8')),
  };
}
