/** The default client, which the functional style uses: one for all copies of this package in a process. */
import { processWide } from '../shared/runtime/process-wide.js';
import type { TailraceClient } from './api.js';

/**
 * `clients/1`: the state that the copies of this package share. A client in it may be of another version: it has the public methods of
 * `Tailrace` as of 0.1.0. Check that a later method exists before you call it.
 */
interface Clients {
  /** The first client that the application has made and not shut down. This reference keeps it alive. */
  first: TailraceClient | undefined;
  /**
   * Later clients that have not been shut down, in the order of their creation. The references are weak: an application may make a
   * client for each request and never shut it down.
   */
  readonly later: Set<WeakRef<TailraceClient>>;
  /** Gets the calls when all clients are shut down, to warn about them. */
  lastClosed: TailraceClient | undefined;
  /** Made by the functional style itself, until the application makes its first client. */
  standIn: TailraceClient | undefined;
}

let shared: Clients | undefined;
let isMakingOwn = false;
let collected: FinalizationRegistry<WeakRef<TailraceClient>> | undefined;
/** The references in `later` by client: finding one there would take a walk through all of them. */
const references = new WeakMap<TailraceClient, WeakRef<TailraceClient>>();

function clients(): Clients {
  shared ??= processWide<Clients>('clients/1', () => ({
    first: undefined,
    later: new Set(),
    lastClosed: undefined,
    standIn: undefined,
  }));
  return shared;
}

export function offerAsDefault(client: TailraceClient): void {
  if (isMakingOwn) return;
  const all = clients();
  if (all.first === undefined) {
    all.first = client;
    return;
  }
  const ref = new WeakRef(client);
  all.later.add(ref);
  references.set(client, ref);
  collected ??= new FinalizationRegistry((gone) => clients().later.delete(gone));
  collected.register(client, ref);
}

export function withdrawAsDefault(client: TailraceClient): void {
  const all = clients();
  if (all.first === client) all.first = takeNext(all.later);
  else if (!remove(all.later, client)) return;
  all.lastClosed = client;
}

/** The first client that the application has made and not shut down. If there is none, makes one. */
export function defaultClient(makeOwn: () => TailraceClient): TailraceClient {
  const all = clients();
  if (all.first !== undefined) return all.first;
  if (all.lastClosed !== undefined) return all.lastClosed;
  all.standIn ??= make(makeOwn);
  return all.standIn;
}

function takeNext(later: Set<WeakRef<TailraceClient>>): TailraceClient | undefined {
  for (const ref of later) {
    later.delete(ref);
    const client = ref.deref();
    if (client !== undefined) return client;
  }
  return undefined;
}

function remove(later: Set<WeakRef<TailraceClient>>, client: TailraceClient): boolean {
  const ref = references.get(client);
  return ref !== undefined && later.delete(ref);
}

function make(makeOwn: () => TailraceClient): TailraceClient {
  isMakingOwn = true;
  try {
    return makeOwn();
  } finally {
    isMakingOwn = false;
  }
}
