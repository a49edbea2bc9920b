/** The client that the functions of the functional style work with. */
import type { Tailrace } from './client.js';

/** The first of those that the application has made and not shut down: it may be held by nobody else. */
let first: Tailrace | undefined;
/** The others, in the order in which they were made. Not held: an application may make one for each request. */
const others = new Set<WeakRef<Tailrace>>();
const gone = new FinalizationRegistry<WeakRef<Tailrace>>((one) => others.delete(one));
/** When all are, their calls are for one that says so. */
let lastClosed: Tailrace | undefined;
/** Made for want of another: the first that the application makes takes its place. */
let standIn: Tailrace | undefined;
let makingStandIn = false;

export function offerAsDefault(client: Tailrace): void {
  if (makingStandIn) return;
  if (first === undefined) {
    first = client;
    return;
  }
  const other = new WeakRef(client);
  others.add(other);
  gone.register(client, other);
}

export function withdrawAsDefault(client: Tailrace): void {
  if (client === first) first = takeNext();
  else if (!forget(client)) return;
  lastClosed = client;
}

function takeNext(): Tailrace | undefined {
  for (const one of others) {
    others.delete(one);
    const client = one.deref();
    if (client !== undefined) return client;
  }
  return undefined;
}

function forget(client: Tailrace): boolean {
  for (const one of others) if (one.deref() === client) return others.delete(one);
  return false;
}

/** The first that the application has made and not shut down; else a stand-in. */
export function defaultClient(makeStandIn: () => Tailrace): Tailrace {
  return first ?? lastClosed ?? (standIn ??= make(makeStandIn));
}

function make(makeStandIn: () => Tailrace): Tailrace {
  makingStandIn = true;
  try {
    return makeStandIn();
  } finally {
    makingStandIn = false;
  }
}
