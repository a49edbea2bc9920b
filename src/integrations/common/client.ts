/** The client that an integration traces through: one that is given, one made of given options, or the default client. */
import { getClient, Tailrace, type TailraceClient, type TailraceOptions } from '../../index.js';
import { report } from './guard.js';
import { isAnyGiven, splitOff } from './options.js';

/** Where an integration's observations go. `client` takes precedence over options of a client. */
export interface ClientSource extends TailraceOptions {
  /** @default the first client that the application has made and not shut down; if there is none, one made from the environment */
  client?: TailraceClient | undefined;
}

/**
 * Looked up on each call, not once: an application may make its client after the integration.
 *
 * @param integration For the warning about options that cannot be read: `langchain`.
 * @returns a function, which never throws
 */
export function clientOf(source: ClientSource, integration: string): () => TailraceClient {
  const { own, others, errors } = splitOff(source, ['client']);
  const client = clientBy(own.client, others);
  warnUnreadable(client, integration, errors);
  return client;
}

function clientBy(given: TailraceClient | null | undefined, options: TailraceOptions): () => TailraceClient {
  if (given !== undefined && given !== null) return () => given;
  if (!isAnyGiven(options)) return getClient;
  const own = new Tailrace(options);
  return () => own;
}

/** Warns once of options of an integration that cannot be read. */
export function warnUnreadable(
  client: () => TailraceClient,
  integration: string,
  errors: readonly unknown[],
): void {
  for (const error of errors) report(client, `${integration} options`, error);
}
