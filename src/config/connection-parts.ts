/** Parts that the options of exporters to Redis, NATS and ClickHouse have in common. */
import { percentDecoded } from '../shared/percents.js';
import { show } from '../shared/untrusted-text/show.js';

const TLS_NAMES = ['ca', 'cert', 'key'];
const MAX_TEXT = 200;

/** A text or URL with one of the protocols (`redis:`), a host, and a user and password that can be decoded; undefined for others. */
export function serverUrl(value: unknown, protocols: readonly string[]): URL | undefined {
  const text = value instanceof URL ? value.href : value;
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!protocols.includes(url.protocol) || url.hostname === '') return undefined;
  return percentDecoded(url.username + url.password) === undefined ? undefined : url;
}

/** One or several of such. Undefined: one of them cannot be used, or there is none. */
export function serverUrls(value: unknown, protocols: readonly string[]): [URL, ...URL[]] | undefined {
  const urls = (Array.isArray(value) ? value : [value]).map((one) => serverUrl(one, protocols));
  const all = urls.filter((url) => url !== undefined);
  const [first, ...others] = all;
  return first === undefined || all.length < urls.length ? undefined : [first, ...others];
}

export function addressesOf(
  urls: readonly URL[],
  defaultPort: number,
): readonly { readonly host: string; readonly port: number }[] {
  return urls.map(({ hostname, port }) => ({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || defaultPort),
  }));
}

/** Missing, or `{ca?, cert?, key?}` of texts. */
export function isTlsOption(tls: unknown): boolean {
  if (tls === undefined || tls === null) return true;
  return (
    typeof tls === 'object' &&
    !Array.isArray(tls) &&
    Object.entries(tls).every(([name, text]) => TLS_NAMES.includes(name) && typeof text === 'string')
  );
}

/** Whom to trust, or who one is, matters on TLS alone: without it the data would go where these do not hold. */
export function hasCertificates(tls: unknown): boolean {
  return Object.keys(Object(tls)).length > 0;
}

/** Says what is wrong with a part that is given: `redis.shards`. */
export function wrongPart(name: string, value: unknown, isRight: boolean, must: string): string | undefined {
  if (value === undefined || value === null || isRight) return undefined;
  return `option ${name} must be ${must}, but got: ${show(value)}`;
}

export function isShortText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TEXT;
}

export function isCount(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

export function isFlag(value: unknown): boolean {
  return typeof value === 'boolean';
}

/** Without those that are missing. */
export function givenParts(parts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parts).filter(([, value]) => value !== undefined && value !== null),
  );
}
