/**
 * Keeps a request from addresses that its guard refuses. The name is resolved when the connection is made, and the connection
 * goes to the address that was checked: a name that resolves to another address a moment later (DNS rebinding) has no effect.
 */
import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { lookup as lookUp } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { AddressGuard } from '../../shared/contract/exporter.js';
import { bareHost } from '../../shared/upload-hosts.js';

/** The guard refuses the request, now and later. */
export class RefusedAddress extends Error {}

type Found = (error: Error | null, address?: string | LookupAddress[], family?: number) => void;

/** The option `lookup` of `net.connect`, which is not called if the host is an address. */
type Lookup = (hostname: string, options: LookupOptions, found: Found) => void;

export function guardedLookup(guard: AddressGuard, port: number): Lookup {
  return (hostname, options, found) =>
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return found(error);
      try {
        const allowed = allowedOf(addresses, guard, port);
        const [first] = allowed;
        if (options.all) found(null, allowed);
        else found(null, first?.address, first?.family);
      } catch (refused) {
        found(refused as Error);
      }
    });
}

/**
 * Throws `RefusedAddress` if the host is an address that the guard refuses. For a request through a proxy it also throws if the
 * name resolves only to such addresses. The proxy resolves the name itself, so a name that cannot be resolved here is allowed.
 */
export async function expectAllowed(url: URL, guard: AddressGuard, isProxied: boolean): Promise<void> {
  const host = bareHost(url.hostname);
  const family = isIP(host);
  if (family !== 0) allowedOf([{ address: host, family }], guard, portOf(url));
  else if (isProxied) allowedOf(await lookUp(host, { all: true }).catch(() => []), guard, portOf(url));
}

export function portOf({ protocol, port }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

function allowedOf(addresses: readonly LookupAddress[], guard: AddressGuard, port: number): LookupAddress[] {
  let refusal: string | undefined;
  const allowed = addresses.filter(({ address }) => {
    const one = guard(address, port);
    refusal ??= one;
    return one === undefined;
  });
  if (allowed.length === 0 && refusal !== undefined) throw new RefusedAddress(refusal);
  return allowed;
}
