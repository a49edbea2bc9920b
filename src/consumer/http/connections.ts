/** Pools of connections: to servers, to a proxy, and to servers through a proxy. */
import { isIP } from 'node:net';
import type { Dispatcher } from 'undici';
import type { AddressGuard, TlsIdentity } from '../../shared/contract/exporter.js';
import { guardedLookup } from './guarded-lookup.js';
import { Agent, ProxyAgent, TunnelPool } from './http-client.js';
import type { HttpProxy } from './proxies.js';

export interface ConnectionLimits {
  readonly requestTimeoutMs: number;
  readonly maxInFlight: number;
}

export interface Connections {
  /** To servers; certificates belong to connections, so there are some for each identity that requests come with. */
  direct(tls: TlsIdentity | undefined): Dispatcher;
  /** To servers at addresses that the guard lets through. */
  guarded(guard: AddressGuard, port: number): Dispatcher;
  /** To servers of https, each through a tunnel that the proxy is asked for. `authorization` is for the proxy alone. */
  tunnelled(proxy: HttpProxy, authorization: string | undefined, tls: TlsIdentity | undefined): Dispatcher;
  /** Whether it has come about on the way to a proxy, and not behind it. */
  isOfProxy(error: unknown): boolean;
  close(): Promise<void>;
}

type Connector = (
  options: { readonly servername?: string | null },
  callback: (error: Error | null, ...rest: unknown[]) => void,
) => unknown;

export function createConnections({ requestTimeoutMs, maxInFlight }: ConnectionLimits): Connections {
  const timeouts = { headersTimeout: requestTimeoutMs, bodyTimeout: requestTimeoutMs };
  const limits = { ...timeouts, connections: maxInFlight, pipelining: 1 };
  const pools = new Map<TlsIdentity | undefined, Map<string, Dispatcher>>();
  const guardedPools = new Map<AddressGuard, Map<number, Dispatcher>>();
  const ofProxy = new WeakSet<object>();

  function pool(tls: TlsIdentity | undefined, road: string, make: () => Dispatcher): Dispatcher {
    const roads = pools.get(tls) ?? new Map<string, Dispatcher>();
    pools.set(tls, roads);
    const made = roads.get(road) ?? make();
    roads.set(road, made);
    return made;
  }

  function marked(connect: Connector): Connector {
    return (options, callback) =>
      // An address is no name of a server; Node.js warns of it.
      connect(
        isIP(options.servername ?? '') ? { ...options, servername: null } : options,
        (error, ...rest) => {
          if (error) ofProxy.add(error);
          callback(error, ...rest);
        },
      );
  }

  return {
    direct: (tls) =>
      pool(tls, '', () => new Agent({ ...limits, connect: { timeout: requestTimeoutMs, ...tls } })),
    guarded(guard, port) {
      const ports = guardedPools.get(guard) ?? new Map<number, Dispatcher>();
      guardedPools.set(guard, ports);
      const lookup = guardedLookup(guard, port) as never;
      const made =
        ports.get(port) ?? new Agent({ ...limits, connect: { timeout: requestTimeoutMs, lookup } });
      ports.set(port, made);
      return made;
    },
    tunnelled: (proxy, authorization, tls) =>
      pool(tls, `${proxy.origin} ${authorization}`, () => {
        return new ProxyAgent({
          ...limits,
          uri: proxy.origin,
          ...(authorization !== undefined && { token: authorization }),
          proxyTls: { timeout: requestTimeoutMs },
          requestTls: { timeout: requestTimeoutMs, ...tls },
          // A proxy that does not answer would hold a place of ours for five minutes.
          clientFactory: (origin, { connect }: { connect: Connector }) =>
            new TunnelPool(origin, { ...timeouts, connect: marked(connect) as never }),
        } as ProxyAgent.Options);
      }),
    isOfProxy: (error) => ofProxy.has(Object(error)),
    async close() {
      const all = [...pools.values(), ...guardedPools.values()].flatMap((some) => [...some.values()]);
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}
