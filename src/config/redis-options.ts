/** Resolves the option `redis`. What cannot be used is a fault: the data was meant for these streams, and goes nowhere else. */
import type { RedisOptions, RedisTarget } from '../shared/contract/redis-options.js';
import { show } from '../shared/untrusted-text/show.js';
import { isTlsOption, serverUrl } from './connection-parts.js';

const DEFAULTS = { stream: 'tailrace', shards: 1, maxLength: 10_000 };
const NAMES = ['url', 'cluster', 'sentinel', 'stream', 'shards', 'maxLength', 'full', 'producer', 'tls'];
const PROTOCOLS = ['redis:', 'rediss:'];

type Resolved = RedisTarget | { readonly fault: string };

/** A fault names the part, and never shows an address: it may hold a password. */
export function resolveRedis(value: unknown): Resolved {
  if (typeof value !== 'object' || value === null) {
    return { fault: `option redis must be {url, …}, but got: ${show(value)}` };
  }
  const { url, cluster, sentinel, stream, shards, maxLength, full, producer, tls } = value as Record<
    keyof RedisOptions,
    unknown
  >;
  const unknown = Object.keys(value).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) return { fault: `option redis has no ${show(unknown)}` };
  const urls = (Array.isArray(url) ? url : [url]).map((one) => serverUrl(one, PROTOCOLS));
  const first = urls[0];
  if (first === undefined || !urls.every((one) => one !== undefined)) {
    return { fault: 'option redis.url must be redis://… or rediss://…, or an array of them' };
  }
  if (!urls.every(({ protocol }) => protocol === first.protocol)) {
    return { fault: 'option redis.url must have one protocol, redis: or rediss:, in all addresses' };
  }
  const database = Number(first.pathname.slice(1) || 0);
  if (!isCount(database, 0, 1_000_000)) {
    return { fault: 'option redis.url must end with a number, that of the database, or with the port' };
  }
  const wrong =
    mustBe('cluster', cluster, typeof cluster === 'boolean', 'true or false') ??
    mustBe('sentinel', sentinel, isText(sentinel), 'the name of a master') ??
    mustBe('stream', stream, isText(stream), 'a text') ??
    mustBe('shards', shards, isCount(shards, 1, 1024), 'a whole number from 1 to 1024') ??
    mustBe('maxLength', maxLength, isCount(maxLength, 1, 1e9), 'a whole number from 1 to 1000000000') ??
    mustBe('full', full, full === 'refuse' || full === 'trim', "'refuse' or 'trim'") ??
    mustBe('producer', producer, isText(producer), 'a text') ??
    // Its values are not shown: one is a key.
    (isTlsOption(tls) ? undefined : 'option redis.tls must be {ca?, cert?, key?} of texts');
  if (wrong !== undefined) return { fault: wrong };
  const isCluster = cluster ?? (urls.length > 1 && sentinel === undefined);
  if (isCluster && sentinel !== undefined)
    return { fault: 'option redis has cluster and sentinel: it must be one' };
  if (!isCluster && sentinel === undefined && urls.length > 1)
    return { fault: 'option redis has several addresses, but neither cluster nor sentinel' };
  return {
    addresses: urls.map(({ hostname, port }) => ({
      host: unbracketed(hostname),
      port: Number(port || 6379),
    })),
    isTls: first.protocol === 'rediss:',
    ...(first.username !== '' && { username: decodeURIComponent(first.username) }),
    ...(first.password !== '' && { password: decodeURIComponent(first.password) }),
    database,
    topology: isCluster ? 'cluster' : sentinel === undefined ? 'single' : 'sentinel',
    ...given({ sentinel, producer, tls }),
    ...DEFAULTS,
    full: 'refuse',
    ...given({ stream, shards, maxLength, full }),
  } as RedisTarget;
}

function mustBe(name: string, value: unknown, isRight: boolean, must: string): string | undefined {
  if (value === undefined || value === null || isRight) return undefined;
  return `option redis.${name} must be ${must}, but got: ${show(value)}`;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= 200;
}

function isCount(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function unbracketed(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function given(parts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parts).filter(([, value]) => value !== undefined && value !== null),
  );
}
