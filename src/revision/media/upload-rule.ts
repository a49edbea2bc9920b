/**
 * Where media may be uploaded to. The server names the address, so whoever has the server, or a name of its, could make
 * the worker write to services of the private network, and learn by the status what is there.
 */
import { BlockList, isIP } from 'node:net';
import type { AddressGuard } from '../../shared/contract/exporter.js';
import { redactOrigin } from '../../shared/untrusted-text/untrusted-text.js';
import { bareHost, type UploadHost } from '../../shared/upload-hosts.js';
import { familyOf, type Place, placeOf, unmapped } from './private-addresses.js';

/** A URL that may be sent to; of the addresses of its host those that the guard lets through. */
export interface UploadTarget {
  readonly url: string;
  readonly guard: AddressGuard | undefined;
  /** What messages call its host: what of it is not the server's word alone. */
  readonly calledHost: string;
}

export type UploadRule = (uploadUrl: string) => UploadTarget | { readonly refusal: string };

const ADVICE = 'if that is right, name its host in option allowedUploadHosts';

/** `hosts`: of the option; undefined: not given. The guards are the same for each upload, as connections are kept by them. */
export function createUploadRule(serverUrl: string, hosts: readonly UploadHost[] | undefined): UploadRule {
  const server = new URL(serverUrl);
  const serverHost = bareHost(server.hostname);
  const serverPlace = placeOfName(serverHost);
  const names = (hosts ?? []).flatMap((one) => ('name' in one ? one.name : []));
  const networks = networksOf(hosts ?? []);
  const guardBy = (reaches: (place: Place) => boolean): AddressGuard => {
    return (address, port) => {
      const place = placeOf(address);
      if (reaches(place) || networks(address, port)) return undefined;
      return `the server names a storage at ${IN_WORDS[place]}: ${ADVICE}`;
    };
  };
  const ofServer = guardBy((place) => reachesFrom(serverPlace, place) || place === 'private');
  const ofOthers = guardBy((place) => reachesFrom(serverPlace, place));
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

const IN_WORDS: Record<Place, string> = {
  public: 'an address that is not allowed',
  private: 'a private address',
  loopback: 'an address of this machine',
  special: 'an address that no storage has (of the link, such as a metadata service, or reserved)',
};

/** A server can reach by itself what is next to it. */
function reachesFrom(server: Place, place: Place): boolean {
  if (place === 'public') return true;
  if (place === 'private') return server === 'private' || server === 'loopback';
  return place === 'loopback' && server === 'loopback';
}

/** Names that nobody can register. By the name alone: what another resolves to is for its owner to say, each time anew. */
const PRIVATE_NAME =
  /^[^.]+$|\.(?:local|internal|test|intranet|private|corp|home|lan|localdomain|svc|home\.arpa|cluster\.local)$/;

function placeOfName(host: string): Place {
  if (isIP(host) !== 0) return placeOf(host);
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
