/**
 * The values that are active where an application's code runs: one AsyncLocalStorage for all clients of a process. In Node.js 20
 * each AsyncLocalStorage slows down every promise for the rest of the process, so it is made when it is first used.
 */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { processWide } from './process-wide.js';

/** A linked list, innermost first, with one entry for each owner. */
interface Entry {
  /** An object of a client; or, for a value that concerns all clients, a string. */
  readonly owner: object | typeof SUPPRESSED;
  readonly value: unknown;
  readonly outer: Entry | undefined;
}

/** `context/1`: shared by the copies of this package. */
interface Context {
  storage: AsyncLocalStorage<Entry | undefined> | undefined;
}

/** The owner of the mark that no client traces here (suppression.ts). */
export const SUPPRESSED = 'suppressed';

let shared: Context | undefined;

function context(): Context {
  shared ??= processWide<Context>('context/1', () => ({ storage: undefined }));
  return shared;
}

/** The value that `owner` has made active here; undefined if it has not. */
export function activeValue(owner: Entry['owner']): unknown {
  return valueAmong(activeEntry(), owner);
}

/** The value that `owner` had made active where `activeEntry()` returned this. */
export function valueAmong(entries: object | undefined, owner: Entry['owner']): unknown {
  let entry = entries as Entry | undefined;
  while (entry !== undefined && entry.owner !== owner) entry = entry.outer;
  return entry?.value;
}

/** All that is active here, by identity: the same as long as nothing became active inside. */
export function activeEntry(): object | undefined {
  return context().storage?.getStore();
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

/** Removes the owner's former entry: in a loop that runs each step inside the last, all former entries would stay alive. */
function without(owner: Entry['owner'], entry: Entry | undefined): Entry | undefined {
  if (entry === undefined) return undefined;
  if (entry.owner === owner) return entry.outer;
  const outer = without(owner, entry.outer);
  return outer === entry.outer ? entry : { ...entry, outer };
}
