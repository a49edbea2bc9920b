/** Resolves the option `allowedUploadHosts`: storages that a server may send media to. An invalid one fails closed. */
import { typeOf } from '../shared/untrusted-text/show.js';
import { bareHost, type UploadHost } from '../shared/upload-hosts.js';
import { warnInvalid } from './settings.js';

/** Not imported: an application that has not loaded it yet would wait 2 ms more for `import 'tailrace'`. */
const isIP = (host: string) => process.getBuiltinModule('node:net').isIP(host);

const OPTION = 'option allowedUploadHosts';
const RULE =
  "an array of host names ('minio.internal'), names with a wildcard ('*.amazonaws.com'), addresses or networks ('10.0.0.0/8')";
const CLOSED = "media are uploaded to the server's own host alone";

/** Undefined: not given. Empty: invalid, and only the server's own host is allowed. */
export function resolveUploadHosts(value: unknown, problems: string[]): readonly UploadHost[] | undefined {
  if (value === undefined || value === null) return undefined;
  const given = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(given)) {
    warnInvalid(problems, OPTION, RULE, `is ${typeOf(value)}`, CLOSED);
    return [];
  }
  const hosts = given.map(readUploadHost);
  const wrong = hosts.indexOf(undefined);
  if (wrong === -1) return hosts as UploadHost[];
  warnInvalid(problems, OPTION, RULE, `[${wrong}] is none of them (${typeOf(given[wrong])})`, CLOSED);
  return [];
}

/** Undefined: not a host. A URL, or a host with a port, allows that port alone. */
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
  // A URL leaves out the port that its scheme has anyway.
  const port = /:(\d+)\/?$/.exec(bare)?.[1];
  const host = bareHost(hostname);
  return port === undefined ? { host } : { host, port: Number(port) };
}
