/** Parts that the options of exporters to Redis and ClickHouse have in common. */
import { percentDecoded } from '../shared/percents.js';

const TLS_NAMES = ['ca', 'cert', 'key'];

/** A text or URL with one of the protocols (`redis:`), a host, and a user and password that can be decoded; undefined for others. */
export function serverUrl(value: unknown, protocols: readonly string[]): URL | undefined {
  const text = value instanceof URL ? value.href : value;
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!protocols.includes(url.protocol) || url.hostname === '') return undefined;
  return percentDecoded(url.username + url.password) === undefined ? undefined : url;
}

/** Missing, or `{ca?, cert?, key?}` of texts. */
export function isTlsOption(tls: unknown): boolean {
  if (tls === undefined || tls === null) return true;
  return (
    typeof tls === 'object' &&
    Object.entries(tls).every(([name, text]) => TLS_NAMES.includes(name) && typeof text === 'string')
  );
}
