/** The client that the functions of the functional style work with. */
import type { Tailrace } from './client.js';

let current: { readonly client: Tailrace; readonly isClosed: () => boolean } | undefined;
/** Made for want of another: the first that the application makes takes its place. */
let standIn: Tailrace | undefined;

/** Takes the place of none, of one that has been shut down, and of a stand-in. */
export function offerAsDefault(client: Tailrace, isClosed: () => boolean): void {
  if (current === undefined || current.client === standIn || current.isClosed())
    current = { client, isClosed };
}

/** The first that the application has made and not shut down; else a stand-in. */
export function defaultClient(makeStandIn: () => Tailrace): Tailrace {
  if (current === undefined) standIn = makeStandIn();
  return current?.client ?? (standIn as Tailrace);
}
