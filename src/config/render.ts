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

/** In the unit that reads best: `16 MiB`, `3,600,000`. */
function showNumber(value: number, { unit }: Facts): string {
  const scale =
    unit === 'bytes' ? SCALES.find(([bytes]) => value >= bytes && value % bytes === 0) : undefined;
  return scale === undefined ? value.toLocaleString('en-US') : `${value / scale[0]} ${scale[1]}`;
}

const SCALES = [
  [MiB * MiB, 'TiB'],
  [KiB * MiB, 'GiB'],
  [MiB, 'MiB'],
  [KiB, 'KiB'],
] as const;

const UNITS = { ms: 'milliseconds', s: 'seconds', bytes: 'bytes' } as const;

/** Unit and bounds: `milliseconds, 1 to 3,600,000`. Undefined: it is no number. */
function rangeOf(facts: Facts): string | undefined {
  const { form, unit, min, max } = facts;
  if (typeOfOption(facts) !== 'number') return undefined;
  const kind = unit === undefined ? (form === 'integer' ? 'whole number' : 'number') : UNITS[unit];
  if (min === undefined) return kind;
  const lowest = showNumber(min, facts);
  return `${kind}, ${max === undefined ? `at least ${lowest}` : `${lowest} to ${showNumber(max, facts)}`}`;
}

/** Variables, then the default: `LANGFUSE_TIMEOUT, then 10`. Undefined: none. */
function defaultOf(facts: Facts): string | undefined {
  const { env = [], otel } = facts;
  const isDuration = facts.unit === 's' || facts.unit === 'ms';
  const variables = env.map((name) => `\`${name}\``);
  if (otel !== undefined) variables.push(`\`${otel}\`${isDuration ? ' (milliseconds)' : ''}`);
  return [...variables, lastDefault(facts)].filter((one) => one !== undefined).join(', then ') || undefined;
}

function lastDefault(facts: Facts): string | undefined {
  const { defaultDoc, choices, default: value } = facts;
  if (defaultDoc !== undefined) return defaultDoc;
  if (choices !== undefined) return `\`'${choices[0]}'\``;
  if (typeof value === 'number') return facts.unit === 'bytes' ? showNumber(value, facts) : `\`${value}\``;
  return value === undefined ? undefined : `\`${value}\``;
}

function typeOfOption({ type, choices, form }: Facts): string {
  if (type !== undefined) return type;
  if (choices !== undefined) return choices.map((one) => `'${one}'`).join(' | ');
  if (form === 'flag') return 'boolean';
  return form === 'text' ? 'string' : 'number';
}

/** The sentence on its range goes last. */
function docOf(facts: Facts): string {
  const range = rangeOf(facts);
  return range === undefined ? facts.doc : `${facts.doc} ${range[0]?.toUpperCase()}${range.slice(1)}.`;
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

/** Files from `options/`, and the types that the column `type` may name. */
const TYPES_OF_OPTIONS = {
  '../../records/masking': ['MaskFunction'],
  '../../shared/contract/clickhouse-options': ['ClickhouseOptions'],
  '../../shared/contract/nats-options': ['NatsOptions'],
  '../../shared/contract/otlp-options': ['OtlpAddress', 'OtlpOptions'],
  '../../shared/contract/prices': ['PriceOverride'],
  '../../shared/contract/redaction': ['RedactOptions', 'RedactPatterns'],
  '../../shared/contract/redis-options': ['RedisOptions'],
  '../option-types': [
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

const HEADER = `${GENERATED}. */`;

function importsFor(entry: Entry): string {
  const types = [...optionsOf(entry).values()].map(typeOfOption).join(' ');
  const used = Object.entries(TYPES_OF_OPTIONS).map(
    ([file, names]) => [file, names.filter((name) => new RegExp(`\\b${name}\\b`).test(types))] as const,
  );
  return imports(Object.fromEntries(used.filter(([, names]) => names.length > 0)));
}

/** `options/…`: the public interfaces. */
function renderInterfaces(): Record<string, string> {
  return {
    'config/options/engine.ts': `/** Options of an engine, as an application writes them. ${HEADER}
${importsFor('engine')}

/** Options of \`createEngine\`. */
export interface EngineInput {
${fields('engine')}
}
`,
    'config/options/client.ts': `/** Options of a client, as an application writes them. ${HEADER}
${importsFor('client')}

/** Options of \`new Tailrace\`. They win over the environment. */
export interface TailraceOptions {
${fields('client')}
}
`,
    'config/options/processor.ts': `/** Options of the span processor, as an application writes them. ${HEADER}
${importsFor('processor')}

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
`,
  };
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
  const tables = Object.entries(GROUPS).map(([title, rows]) =>
    [
      `### ${title}`,
      '',
      '| option | of | value | default | meaning |',
      '| --- | --- | --- | --- | --- |',
      ...(Object.keys(rows) as OptionName[]).flatMap(markdownRows),
    ].join('\n'),
  );
  const marks = Object.values(MARKS).map(([mark, text]) => `${mark} Ignored ${text}, with a warning.`);
  return [marks.join(' '), ...tables].join('\n\n');
}

const MARKS = {
  exporter: ['¹', 'with an `exporter` of your own'],
  otlp: ['²', "for an OTLP endpoint (a client's `exporter: 'otlp'`)"],
  redis: ['³', "with `exporter: 'redis'`"],
  nats: ['⁵', "with `exporter: 'nats'`"],
  clickhouse: ['⁴', "with `exporter: 'clickhouse'`"],
} as const;

/** One row for the entries that agree. */
function markdownRows(name: OptionName): string[] {
  const byText = new Map<string, string[]>();
  for (const entry of ENTRIES) {
    const facts = optionsOf(entry).get(name);
    if (facts === undefined) continue;
    const marks = (facts.notFor ?? []).map((kind) => MARKS[kind][0]);
    const text = markdownCells(facts);
    byText.set(text, [...(byText.get(text) ?? []), entry + marks.join('')]);
  }
  return [...byText].map(([text, entries]) => `| \`${name}\` | ${entries.join(', ')} | ${text} |`);
}

function markdownCells(facts: Facts): string {
  const { deprecated, aliases = [] } = facts;
  const meaning = [
    facts.doc,
    deprecated && `**Deprecated.** ${deprecated}`,
    aliases.length > 0 && `Older name: ${aliases.map((one) => `\`${one}\``).join(', ')} (deprecated).`,
  ];
  const value = rangeOf(facts) ?? `\`${typeOfOption(facts).replaceAll('|', '\\|')}\``;
  return [value, defaultOf(facts) ?? 'none', meaning.filter(Boolean).join(' ')].join(' | ');
}

const BEGIN = `<!-- Below: made by \`${COMMAND}\`. Change src/config/table/ instead. -->`;

/** The hand-written part stays. */
function renderReadme(current: string): string {
  const [handWritten = ''] = current.split(BEGIN);
  return `${handWritten.trimEnd()}\n\n${BEGIN}\n\n${renderMarkdown()}\n`;
}

/** Paths from `src/` of all files that are made from the table, and their texts. */
export function renderAll(src: string): Record<string, string> {
  return {
    ...renderInterfaces(),
    'shared/contract/engine-options.ts': renderResolvedType(),
    'config/README.md': renderReadme(readFileSync(join(src, 'config/README.md'), 'utf8')),
  };
}
