/** The client that the functions of the functional style work with: one for all copies of this package in a process. */
import { processWide } from '../shared/runtime/process-wide.js';
import type { Tailrace } from './client.js';

/**
 * `clients/1`: what the copies of this package share. A client in it may be of another version: it has the public methods of
 * `Tailrace` as of 0.1.0, and whoever calls a later one looks whether it is there.
 */
interface Clients {
  /** The first that the application has made and not shut down. Nobody else need hold it. */
  first: Tailrace | undefined;
  /**
   * Those that were made after it and have not been shut down, in that order. An application that makes a client for each
   * request, and does not shut it down, must not find them all here.
   */
  readonly later: Set<WeakRef<Tailrace>>;
  /** When all are shut down, their calls are for one that says so. */
  lastClosed: Tailrace | undefined;
  /** Made for want of another: the first that the application makes takes its place. */
  standIn: Tailrace | undefined;
}

let shared: Clients | undefined;
let isMakingStandIn = false;
let collected: FinalizationRegistry<WeakRef<Tailrace>> | undefined;
/** Where the clients of this copy stand in `later`: to look for one would go through all of them. */
const places = new WeakMap<Tailrace, WeakRef<Tailrace>>();

function clients(): Clients {
  shared ??= processWide<Clients>('clients/1', () => ({
    first: undefined,
    later: new Set(),
    lastClosed: undefined,
    standIn: undefined,
  }));
  return shared;
}

export function offerAsDefault(client: Tailrace): void {
  if (isMakingStandIn) return;
  const all = clients();
  if (all.first === undefined) {
    all.first = client;
    return;
  }
  const ref = new WeakRef(client);
  all.later.add(ref);
  places.set(client, ref);
  collected ??= new FinalizationRegistry((gone) => clients().later.delete(gone));
  collected.register(client, ref);
}

export function withdrawAsDefault(client: Tailrace): void {
  const all = clients();
  if (all.first === client) all.first = takeNext(all.later);
  else if (!remove(all.later, client)) return;
  all.lastClosed = client;
}

/** The first that the application has made and not shut down; else a stand-in. */
export function defaultClient(makeStandIn: () => Tailrace): Tailrace {
  const all = clients();
  if (all.first !== undefined) return all.first;
  if (all.lastClosed !== undefined) return all.lastClosed;
  all.standIn ??= make(makeStandIn);
  return all.standIn;
}

function takeNext(later: Set<WeakRef<Tailrace>>): Tailrace | undefined {
  for (const ref of later) {
    later.delete(ref);
    const client = ref.deref();
    if (client !== undefined) return client;
  }
  return undefined;
}

function remove(later: Set<WeakRef<Tailrace>>, client: Tailrace): boolean {
  const ref = places.get(client);
  return ref !== undefined && later.delete(ref);
}

function make(makeStandIn: () => Tailrace): Tailrace {
  isMakingStandIn = true;
  try {
    return makeStandIn();
  } finally {
    isMakingStandIn = false;
  }
}
