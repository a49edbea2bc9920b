/** Whether the body of a request is compressed: on its way through the internet bytes cost more than the worker's time. */
import { isIP } from 'node:net';
import type { EngineOptions } from '../../shared/contract/engine-options.js';
import { zoneOf } from '../../shared/network-zones.js';

/**
 * For `'auto'`: `localhost`, loopback, private and link-local addresses, names without a dot (a service of Docker or Kubernetes), and names
 * below domains that no public DNS has: `local` (RFC 6762, and Kubernetes' `svc.cluster.local`), `internal` (reserved by ICANN in 2024),
 * `localhost` (RFC 6761), `home.arpa` (RFC 8375).
 */
export function isNear(url: string): boolean {
  const { hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  if (isIP(host) !== 0) return zoneOf(host) !== 'public';
  return !host.includes('.') || /\.(?:local|internal|localhost|home\.arpa)$/.test(host);
}

/** Requests go to few addresses: the last answer mostly stands. */
export function createCompressionRule(compression: EngineOptions['compression']): (url: string) => boolean {
  if (compression !== 'auto') return () => compression === 'gzip';
  let lastUrl = '';
  let isFar = false;
  return (url) => {
    if (url !== lastUrl) {
      isFar = !isNear(url);
      lastUrl = url;
    }
    return isFar;
  };
}
