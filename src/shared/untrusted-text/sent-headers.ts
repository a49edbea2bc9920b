/** The secrets in a request's headers, which no message may show. They are noted at the request and needed for its response. */
import type { ExportResponse } from '../contract/exporter.js';
import type { Sent } from './untrusted-text.js';

type Headers = Readonly<Record<string, string | undefined>>;

/** Headers without secrets. */
const PUBLIC_HEADERS = new Set([
  'accept',
  'accept-encoding',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'user-agent',
  'x-langfuse-ingestion-version',
  'x-langfuse-public-key',
  'x-langfuse-sdk-name',
  'x-langfuse-sdk-version',
]);

const PROXY = 'proxy-authorization';

const secretsBehind = new WeakMap<object, readonly string[]>();

/** `headers` of the request, and of a proxy on its way. */
export function noteHeaders(response: ExportResponse, headers: Headers): void {
  const secret = Object.entries(headers).filter(([name]) => !PUBLIC_HEADERS.has(name.toLowerCase()));
  secretsBehind.set(response, partsOfHeaders(Object.fromEntries(secret)));
}

/** Adds the secrets that the transport sent with the request. */
export function sentWith(response: ExportResponse, { secrets, bodies }: Sent): Sent {
  return { secrets: [...secrets, ...(secretsBehind.get(response) ?? [])], bodies };
}

/** The values and their parts (`Bearer …`, `a=…; b=…`), and the password of Basic credentials. */
export function partsOfHeaders(headers: Headers = {}): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (typeof value !== 'string') return [];
    const [, basic = ''] = /^\s*basic\s+(\S+)/i.exec(value) ?? [];
    const [user = '', ...password] = Buffer.from(basic, 'base64').toString().split(':');
    // The user for a Langfuse server is the public key, which messages may name.
    const parts = [value, ...value.split(/[\s,;=]+/), password.join(':'), name === PROXY ? user : ''];
    return parts.filter((part) => part !== '');
  });
}
