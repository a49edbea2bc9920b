/** Parses the command line into a validated command. */
import {
  duration,
  GLOBAL_OPTIONS,
  HINT,
  MAX_PORT,
  nonEmpty,
  read,
  serverUrl,
  UsageError,
  wholeNumber,
} from './argument-values.js';
import { type ForwardOptions, readForward } from './forward/arguments.js';

export interface DemoOptions {
  /** File with conversations to replay. Absent: the sample agent. */
  readonly file?: string;
  readonly once: boolean;
  readonly json: boolean;
  readonly repeat: number;
  /** Absent: the default port, or another one if that is taken. */
  readonly port?: number;
  /** Absent: in memory. */
  readonly dataDir?: string;
  /** A file with prices that take precedence over the price list. */
  readonly priceFile?: string;
  /** Address of a Redis server that the traces go through. Absent: they go to the receiver. */
  readonly through?: string;
}

export interface DevOptions extends Pick<DemoOptions, 'port' | 'dataDir' | 'priceFile'> {
  /** Absent: loopback. */
  readonly host?: string;
  /** The address of a shared store, in place of a folder; it may have a password. */
  readonly store?: string | undefined;
  /** Of the database. */
  readonly maxMib: number;
  /** Absent: traces stay until the database is full. */
  readonly retentionMs?: number;
  /** Absent: those of the environment, if the host demands keys. */
  readonly publicKey?: string;
  readonly secretKey?: string;
  /** Show the page in the browser. */
  readonly open: boolean;
  /** Ingest responses report what a Langfuse server would drop or change. */
  readonly strict: boolean;
  /** Do not print arriving traces. */
  readonly quiet: boolean;
}

/** Where a command finds its traces. See server-access.ts. */
export interface AccessOptions {
  /** Absent: the folder. Without a slash at its end. */
  readonly url?: string | undefined;
  /** The address of a shared store; it may have a password. */
  readonly store?: string | undefined;
  readonly dataDir: string;
  /** Absent: those of the environment. */
  readonly publicKey?: string | undefined;
  readonly secretKey?: string | undefined;
}

export interface McpOptions {
  readonly access: AccessOptions;
}

/** As in the option `clickhouse` of a client. */
export interface SchemaOptions {
  readonly database?: string | undefined;
  readonly tablePrefix?: string | undefined;
  readonly ttlDays?: number | undefined;
}

/** Their command lines are parsed by traces/trace-arguments.ts. */
export const TRACE_COMMANDS = ['import', 'export', 'tail', 'show'] as const;
export type TraceCommandName = (typeof TRACE_COMMANDS)[number];
export type CommandName = 'dev' | 'demo' | 'mcp' | TraceCommandName | 'forward' | 'clickhouse-schema';

const COMMANDS: readonly CommandName[] = [
  'dev',
  'demo',
  'mcp',
  ...TRACE_COMMANDS,
  'forward',
  'clickhouse-schema',
];

export type Command =
  /** `of`: the command to explain. `isAsked`: false for an empty command line. */
  | { readonly name: 'help'; readonly of?: CommandName | undefined; readonly isAsked: boolean }
  | { readonly name: 'version' }
  | { readonly name: 'demo'; readonly options: DemoOptions }
  | { readonly name: 'dev'; readonly options: DevOptions }
  | { readonly name: 'mcp'; readonly options: McpOptions }
  | { readonly name: 'forward'; readonly options: ForwardOptions }
  | { readonly name: 'clickhouse-schema'; readonly options: SchemaOptions };

export { UsageError } from './argument-values.js';

const DEV_OPTIONS = {
  ...GLOBAL_OPTIONS,
  port: { type: 'string' },
  data: { type: 'string' },
  prices: { type: 'string' },
} as const;
const DEV_ONLY_OPTIONS = {
  ...DEV_OPTIONS,
  host: { type: 'string' },
  store: { type: 'string' },
  memory: { type: 'boolean' },
  'max-mb': { type: 'string' },
  retention: { type: 'string' },
  'public-key': { type: 'string' },
  'secret-key': { type: 'string' },
  open: { type: 'boolean' },
  strict: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
} as const;
const DEMO_OPTIONS = {
  ...DEV_OPTIONS,
  once: { type: 'boolean' },
  json: { type: 'boolean' },
  repeat: { type: 'string' },
  through: { type: 'string' },
} as const;
/** Of each command that reads or writes traces by a server. */
export const ACCESS_OPTIONS = {
  ...GLOBAL_OPTIONS,
  url: { type: 'string' },
  store: { type: 'string' },
  data: { type: 'string' },
  'public-key': { type: 'string' },
  'secret-key': { type: 'string' },
} as const;

const SCHEMA_OPTIONS = {
  ...GLOBAL_OPTIONS,
  database: { type: 'string' },
  prefix: { type: 'string' },
  'ttl-days': { type: 'string' },
} as const;

const MAX_TTL_DAYS = 36_500;
const MAX_REPEAT = 1_000_000;
export const DEFAULT_DATA_DIR = '.tailrace';
export const DEFAULT_MAX_MIB = 2048;
/** An empty database takes a quarter of one. */
const MIN_MAX_MIB = 8;
const MAX_MAX_MIB = 1024 * 1024;

/** @throws UsageError saying what is wrong and what it must be. */
export function parseArguments(argv: readonly string[]): Command {
  const [name, ...rest] = argv;
  if (name === undefined) return { name: 'help', isAsked: false };
  if (name === 'help') return parseHelp(rest);
  if (name === 'demo') return parseDemo(rest);
  if (name === 'dev') return parseDev(rest);
  if (name === 'mcp') return parseMcp(rest);
  if (name === 'forward') return parseForward(rest);
  if (name === 'clickhouse-schema') return parseSchema(rest);
  if (!name.startsWith('-')) {
    throw new UsageError(
      `the command must be one of ${COMMANDS.join(', ')}, but got: ${JSON.stringify(name)}; ${HINT}`,
    );
  }
  const { values } = read(argv, GLOBAL_OPTIONS, 0);
  return globalCommand(values) ?? { name: 'help', isAsked: false };
}

function parseHelp(args: readonly string[]): Command {
  const [of] = read(args, GLOBAL_OPTIONS, 1).positionals;
  const command = COMMANDS.find((name) => name === of);
  if (of === undefined || command !== undefined) return { name: 'help', of: command, isAsked: true };
  throw new UsageError(
    `there is help for ${COMMANDS.join(', ')}, but not for: ${JSON.stringify(of)}; ${HINT}`,
  );
}

/** `--help` and `--version` take precedence over the command. */
function globalCommand(values: { help?: boolean; version?: boolean }, of?: CommandName): Command | undefined {
  if (values.help) return { name: 'help', of, isAsked: true };
  return values.version ? { name: 'version' } : undefined;
}

function parseDemo(args: readonly string[]): Command {
  const { values, positionals } = read(args, DEMO_OPTIONS, 1, `${HINT} demo`);
  const other = globalCommand(values, 'demo');
  if (other !== undefined) return other;
  const options: DemoOptions = {
    file: positionals[0],
    once: values.once ?? false,
    json: values.json ?? false,
    repeat: wholeNumber('--repeat', values.repeat, 1, MAX_REPEAT) ?? 1,
    port: wholeNumber('--port', values.port, 0, MAX_PORT),
    dataDir: nonEmpty('--data', 'a folder', values.data),
    priceFile: nonEmpty('--prices', 'a file', values.prices),
    through: nonEmpty('--through', 'redis://HOST:PORT', values.through),
  };
  return { name: 'demo', options };
}

function parseDev(args: readonly string[]): Command {
  const { values } = read(args, DEV_ONLY_OPTIONS, 0, `${HINT} dev`);
  const other = globalCommand(values, 'dev');
  if (other !== undefined) return other;
  const { memory = false, data, store } = values;
  const bounds = (['data', 'memory', 'max-mb', 'retention'] as const).find(
    (name) => values[name] !== undefined,
  );
  if (store !== undefined && bounds !== undefined) {
    throw new UsageError(
      `--store names tables with bounds of their own, and --${bounds} is about a folder: leave it out; ${HINT} dev`,
    );
  }
  if (memory && data !== undefined) {
    throw new UsageError(`--memory keeps nothing and --data a folder: give one of them; ${HINT} dev`);
  }
  return {
    name: 'dev',
    options: {
      host: nonEmpty('--host', 'an address or a name', values.host),
      port: wholeNumber('--port', values.port, 0, MAX_PORT),
      dataDir:
        memory || store !== undefined
          ? undefined
          : (nonEmpty('--data', 'a folder', data) ?? DEFAULT_DATA_DIR),
      ...(store !== undefined && { store }),
      maxMib: wholeNumber('--max-mb', values['max-mb'], MIN_MAX_MIB, MAX_MAX_MIB) ?? DEFAULT_MAX_MIB,
      retentionMs: duration('--retention', values.retention),
      publicKey: values['public-key'],
      secretKey: values['secret-key'],
      open: values.open ?? false,
      priceFile: nonEmpty('--prices', 'a file', values.prices),
      strict: values.strict ?? false,
      quiet: values.quiet ?? false,
    },
  };
}

function parseSchema(args: readonly string[]): Command {
  const { values } = read(args, SCHEMA_OPTIONS, 0, `${HINT} clickhouse-schema`);
  const other = globalCommand(values, 'clickhouse-schema');
  if (other !== undefined) return other;
  return {
    name: 'clickhouse-schema',
    options: {
      database: nonEmpty('--database', 'a name', values.database),
      tablePrefix: values.prefix,
      ttlDays: wholeNumber('--ttl-days', values['ttl-days'], 1, MAX_TTL_DAYS),
    },
  };
}

function parseMcp(args: readonly string[]): Command {
  const hint = `${HINT} mcp`;
  const { values } = read(args, ACCESS_OPTIONS, 0, hint);
  return globalCommand(values, 'mcp') ?? { name: 'mcp', options: { access: accessOf(values, hint) } };
}

/** @throws UsageError if both places are given, or the URL is not one of a server. `hint`: where to read more. */
export function accessOf(
  values: { readonly [name in 'url' | 'store' | 'data' | 'public-key' | 'secret-key']?: string | undefined },
  hint: string,
): AccessOptions {
  const { url, data, store } = values;
  if (url !== undefined && data !== undefined) {
    throw new UsageError(`--url names a server and --data a folder: give one of them; ${hint}`);
  }
  if (store !== undefined && (url ?? data) !== undefined) {
    throw new UsageError(`--store names tables, beside which there is no --url and no --data; ${hint}`);
  }
  return {
    ...(store !== undefined && { store }),
    url: url === undefined ? undefined : serverUrl(url),
    dataDir: nonEmpty('--data', 'a folder', data) ?? DEFAULT_DATA_DIR,
    publicKey: nonEmpty('--public-key', 'a key', values['public-key']),
    secretKey: nonEmpty('--secret-key', 'a key', values['secret-key']),
  };
}

function parseForward(args: readonly string[]): Command {
  const { values, options } = readForward(args);
  return globalCommand(values, 'forward') ?? { name: 'forward', options: options() };
}
