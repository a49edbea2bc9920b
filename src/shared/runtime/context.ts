/**
 * What is active where an application's code runs: one AsyncLocalStorage for all clients of a process. Node.js 20 pays for
 * each AsyncLocalStorage at every promise, for as long as the process lives, so it is made when it is first used.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { processWide } from './process-wide.js';

/**
 * A list, innermost first, with one entry for each owner. What an entry holds is its owner's affair.
 */
interface Entry {
  /** A client's own object; or, for what concerns all clients, a word. */
  readonly owner: object | typeof SUPPRESSED;
  readonly value: unknown;
  readonly outer: Entry | undefined;
}

/** `context/1`: what the copies of this package share. */
interface Context {
  storage: AsyncLocalStorage<Entry | undefined> | undefined;
}

/** The owner of the mark that no client traces here (`suppression`). */
export const SUPPRESSED = 'suppressed';

let shared: Context | undefined;

function context(): Context {
  shared ??= processWide<Context>('context/1', () => ({ storage: undefined }));
  return shared;
}

/** What `owner` has made active here, undefined where it has not. */
export function activeValue(owner: Entry['owner']): unknown {
  let entry = context().storage?.getStore();
  while (entry !== undefined && entry.owner !== owner) entry = entry.outer;
  return entry?.value;
}

/** Runs a function in which `activeValue(owner)` is this value. */
export function runWithValue<R>(owner: Entry['owner'], value: unknown, run: () => R): R {
  const shared = context();
  if (shared.storage === undefined) {
    const { AsyncLocalStorage } = process.getBuiltinModule('node:async_hooks');
    shared.storage = new AsyncLocalStorage();
  }
  const outer = without(owner, shared.storage.getStore());
  return shared.storage.run({ owner, value, outer }, run);
}

/** Its former entry would be kept alive, and with it the one before that, in a loop that runs each step inside the last. */
function without(owner: Entry['owner'], entry: Entry | undefined): Entry | undefined {
  if (entry === undefined) return undefined;
  if (entry.owner === owner) return entry.outer;
  const outer = without(owner, entry.outer);
  return outer === entry.outer ? entry : { ...entry, outer };
}
