/** Storages that a server may send media to, as they cross to the worker. */

/** `port`: that one alone. */
export type UploadHost =
  | { readonly kind: 'any' }
  | { readonly kind: 'name' | 'subdomains'; readonly name: string; readonly port?: number }
  | { readonly kind: 'network'; readonly address: string; readonly prefix: number; readonly port?: number };

/** Without brackets and the dot at its end, as `isIP` and a table of names want it. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
