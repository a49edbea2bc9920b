/** The options of `tailrace forward`. */
import type { ClickhouseTarget } from '../../shared/contract/clickhouse-options.js';
import {
  GLOBAL_OPTIONS,
  HINT,
  MAX_PORT,
  nonEmpty,
  read,
  UsageError,
  wholeNumber,
} from '../argument-values.js';
import { CLICKHOUSE_OPTIONS, clickhouseOf, givenOfClickhouse, isClickhouse } from './clickhouse-arguments.js';
import { type From, readFrom } from './source-arguments.js';

export interface ForwardOptions {
  /** Absent: REDIS_URL or NATS_URL of the environment. */
  readonly from: (env: Readonly<Record<string, string | undefined>>) => From;
  readonly to: 'langfuse' | 'otlp' | 'clickhouse';
  readonly group: string;
  readonly maxDead: number;
  readonly maxAttempts: number;
  readonly replayDead: boolean;
  readonly inFlight: number;
  readonly claimAfterMs: number;
  /** Of a Langfuse server. Absent: those of the environment. */
  readonly baseUrl?: string | undefined;
  readonly publicKey?: string | undefined;
  readonly secretKey?: string | undefined;
  /** Of a collector. Absent: that of the environment. */
  readonly endpoint?: string | undefined;
  /** Of a ClickHouse server. What is absent comes from the environment. */
  readonly clickhouse: (env: Readonly<Record<string, string | undefined>>) => ClickhouseTarget;
  /** Where scores go if the target takes spans alone. */
  readonly scores: 'langfuse' | 'dead' | 'drop';
  /** Absent: none are served. */
  readonly metricsPort?: number | undefined;
  readonly metricsHost: string;
}

const OPTIONS = {
  ...GLOBAL_OPTIONS,
  from: { type: 'string', multiple: true },
  to: { type: 'string' },
  cluster: { type: 'boolean' },
  sentinel: { type: 'string' },
  stream: { type: 'string' },
  shards: { type: 'string' },
  'redis-ca': { type: 'string' },
  'redis-cert': { type: 'string' },
  'redis-key': { type: 'string' },
  'nats-ca': { type: 'string' },
  'nats-cert': { type: 'string' },
  'nats-key': { type: 'string' },
  credentials: { type: 'string' },
  nkey: { type: 'string' },
  group: { type: 'string' },
  'max-dead': { type: 'string' },
  'max-attempts': { type: 'string' },
  'replay-dead': { type: 'boolean' },
  'in-flight': { type: 'string' },
  'claim-after': { type: 'string' },
  'base-url': { type: 'string' },
  'public-key': { type: 'string' },
  'secret-key': { type: 'string' },
  endpoint: { type: 'string' },
  scores: { type: 'string' },
  ...CLICKHOUSE_OPTIONS,
  'metrics-port': { type: 'string' },
  'metrics-host': { type: 'string' },
} as const;

export const DEFAULT_GROUP = 'tailrace';
export const DEFAULT_MAX_DEAD = 10_000;
export const DEFAULT_MAX_ATTEMPTS = 10;
export const DEFAULT_IN_FLIGHT = 8;
/** Of batches, half of which make one insert. */
export const CLICKHOUSE_IN_FLIGHT = 64;
export const DEFAULT_CLAIM_AFTER_S = 60;
export const DEFAULT_METRICS_HOST = '127.0.0.1';
const FORWARD_HINT = `${HINT} forward`;

type Values = ReturnType<typeof readValues>;

function readValues(args: readonly string[]) {
  return read(args, OPTIONS, 0, FORWARD_HINT).values;
}

/** `options` throws a UsageError: `--help` goes before what is wrong with the others. */
export function readForward(args: readonly string[]): {
  readonly values: { help?: boolean; version?: boolean };
  readonly options: () => ForwardOptions;
} {
  const values = readValues(args);
  return { values, options: () => optionsOf(values) };
}

function optionsOf(values: Values): ForwardOptions {
  const to = targetOf(values.to);
  const scores = choice('--scores', values.scores, ['langfuse', 'dead', 'drop']);
  const needless = [
    to !== 'otlp' && values.endpoint !== undefined && '--endpoint',
    to !== 'otlp' && scores !== undefined && '--scores',
  ].find(Boolean);
  if (needless) throw new UsageError(`${needless} is for --to otlp alone; ${FORWARD_HINT}`);
  const [ofClickhouse] = to === 'clickhouse' ? [] : givenOfClickhouse(values);
  if (ofClickhouse) throw new UsageError(`${ofClickhouse} is for --to clickhouse alone; ${FORWARD_HINT}`);
  return {
    from: readFrom(values, FORWARD_HINT),
    to,
    group: nonEmpty('--group', 'a name', values.group) ?? DEFAULT_GROUP,
    maxDead: wholeNumber('--max-dead', values['max-dead'], 1, 1e9) ?? DEFAULT_MAX_DEAD,
    maxAttempts: wholeNumber('--max-attempts', values['max-attempts'], 1, 1e6) ?? DEFAULT_MAX_ATTEMPTS,
    replayDead: values['replay-dead'] ?? false,
    inFlight:
      wholeNumber('--in-flight', values['in-flight'], 1, 1000) ??
      (to === 'clickhouse' ? CLICKHOUSE_IN_FLIGHT : DEFAULT_IN_FLIGHT),
    claimAfterMs:
      1000 * (wholeNumber('--claim-after', values['claim-after'], 1, 86_400) ?? DEFAULT_CLAIM_AFTER_S),
    baseUrl: nonEmpty('--base-url', 'an address', values['base-url']),
    publicKey: nonEmpty('--public-key', 'a key', values['public-key']),
    secretKey: nonEmpty('--secret-key', 'a key', values['secret-key']),
    endpoint: nonEmpty('--endpoint', 'an address', values.endpoint),
    clickhouse: clickhouseOf(values, FORWARD_HINT),
    scores: scores ?? 'dead',
    metricsPort: wholeNumber('--metrics-port', values['metrics-port'], 0, MAX_PORT),
    metricsHost:
      nonEmpty('--metrics-host', 'an address or a name', values['metrics-host']) ?? DEFAULT_METRICS_HOST,
  };
}

function targetOf(text: string | undefined): ForwardOptions['to'] {
  if (text !== undefined && isClickhouse(text)) return 'clickhouse';
  if (text === 'langfuse' || text === 'otlp') return text;
  // An address may hold a password.
  const got =
    text === undefined
      ? 'is not given'
      : /^\w*$/.test(text)
        ? `got: ${JSON.stringify(text)}`
        : 'got another one';
  throw new UsageError(
    `--to must be langfuse, otlp or clickhouse://HOST:PORT/DATABASE, but ${got}; ${FORWARD_HINT}`,
  );
}

function choice<const T extends string>(
  name: string,
  text: string | undefined,
  choices: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const found = choices.find((one) => one === text);
  if (found !== undefined) return found;
  const last = choices.at(-1);
  const list = `${choices.slice(0, -1).join(', ')} or ${last}`;
  throw new UsageError(`${name} must be ${list}, but got: ${JSON.stringify(text)}; ${FORWARD_HINT}`);
}
