/** What a request's headers held that no message may show: known where it was sent, wanted where its answer is read. */
import type { ExportResponse } from '../contract/exporter.js';
import type { Sent } from './untrusted-text.js';

type Headers = Readonly<Record<string, string | undefined>>;

/** They say what every client says. */
const TOLD_BY_ALL = new Set([
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

/** `headers`: those of the request, and of the proxy on its way. */
export function noteHeaders(response: ExportResponse, headers: Headers): void {
  const secret = Object.entries(headers).filter(([name]) => !TOLD_BY_ALL.has(name.toLowerCase()));
  secretsBehind.set(response, partsOfHeaders(Object.fromEntries(secret)));
}

/** What was sent, with what its way to the server has added. */
export function sentWith(response: ExportResponse, { secrets, bodies }: Sent): Sent {
  return { secrets: [...secrets, ...(secretsBehind.get(response) ?? [])], bodies };
}

/** Values, and their parts (`Bearer …`, `a=…; b=…`); of Basic credentials the password. */
export function partsOfHeaders(headers: Headers = {}): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (typeof value !== 'string') return [];
    const [, basic = ''] = /^\s*basic\s+(\S+)/i.exec(value) ?? [];
    const [user = '', ...password] = Buffer.from(basic, 'base64').toString().split(':');
    // That of a Langfuse server is the public key, which messages name.
    const parts = [value, ...value.split(/[\s,;=]+/), password.join(':'), name === PROXY ? user : ''];
    return parts.filter((part) => part !== '');
  });
}
