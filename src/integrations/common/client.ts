/** The client that an integration traces through: one that is given, one made of given options, or the default client. */
import { getClient, Tailrace, type TailraceClient, type TailraceOptions } from '../../index.js';

/** Where an integration's observations go. `client` takes precedence over options of a client. */
export interface ClientSource extends TailraceOptions {
  /** @default the first client that the application has made and not shut down; if there is none, one made from the environment */
  client?: TailraceClient | undefined;
}

/**
 * Looked up on each call, not once: an application may make its client after the integration.
 *
 * @returns a function, which never throws
 */
export function clientOf({ client, ...options }: ClientSource): () => TailraceClient {
  if (client !== undefined && client !== null) return () => client;
  const isOwn = Object.values(options).some((value) => value !== undefined);
  if (!isOwn) return getClient;
  const own = new Tailrace(options);
  return () => own;
}
