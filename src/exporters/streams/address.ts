/** How a server with streams is called in messages: without user and password. */

export interface StreamAddresses {
  /** The first one is for messages. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
}

/** `host:port`, IPv6 in brackets. */
export function hostOf({ addresses }: StreamAddresses): string {
  const { host, port } = addresses[0] as StreamAddresses['addresses'][number];
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** All of them, for the identity of what is in the spool. */
export function hostsOf({ addresses }: StreamAddresses): string {
  return addresses.map(({ host, port }) => `${host}:${port}`).join();
}
