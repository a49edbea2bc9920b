/** Resolves the option `redis`. What cannot be used is a fault: the data was meant for these streams, and goes nowhere else. */
import type { RedisOptions, RedisTarget } from '../shared/contract/redis-options.js';
import { show } from '../shared/untrusted-text/show.js';
import {
  addressesOf,
  givenParts,
  hasCertificates,
  isCount,
  isFlag,
  isShortText,
  isTlsOption,
  serverUrls,
  wrongPart,
} from './connection-parts.js';

const DEFAULT_PORT = 6379;
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
  const urls = serverUrls(url, PROTOCOLS);
  if (urls === undefined) {
    return { fault: 'option redis.url must be redis://… or rediss://…, or an array of them' };
  }
  const [first] = urls;
  if (!urls.every(({ protocol }) => protocol === first.protocol)) {
    return { fault: 'option redis.url must have one protocol, redis: or rediss:, in all addresses' };
  }
  const database = Number(first.pathname.slice(1) || 0);
  if (!isCount(database, 0, 1_000_000)) {
    return { fault: 'option redis.url must end with a number, that of the database, or with the port' };
  }
  const mustBe = (name: string, part: unknown, isRight: boolean, must: string) =>
    wrongPart(`redis.${name}`, part, isRight, must);
  const wrong =
    mustBe('cluster', cluster, isFlag(cluster), 'true or false') ??
    mustBe('sentinel', sentinel, isShortText(sentinel), 'the name of a master') ??
    mustBe('stream', stream, isShortText(stream), 'a text') ??
    mustBe('shards', shards, isCount(shards, 1, 1024), 'a whole number from 1 to 1024') ??
    mustBe('maxLength', maxLength, isCount(maxLength, 1, 1e9), 'a whole number from 1 to 1000000000') ??
    mustBe('full', full, full === 'refuse' || full === 'trim', "'refuse' or 'trim'") ??
    mustBe('producer', producer, isShortText(producer), 'a text') ??
    // Its values are not shown: one is a key.
    (isTlsOption(tls) ? undefined : 'option redis.tls must be {ca?, cert?, key?} of texts');
  if (wrong !== undefined) return { fault: wrong };
  if (hasCertificates(tls) && first.protocol !== 'rediss:') {
    return {
      fault: 'option redis.url must be rediss://… as there are certificates, which redis:// does not use',
    };
  }
  const isCluster = cluster ?? (urls.length > 1 && sentinel === undefined);
  if (isCluster && sentinel !== undefined)
    return { fault: 'option redis has cluster and sentinel: it must be one' };
  if (!isCluster && sentinel === undefined && urls.length > 1)
    return { fault: 'option redis has several addresses, but neither cluster nor sentinel' };
  return {
    addresses: addressesOf(urls, DEFAULT_PORT),
    isTls: first.protocol === 'rediss:',
    ...(first.username !== '' && { username: decodeURIComponent(first.username) }),
    ...(first.password !== '' && { password: decodeURIComponent(first.password) }),
    database,
    topology: isCluster ? 'cluster' : sentinel === undefined ? 'single' : 'sentinel',
    ...givenParts({ sentinel, producer, tls }),
    ...DEFAULTS,
    full: 'refuse',
    ...givenParts({ stream, shards, maxLength, full }),
  } as RedisTarget;
}
