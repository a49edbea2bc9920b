/** Parses the command lines of the commands that read and write traces: import, export, tail and show. */
import { FILTER_NAMES } from '../../viewer/data/filters.js';
import { EXPORT_FORMATS, type ExportFormat } from '../../viewer/data/transfer.js';
import { nonEmpty, read, UsageError } from '../argument-values.js';
import { ACCESS_OPTIONS, type AccessOptions, accessOf, type TraceCommandName } from '../arguments.js';

export interface ImportOptions {
  readonly access: AccessOptions;
  /** `-`: standard input. */
  readonly files: readonly string[];
}

export interface ExportOptions {
  readonly access: AccessOptions;
  readonly format: ExportFormat;
  readonly filter: URLSearchParams;
  /** Absent: standard output. */
  readonly out?: string | undefined;
}

export interface TailOptions {
  readonly access: AccessOptions;
  readonly filter: URLSearchParams;
  /** Failed observations only. */
  readonly errorsOnly: boolean;
  readonly json: boolean;
}

export interface ShowOptions {
  readonly access: AccessOptions;
  /** An id, the beginning of one, `last` or `last-error`. */
  readonly trace: string;
  readonly observation?: string | undefined;
  readonly json: boolean;
}

export type TraceCommand =
  | { readonly name: 'help'; readonly of: TraceCommandName; readonly isAsked: true }
  | { readonly name: 'import'; readonly options: ImportOptions }
  | { readonly name: 'export'; readonly options: ExportOptions }
  | { readonly name: 'tail'; readonly options: TailOptions }
  | { readonly name: 'show'; readonly options: ShowOptions };

const EXPORT_OPTIONS = {
  ...ACCESS_OPTIONS,
  format: { type: 'string' },
  filter: { type: 'string', multiple: true },
  trace: { type: 'string', multiple: true },
  out: { type: 'string', short: 'o' },
} as const;
const TAIL_OPTIONS = {
  ...ACCESS_OPTIONS,
  filter: { type: 'string', multiple: true },
  errors: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;
const SHOW_OPTIONS = {
  ...ACCESS_OPTIONS,
  observation: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const hintOf = (name: TraceCommandName) => `see: tailrace help ${name}`;

/** Undefined: it is another command. @throws UsageError saying what is wrong and what it must be. */
export function parseTraceCommand([name, ...args]: readonly string[]): TraceCommand | undefined {
  if (name === 'import') return parseImport(args);
  if (name === 'export') return parseExport(args);
  if (name === 'tail') return parseTail(args);
  return name === 'show' ? parseShow(args) : undefined;
}

function parseImport(args: readonly string[]): TraceCommand {
  const hint = hintOf('import');
  const { values, positionals: files } = read(args, ACCESS_OPTIONS, Number.POSITIVE_INFINITY, hint);
  if (values.help) return { name: 'help', of: 'import', isAsked: true };
  if (files.length === 0) throw new UsageError(`import needs a FILE, or - for standard input; ${hint}`);
  if (files.filter((file) => file === '-').length > 1) {
    throw new UsageError(`standard input can be read once: give - once; ${hint}`);
  }
  for (const file of files) nonEmpty('FILE', 'a file', file);
  return { name: 'import', options: { access: accessOf(values, hint), files } };
}

function parseExport(args: readonly string[]): TraceCommand {
  const hint = hintOf('export');
  const { values } = read(args, EXPORT_OPTIONS, 0, hint);
  if (values.help) return { name: 'help', of: 'export', isAsked: true };
  const format = values.format ?? 'replay';
  if (!EXPORT_FORMATS.includes(format as ExportFormat)) {
    throw new UsageError(
      `--format must be one of ${EXPORT_FORMATS.join(', ')}, but got: ${JSON.stringify(format)}; ${hint}`,
    );
  }
  const filter = filterOf(values.filter);
  for (const id of values.trace ?? []) filter.append('id', nonEmpty('--trace', 'an id', id) as string);
  const out = nonEmpty('--out', 'a file', values.out);
  return {
    name: 'export',
    options: { access: accessOf(values, hint), format: format as ExportFormat, filter, out },
  };
}

function parseTail(args: readonly string[]): TraceCommand {
  const hint = hintOf('tail');
  const { values } = read(args, TAIL_OPTIONS, 0, hint);
  if (values.help) return { name: 'help', of: 'tail', isAsked: true };
  const filter = filterOf(values.filter);
  if (filter.has('q')) {
    throw new UsageError(
      `tail cannot search texts (q), which would read all of them again and again; ${hint}`,
    );
  }
  const { errors: errorsOnly = false, json = false } = values;
  return { name: 'tail', options: { access: accessOf(values, hint), filter, errorsOnly, json } };
}

function parseShow(args: readonly string[]): TraceCommand {
  const hint = hintOf('show');
  const { values, positionals } = read(args, SHOW_OPTIONS, 1, hint);
  if (values.help) return { name: 'help', of: 'show', isAsked: true };
  const [trace] = positionals;
  if (trace === undefined || trace === '') {
    throw new UsageError(`show needs a TRACE: an id, the beginning of one, last or last-error; ${hint}`);
  }
  const observation = nonEmpty('--observation', 'an id', values.observation);
  const { json = false } = values;
  return { name: 'show', options: { access: accessOf(values, hint), trace, observation, json } };
}

/** `level=ERROR&minCost=1`, as in the address of the page; several are put together. The server checks the names' values. */
function filterOf(texts: readonly string[] = []): URLSearchParams {
  const filter = new URLSearchParams();
  for (const text of texts) {
    // The whole address may be pasted.
    const query = text.includes('?') ? text.slice(text.indexOf('?') + 1) : text;
    for (const [name, value] of new URLSearchParams(query)) {
      if (name === 'sort') continue;
      if (!NAMES.includes(name)) {
        throw new UsageError(
          `--filter must be NAME=VALUE with a name of ${NAMES.join(', ')}, but got: ${JSON.stringify(name)}`,
        );
      }
      filter.append(name, value);
    }
  }
  return filter;
}

/** Those of the page's address, and the ids of traces. */
const NAMES = [...FILTER_NAMES, 'id'];
