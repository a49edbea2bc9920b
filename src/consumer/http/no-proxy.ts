/**
 * NO_PROXY: hosts to which requests go without a proxy. undici's own parser supports neither networks nor IPv6 addresses; curl,
 * Go and Python do.
 */
import { BlockList, isIP } from 'node:net';
import { domainToASCII } from 'node:url';

type Matches = (hostname: string, port: number) => boolean;

const DEFAULT_PORTS: Record<string, number> = { 'http:': 80, 'https:': 443 };

/**
 * `list`: `*`, or names (which include subdomains), addresses, networks (10.0.0.0/8) and ranges (10.0.0.1-10.0.0.9), each with or
 * without a port.
 */
export function createNoProxy(list: string): (url: URL) => boolean {
  const entries = list
    .split(/[,\s]+/)
    .filter(Boolean)
    .map(toMatch);
  return ({ protocol, hostname, port }) => {
    const name = withoutBrackets(hostname).replace(/\.$/, '');
    return entries.some((matches) => matches(name, Number(port) || (DEFAULT_PORTS[protocol] ?? 0)));
  };
}

function toMatch(entry: string): Matches {
  if (entry === '*') return () => true;
  const { host, port } = splitPort(entry);
  const isHost = matchHost(host.toLowerCase());
  return (hostname, itsPort) => (port === undefined || port === itsPort) && isHost(hostname);
}

/** IPv6 addresses contain colons: with a port they are in brackets. */
function splitPort(entry: string): { host: string; port: number | undefined } {
  const [, host, port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  return { host: withoutBrackets(host ?? entry), port: port === undefined ? undefined : Number(port) };
}

function matchHost(host: string): (hostname: string) => boolean {
  const addresses = toAddresses(host);
  if (addresses !== undefined) {
    return (hostname) => isIP(hostname) !== 0 && addresses.check(hostname, familyOf(hostname));
  }
  const bare = host.replace(/^\*?\./, '').replace(/\.$/, '');
  const name = domainToASCII(bare) || bare;
  return (hostname) => hostname === name || hostname.endsWith(`.${name}`);
}

/** Undefined if the host is a name. */
function toAddresses(host: string): BlockList | undefined {
  const [, first = host, sign, second = ''] = /^([^/-]+)([/-])([^/-]+)$/.exec(host) ?? [];
  if (isIP(first) === 0) return undefined;
  const list = new BlockList();
  try {
    if (sign === '/') list.addSubnet(first, Number(second), familyOf(first));
    else if (sign === '-') list.addRange(first, second, familyOf(first));
    else list.addAddress(first, familyOf(first));
    return list;
  } catch {
    return undefined;
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}
