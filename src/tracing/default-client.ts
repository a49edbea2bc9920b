/** The client that the functions of the functional style work with. */
import type { Tailrace } from './client.js';

/** Those of the application that have not been shut down, in the order in which they were made. */
const open = new Set<Tailrace>();
/** When all are, their calls are for one that says so. */
let lastClosed: Tailrace | undefined;
/** Made for want of another: the first that the application makes takes its place. */
let standIn: Tailrace | undefined;
let makingStandIn = false;

export function offerAsDefault(client: Tailrace): void {
  if (!makingStandIn) open.add(client);
}

export function withdrawAsDefault(client: Tailrace): void {
  if (open.delete(client)) lastClosed = client;
}

/** The first that the application has made and not shut down; else a stand-in. */
export function defaultClient(makeStandIn: () => Tailrace): Tailrace {
  for (const client of open) return client;
  return lastClosed ?? (standIn ??= make(makeStandIn));
}

function make(makeStandIn: () => Tailrace): Tailrace {
  makingStandIn = true;
  try {
    return makeStandIn();
  } finally {
    makingStandIn = false;
  }
}
