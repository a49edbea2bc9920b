/** Tells the network zone of an address: public, the private network, or this machine. */
import { BlockList, isIP } from 'node:net';

/** `special`: no storage has such an address: link-local (as a cloud's metadata service), multicast, documentation. */
export type NetworkZone = 'public' | 'private' | 'loopback' | 'special';

/** IANA's registries of special-purpose addresses, and metadata services outside of them. The first match counts. */
const NETWORKS: readonly (readonly [NetworkZone, string])[] = [
  [
    'special',
    '169.254.0.0/16 fe80::/10 fd00:ec2::254/128 100.100.100.200/32 168.63.129.16/32 192.0.0.192/32',
  ],
  ['loopback', '127.0.0.0/8 ::1/128 0.0.0.0/8 ::/128'],
  ['private', '10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 192.0.0.0/24 198.18.0.0/15'],
  ['private', 'fc00::/7 fec0::/10'],
  ['special', '224.0.0.0/4 240.0.0.0/4 192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 192.88.99.0/24'],
  // Addresses that contain an IPv4 address in other ways may lead anywhere: NAT64, 6to4, Teredo, translated, IPv4-compatible.
  ['special', '64:ff9b::/96 64:ff9b:1::/48 2002::/16 2001::/23 ::/96 ::ffff:0:0:0/96'],
  ['special', 'ff00::/8 100::/64 2001:db8::/32 3fff::/20 5f00::/16'],
];

/** Made at the first use: a worker that needs none of them boots 5 ms sooner. */
let lists: readonly (readonly [NetworkZone, BlockList])[] | undefined;

function makeLists(): readonly (readonly [NetworkZone, BlockList])[] {
  return NETWORKS.map(([zone, networks]) => {
    const list = new BlockList();
    for (const network of networks.split(' ')) {
      const [address = '', prefix] = network.split('/');
      list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
    }
    return [zone, list];
  });
}

/** `address`: in any notation. */
export function zoneOf(address: string): NetworkZone {
  const plain = unmapped(address);
  const family = familyOf(plain);
  lists ??= makeLists();
  return lists.find(([, list]) => list.check(plain, family))?.[0] ?? 'public';
}

export function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}

/** The IPv4 address that `::ffff:…` maps to, in dots or in hexadecimal digits; an IPv6 address without its zone. */
export function unmapped(address: string): string {
  const bare = address.replace(/%.*$/, '');
  if (isIP(bare) !== 6) return bare;
  const { hostname } = new URL(`http://[${bare}]`);
  const [, high, low] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname) ?? [];
  if (high === undefined || low === undefined) return bare;
  const number = Number.parseInt(high, 16) * 0x1_0000 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
}
