/** Finds the run of a handler that the current code belongs to, in LangChain's own context. */
import { addRunFinder, type LibraryRun } from '../../shared/runtime/library-runs.js';
import type { Runs } from './runs.js';

/** `@langchain/core`: singletons/async_local_storage. All copies of it in a process share them. */
const STORAGE = Symbol.for('ls:tracing_async_local_storage');
const CONFIG = Symbol.for('lc:child_config');

/** `CallbackManager`: `_parentRunId` is the run whose code runs. */
interface ManagerLike {
  readonly handlers?: readonly object[];
  readonly _parentRunId?: string | undefined;
}

interface StorageLike {
  getStore(): { readonly extra?: { readonly [CONFIG]?: { readonly callbacks?: ManagerLike } } } | undefined;
}

const runsOf = new WeakMap<object, Runs>();
let isLookedFor = false;

/** From now on observations that begin in the code of a run of this handler become children of it. */
export function makeRunsFindable(handler: object, runs: Runs): void {
  runsOf.set(handler, runs);
  if (!isLookedFor) addRunFinder(findRun);
  isLookedFor = true;
}

function findRun(isWanted: (observation: object) => boolean): LibraryRun | undefined {
  try {
    const storage = (globalThis as { [STORAGE]?: StorageLike })[STORAGE];
    const manager = storage?.getStore()?.extra?.[CONFIG]?.callbacks;
    if (manager?.handlers === undefined) return undefined;
    for (const handler of manager.handlers) {
      const run = runsOf.get(handler)?.get(manager._parentRunId);
      if (run !== undefined && isWanted(run.observation)) return run;
    }
  } catch {
    // A version of LangChain that keeps something else there.
  }
  return undefined;
}
