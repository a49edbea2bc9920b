/**
 * Decides where media may be uploaded to. The server names the address: an attacker who controls the server, or its name, could
 * make the worker write to services of the private network, and learn from the status what is there.
 */
import { BlockList, isIP } from 'node:net';
import type { AddressGuard } from '../../shared/contract/exporter.js';
import { familyOf, type NetworkZone, unmapped, zoneOf } from '../../shared/network-zones.js';
import { redactOrigin } from '../../shared/untrusted-text/untrusted-text.js';
import { bareHost, type UploadHost } from '../../shared/upload-hosts.js';

/** A URL that media may be sent to. The guard decides which addresses of its host are allowed. */
export interface UploadTarget {
  readonly url: string;
  readonly guard: AddressGuard | undefined;
  /** The host as messages may show it: only the parts that are known from elsewhere than the server's answer. */
  readonly calledHost: string;
}

export type UploadRule = (uploadUrl: string) => UploadTarget | { readonly refusal: string };

const ADVICE = 'if that is right, name its host in option allowedUploadHosts';

/** `hosts`: the option's; undefined: not given. Uploads share the guards, as connections are kept by guard. */
export function createUploadRule(serverUrl: string, hosts: readonly UploadHost[] | undefined): UploadRule {
  const server = new URL(serverUrl);
  const serverHost = bareHost(server.hostname);
  const serverZone = zoneOfName(serverHost);
  const names = (hosts ?? []).flatMap((one) => ('name' in one ? one.name : []));
  const networks = networksOf(hosts ?? []);
  const guardBy = (reaches: (zone: NetworkZone) => boolean): AddressGuard => {
    return (address, port) => {
      const zone = zoneOf(address);
      if (reaches(zone) || networks(address, port)) return undefined;
      return `the server names a storage at ${ZONE_NAMES[zone]}: ${ADVICE}`;
    };
  };
  const ofServer = guardBy((zone) => reachesFrom(serverZone, zone) || zone === 'private');
  const ofOthers = guardBy((zone) => reachesFrom(serverZone, zone));
  const ofNetworks = guardBy(() => false);

  function guardOf(url: URL): AddressGuard | 'none' | undefined {
    const host = bareHost(url.hostname);
    const named = hosts?.find((one) => isNamed(one, host, portOf(url)));
    if (named !== undefined && named.kind !== 'subdomains') return 'none';
    if (host === serverHost) return isIP(host) !== 0 || url.origin === server.origin ? 'none' : ofServer;
    if (hosts === undefined || named !== undefined) return ofOthers;
    return hosts.some(({ kind }) => kind === 'network') ? ofNetworks : undefined;
  }

  return (uploadUrl) => {
    if (!URL.canParse(uploadUrl)) return { refusal: 'the server names no URL to upload to' };
    const url = new URL(uploadUrl);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') {
      return { refusal: 'the server names an address to upload to that is neither http nor https' };
    }
    if (url.username !== '' || url.password !== '') {
      return { refusal: 'the server names an address to upload to that holds a user or a password' };
    }
    const guard = guardOf(url);
    if (guard === undefined) return { refusal: `the server names a storage that is not allowed: ${ADVICE}` };
    const own = [server.host, serverHost, ...names];
    const calledHost = redactOrigin(url, own).replace(/^\w+:\/\//, '');
    return { url: uploadUrl, guard: guard === 'none' ? undefined : guard, calledHost };
  };
}

const ZONE_NAMES: Record<NetworkZone, string> = {
  public: 'an address that is not allowed',
  private: 'a private address',
  loopback: 'an address of this machine',
  special: 'an address that no storage has (of the link, such as a metadata service, or reserved)',
};

/** A server can reach its own network zone by itself. */
function reachesFrom(server: NetworkZone, zone: NetworkZone): boolean {
  if (zone === 'public') return true;
  if (zone === 'private') return server === 'private' || server === 'loopback';
  return zone === 'loopback' && server === 'loopback';
}

/** Names that nobody can register. Only the name counts: the owner of another name can let it resolve to any address. */
const PRIVATE_NAME =
  /^[^.]+$|\.(?:local|internal|test|intranet|private|corp|home|lan|localdomain|svc|home\.arpa|cluster\.local)$/;

function zoneOfName(host: string): NetworkZone {
  if (isIP(host) !== 0) return zoneOf(host);
  if (host === 'localhost' || host.endsWith('.localhost')) return 'loopback';
  return PRIVATE_NAME.test(host) ? 'private' : 'public';
}

function isNamed(one: UploadHost, host: string, port: number): boolean {
  if (one.kind === 'any') return true;
  if (one.kind === 'network' || (one.port ?? port) !== port) return false;
  return one.kind === 'name' ? host === one.name : host.endsWith(`.${one.name}`);
}

function networksOf(hosts: readonly UploadHost[]): (address: string, port: number) => boolean {
  const networks = hosts.flatMap((one) => {
    if (one.kind !== 'network') return [];
    const list = new BlockList();
    list.addSubnet(one.address, one.prefix, familyOf(one.address));
    return { list, port: one.port };
  });
  return (address, port) => {
    const plain = unmapped(address);
    return networks.some((one) => (one.port ?? port) === port && one.list.check(plain, familyOf(plain)));
  };
}

function portOf({ protocol, port }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}
