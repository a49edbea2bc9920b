/** `--store clickhouse://user:password@host:8123/database`: the address of a store that many share. */
import { resolveClickhouse } from '../config/clickhouse-options.js';
import type { ClickhouseTarget } from '../shared/contract/clickhouse-options.js';
import { UsageError } from './argument-values.js';
import type { Io } from './io.js';

/** Scheme → that of the server's HTTP interface, and its usual port. */
const SCHEMES: Readonly<Record<string, readonly [scheme: string, port: string]>> = {
  'clickhouse:': ['http:', '8123'],
  'clickhouses:': ['https:', '8443'],
};
const FORM = 'clickhouse://user:password@host:8123/database, or clickhouses:// for HTTPS';

/**
 * Parts that the address does not have are those of CLICKHOUSE_USER, CLICKHOUSE_PASSWORD and CLICKHOUSE_DB. `?prefix=` begins the names of
 * the tables.
 *
 * @throws UsageError which shows no part of the address: it may have a password.
 */
export function storeTarget(address: string, env: Io['env']): ClickhouseTarget {
  const url = parsed(address);
  const [scheme, port] = SCHEMES[url?.protocol ?? ''] ?? [];
  if (url === undefined || scheme === undefined || url.hostname === '') {
    throw new UsageError(`--store must be ${FORM}`);
  }
  const unknown = [...url.searchParams.keys()].find((name) => name !== 'prefix');
  if (unknown !== undefined) throw new UsageError('--store has no other parameter than ?prefix=');
  const path = decodeURIComponent(url.pathname.replace(/^\//, ''));
  const login = url.username === '' ? '' : `${url.username}${url.password && `:${url.password}`}@`;
  const target = resolveClickhouse(
    {
      url: `${scheme}//${login}${url.hostname}:${url.port || port}`,
      ...(path !== '' && { database: path }),
      ...(url.searchParams.has('prefix') && { tablePrefix: url.searchParams.get('prefix') }),
    },
    env,
  );
  // A fault names a part, and shows none.
  if ('fault' in target) throw new UsageError(target.fault.replace('option clickhouse.', '--store: '));
  return target;
}

function parsed(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}
