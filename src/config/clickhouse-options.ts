/** Resolves the option `clickhouse`. What cannot be used is a fault: the data was meant for these tables, and goes nowhere else. */
import type { ClickhouseOptions, ClickhouseTarget } from '../shared/contract/clickhouse-options.js';
import { show } from '../shared/untrusted-text/show.js';
import { hasCertificates, isTlsOption, serverUrl } from './connection-parts.js';
import type { Environment } from './settings.js';

const NAMES: readonly string[] = [
  'url',
  'database',
  'username',
  'password',
  'tablePrefix',
  'asyncInsert',
  'ttlDays',
  'migrate',
  'tls',
] satisfies (keyof ClickhouseOptions)[];
const PROTOCOLS = ['http:', 'https:'];
/** Names go into statements, in quotes. */
const NAME = /^[A-Za-z_][\w-]{0,62}$/;
const MAX_TTL_DAYS = 36_500;

type Resolved = ClickhouseTarget | { readonly fault: string };

/** A fault names the part, and never shows an address, a user or a password. */
export function resolveClickhouse(value: unknown, env: Environment): Resolved {
  if (value !== undefined && (typeof value !== 'object' || value === null)) {
    return { fault: `option clickhouse must be {url, …}, but got: ${show(value)}` };
  }
  const unknown = Object.keys(value ?? {}).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) return { fault: `option clickhouse has no ${show(unknown)}` };
  const given = (value ?? {}) as Record<keyof ClickhouseOptions, unknown>;
  const variable = (name: string): string | undefined => env[name]?.trim() || undefined;

  const address = given.url ?? variable('CLICKHOUSE_URL');
  const url = serverUrl(address, PROTOCOLS);
  if (url === undefined) {
    const missing = address === undefined ? ', or the variable CLICKHOUSE_URL must be set' : '';
    return { fault: `option clickhouse.url must be http://… or https://…${missing}` };
  }
  const database = given.database ?? variable('CLICKHOUSE_DB') ?? 'default';
  const username =
    given.username ?? (decodeURIComponent(url.username) || variable('CLICKHOUSE_USER')) ?? 'default';
  const password =
    given.password ?? (decodeURIComponent(url.password) || variable('CLICKHOUSE_PASSWORD')) ?? '';
  const tablePrefix = given.tablePrefix ?? 'tailrace_';
  const { asyncInsert, ttlDays, migrate, tls } = given;
  const wrong =
    mustBe('database', isName(database), 'a name of letters, digits, _ and -') ??
    mustBe('username', isHeader(username), 'a text without line breaks') ??
    mustBe('password', isHeader(password), 'a text without line breaks') ??
    mustBe('tablePrefix', tablePrefix === '' || isName(tablePrefix), 'letters, digits, _ and -, or empty') ??
    mustBe('asyncInsert', isFlag(asyncInsert), 'true or false') ??
    mustBe('ttlDays', isMissing(ttlDays) || isDays(ttlDays), `a whole number from 1 to ${MAX_TTL_DAYS}`) ??
    mustBe('migrate', isFlag(migrate), 'true or false') ??
    mustBe('tls', isTlsOption(tls), '{ca?, cert?, key?} of texts');
  if (wrong !== undefined) return { fault: wrong };
  if (hasCertificates(tls) && url.protocol !== 'https:') {
    return {
      fault: 'option clickhouse.url must be https://… as there are certificates, which http:// does not use',
    };
  }
  return {
    url: url.origin + url.pathname,
    database: database as string,
    username: username as string,
    password: password as string,
    tablePrefix: tablePrefix as string,
    asyncInsert: asyncInsert === true,
    migrate: migrate !== false,
    ...(isDays(ttlDays) && { ttlDays: ttlDays as number }),
    ...(!isMissing(tls) && { tls: tls as NonNullable<ClickhouseTarget['tls']> }),
  };
}

/** The value is not shown: it may be a password in the wrong place. */
function mustBe(name: string, isRight: boolean, must: string): string | undefined {
  return isRight ? undefined : `option clickhouse.${name} must be ${must}`;
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && NAME.test(value);
}

/** User and password go into headers. */
function isHeader(value: unknown): boolean {
  return typeof value === 'string' && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

function isFlag(value: unknown): boolean {
  return isMissing(value) || typeof value === 'boolean';
}

function isDays(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_TTL_DAYS;
}
