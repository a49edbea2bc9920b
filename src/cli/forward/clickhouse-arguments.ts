/** The options of `tailrace forward --to clickhouse://…`. */
import { resolveClickhouse } from '../../config/clickhouse-options.js';
import type { ClickhouseTarget } from '../../shared/contract/clickhouse-options.js';
import { UsageError, wholeNumber } from '../argument-values.js';

export const CLICKHOUSE_OPTIONS = {
  database: { type: 'string' },
  prefix: { type: 'string' },
  'ttl-days': { type: 'string' },
  'async-insert': { type: 'boolean' },
  'no-migrate': { type: 'boolean' },
  'clickhouse-ca': { type: 'string' },
  'clickhouse-cert': { type: 'string' },
  'clickhouse-key': { type: 'string' },
} as const;

type Values = Readonly<
  { to?: string | undefined } & {
    [name in keyof typeof CLICKHOUSE_OPTIONS]?: string | boolean | undefined;
  }
>;

/** The interface over HTTP, whose usual ports these are. */
const PROTOCOLS: Readonly<Record<string, { readonly http: string; readonly port: string }>> = {
  'clickhouse:': { http: 'http:', port: '8123' },
  'clickhouses:': { http: 'https:', port: '8443' },
};
const MAX_TTL_DAYS = 36_500;

/** `clickhouse` alone: the address is that of the environment. */
export function isClickhouse(to: string): boolean {
  return to === 'clickhouse' || /^clickhouses?:\/\//i.test(to);
}

export function givenOfClickhouse(values: Values): string[] {
  const names = Object.keys(CLICKHOUSE_OPTIONS) as (keyof typeof CLICKHOUSE_OPTIONS)[];
  return names.filter((name) => values[name] !== undefined).map((name) => `--${name}`);
}

/** Nothing of an address is shown: it may hold a password. @throws UsageError */
export function clickhouseOf(
  values: Values,
  hint: string,
): (env: Readonly<Record<string, string | undefined>>) => ClickhouseTarget {
  const ttlDays = wholeNumber('--ttl-days', values['ttl-days'] as string | undefined, 1, MAX_TTL_DAYS);
  const tls = {
    ca: values['clickhouse-ca'],
    cert: values['clickhouse-cert'],
    key: values['clickhouse-key'],
  };
  const certificates = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
  return (env) => {
    const { url, database } = addressOf(values.to, hint);
    const target = resolveClickhouse(
      {
        url,
        database: values.database ?? database,
        tablePrefix: values.prefix,
        ttlDays,
        asyncInsert: values['async-insert'],
        migrate: values['no-migrate'] !== true,
        ...(Object.keys(certificates).length > 0 && { tls: certificates }),
      },
      env,
    );
    if (!('fault' in target)) return target;
    const fault = target.fault
      .replace(
        'option clickhouse.url must be http://… or https://…',
        '--to must be clickhouse://… or clickhouses://…',
      )
      .replace('option clickhouse.url must be https://…', '--to must be clickhouses://…')
      .replace('which http:// does', 'which clickhouse:// does')
      .replace('option clickhouse.tablePrefix', '--prefix')
      .replace('option clickhouse.database', '--database, or the path of --to,')
      .replace(/option clickhouse\.(username|password)/, 'the $1 of --to');
    throw new UsageError(`${fault}; ${hint}`);
  };
}

interface Address {
  readonly url: string | undefined;
  readonly database: string | undefined;
}

function addressOf(to: string | undefined, hint: string): Address {
  if (to === undefined || to === 'clickhouse') return { url: undefined, database: undefined };
  const given = URL.canParse(to) ? new URL(to) : undefined;
  const protocol = PROTOCOLS[given?.protocol ?? ''];
  const name = /^\/?([^/]*)$/.exec(given?.pathname ?? '')?.[1];
  const isUsable = given !== undefined && protocol !== undefined && name !== undefined;
  if (!isUsable || given.hostname === '' || given.search !== '' || given.hash !== '') {
    throw new UsageError(
      `--to must be clickhouse://HOST:PORT/DATABASE, or clickhouses://… for TLS, with user and password if you like; ${hint}`,
    );
  }
  const port = given.port === '' ? protocol.port : given.port;
  const user = given.username === '' ? '' : `${given.username}:${given.password}@`;
  return {
    url: `${protocol.http}//${user}${given.hostname}:${port}`,
    database: name === '' ? undefined : name,
  };
}
