/** Connection pools: to servers, to a proxy, and to servers through a proxy. */
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
  /** Directly to servers. Certificates belong to connections, so each TLS identity has a pool of its own. */
  direct(tls: TlsIdentity | undefined): Dispatcher;
  /** Directly to servers, at addresses that the guard allows. */
  guarded(guard: AddressGuard, port: number): Dispatcher;
  /** To HTTPS servers, each through a tunnel of the proxy. `authorization` is for the proxy. */
  tunnelled(proxy: HttpProxy, authorization: string | undefined, tls: TlsIdentity | undefined): Dispatcher;
  /** Whether an error happened between this process and a proxy, not behind the proxy. */
  isOfProxy(error: unknown): boolean;
  close(): Promise<void>;
}

/**
 * Time for which an unused connection stays open, unless the server names one. A batch is sent every 5 s in little traffic, and undici's
 * 4 s would cost each of them a handshake. Servers close after 60 s or more, or say when (Node.js: 5 s).
 */
const KEEP_ALIVE_MS = 30_000;

type Connector = (
  options: { readonly servername?: string | null },
  callback: (error: Error | null, ...rest: unknown[]) => void,
) => unknown;

export function createConnections({ requestTimeoutMs, maxInFlight }: ConnectionLimits): Connections {
  const timeouts = {
    headersTimeout: requestTimeoutMs,
    bodyTimeout: requestTimeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const limits = { ...timeouts, connections: maxInFlight, pipelining: 1 };
  const pools = new Map<TlsIdentity | undefined, Map<string, Dispatcher>>();
  const guardedPools = new Map<AddressGuard, Map<number, Dispatcher>>();
  const proxyErrors = new WeakSet<object>();

  function pool(tls: TlsIdentity | undefined, route: string, make: () => Dispatcher): Dispatcher {
    const routes = pools.get(tls) ?? new Map<string, Dispatcher>();
    pools.set(tls, routes);
    const made = routes.get(route) ?? make();
    routes.set(route, made);
    return made;
  }

  function marked(connect: Connector): Connector {
    return (options, callback) =>
      // Node.js warns if the server name is an address.
      connect(
        isIP(options.servername ?? '') ? { ...options, servername: null } : options,
        (error, ...rest) => {
          if (error) proxyErrors.add(error);
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
          // Without these time-outs a proxy that does not answer would hold one of our slots for five minutes.
          clientFactory: (origin, { connect }: { connect: Connector }) =>
            new TunnelPool(origin, { ...timeouts, connect: marked(connect) as never }),
        } as ProxyAgent.Options);
      }),
    isOfProxy: (error) => proxyErrors.has(Object(error)),
    async close() {
      const all = [...pools.values(), ...guardedPools.values()].flatMap((some) => [...some.values()]);
      await Promise.all(all.map((dispatcher) => dispatcher.destroy()));
    },
  };
}
