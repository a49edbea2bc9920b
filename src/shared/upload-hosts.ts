/** Reads the option `allowedUploadHosts`: the hosts to which a server may have media uploaded. */
import { isIP } from 'node:net';
import { typeOf } from './options.js';

/** One rule, as it crosses to the worker. `port`: only this port. */
export type UploadHost =
  | { readonly kind: 'any' }
  | { readonly kind: 'name' | 'subdomains'; readonly name: string; readonly port?: number }
  | { readonly kind: 'network'; readonly address: string; readonly prefix: number; readonly port?: number };

const RULE =
  "an array of host names ('minio.internal'), names with a wildcard ('*.amazonaws.com'), addresses or networks ('10.0.0.0/8')";

/** Undefined: not given. An invalid option fails closed: only the server's own host is allowed. */
export function resolveUploadHosts(value: unknown, problems: string[]): readonly UploadHost[] | undefined {
  if (value === undefined || value === null) return undefined;
  const given = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(given)) {
    problems.push(`option allowedUploadHosts must be ${RULE}, but is ${typeOf(value)}; ${CLOSED}`);
    return [];
  }
  const hosts = given.map(readUploadHost);
  const wrong = hosts.indexOf(undefined);
  if (wrong === -1) return hosts as UploadHost[];
  problems.push(
    `option allowedUploadHosts must be ${RULE}, but [${wrong}] is none of them (${typeOf(given[wrong])}); ${CLOSED}`,
  );
  return [];
}

const CLOSED = "media are uploaded to the server's own host alone";

/** Undefined: it is invalid. A URL, or a host with a port, allows only that port. */
function readUploadHost(entry: unknown): UploadHost | undefined {
  if (typeof entry !== 'string') return undefined;
  const text = entry.trim();
  if (text === '*') return { kind: 'any' };
  const network = readNetwork(text);
  if (network !== undefined) return network;
  const [, wildcard, rest = ''] = /^(\*?\.)?(.*)$/s.exec(text) ?? [];
  const found = readHost(rest);
  if (found === undefined) return undefined;
  const { host, ...port } = found;
  if (isIP(host) === 0) return { kind: wildcard === undefined ? 'name' : 'subdomains', name: host, ...port };
  if (wildcard !== undefined) return undefined;
  return { kind: 'network', address: host, prefix: isIP(host) === 6 ? 128 : 32, ...port };
}

function readNetwork(text: string): UploadHost | undefined {
  const [, address = '', bits] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const family = isIP(address);
  const prefix = Number(bits);
  return family === 0 || prefix > (family === 6 ? 128 : 32)
    ? undefined
    : { kind: 'network', address, prefix };
}

function readHost(text: string): { host: string; port?: number } | undefined {
  const bare = isIP(text) === 6 ? `[${text}]` : text;
  const href = /^https?:\/\//i.test(bare) ? bare : `http://${bare}`;
  if (bare === '' || !URL.canParse(href)) return undefined;
  const { hostname, username, password, pathname, search, hash } = new URL(href);
  if (username || password || pathname !== '/' || search || hash || hostname.includes('*')) return undefined;
  // URL omits the default port of the scheme.
  const port = /:(\d+)\/?$/.exec(bare)?.[1];
  const host = bareHost(hostname);
  return port === undefined ? { host } : { host, port: Number(port) };
}

/** Without brackets and a final dot, as `isIP` and tables of names need it. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
