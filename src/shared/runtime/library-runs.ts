/**
 * The runs of a library that keeps a context of its own, as LangChain does: an observation that begins inside a run becomes the child
 * of the run's observation. Entering the run in our own context instead would need `enterWith`, which leaks into the code that
 * called the library.
 */
import { activeEntry, activeValue, valueAmong } from './context.js';
import { activeOtelSpan } from './otel-api.js';
import { processWide } from './process-wide.js';

/** A run, and what was active around it when it began. */
export interface LibraryRun {
  readonly observation: object;
  readonly around: Around;
}

export interface Around {
  /** Of all clients: see `activeEntry`. */
  readonly entry: object | undefined;
  readonly otelSpan: unknown;
}

/** Finds the run that the current code belongs to. `isWanted` tells whether the observation is one of the asking client. */
export type FindRun = (isWanted: (observation: object) => boolean) => LibraryRun | undefined;

/** `library-runs/1`: shared by the copies of this package. */
interface LibraryRuns {
  readonly finders: FindRun[];
}

let shared: LibraryRuns | undefined;

function libraryRuns(): LibraryRuns {
  shared ??= processWide<LibraryRuns>('library-runs/1', () => ({ finders: [] }));
  return shared;
}

export function addRunFinder(find: FindRun): void {
  libraryRuns().finders.push(find);
}

export function whatIsAround(): Around {
  return { entry: activeEntry(), otelSpan: activeOtelSpan() };
}

/** The run that the current code belongs to, unless something of `owner` has become active inside it. Other clients do not count. */
export function activeRun(owner: object, isWanted: (observation: object) => boolean): LibraryRun | undefined {
  for (const find of libraryRuns().finders) {
    const run = find(isWanted);
    if (run !== undefined && valueAmong(run.around.entry, owner) === activeValue(owner)) return run;
  }
  return undefined;
}
