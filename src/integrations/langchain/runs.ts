/** The open runs of one handler, by the ids that LangChain gave them. */
import type { Observation } from '../../index.js';
import type { Around, LibraryRun } from '../../shared/runtime/library-runs.js';

export class Run implements LibraryRun {
  readonly observation: Observation;
  readonly around: Around;
  /** Whether the handler knows no parent of it. */
  readonly isRoot: boolean;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** A prompt that one of its children was made from, for the next generation among its children. */
  prompt: unknown;
  /** Milliseconds since 1970; 0 before the first token. */
  firstTokenAt = 0;

  constructor(observation: Observation, around: Around, parent: Run | undefined) {
    this.observation = observation;
    this.around = around;
    this.isRoot = parent === undefined;
    this.traceId = parent?.traceId ?? observation.traceId;
  }
}

/**
 * A run that never ends (an abandoned stream) would stay for as long as the handler. The client itself writes an observation that
 * is open for too long (option `maxOpenAge`).
 */
export const MAX_OPEN_RUNS = 10_000;

export class Runs {
  readonly #open = new Map<string, Run>();
  /** Is called when the oldest run is forgotten. */
  readonly #onForgotten: () => void;

  constructor(onForgotten: () => void) {
    this.#onForgotten = onForgotten;
  }

  get(id: string | undefined): Run | undefined {
    return id === undefined ? undefined : this.#open.get(id);
  }

  has(id: string): boolean {
    return this.#open.has(id);
  }

  add(id: string, run: Run): void {
    this.#open.set(id, run);
    if (this.#open.size <= MAX_OPEN_RUNS) return;
    this.#open.delete(this.#open.keys().next().value as string);
    this.#onForgotten();
  }

  /** Removes the run. Undefined if it is not known: it began before the handler, was forgotten, or has ended. */
  take(id: string): Run | undefined {
    const run = this.#open.get(id);
    if (run !== undefined) this.#open.delete(id);
    return run;
  }
}
