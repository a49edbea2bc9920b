/** How an integration makes an observation that it has begun the active one, through a client that may be of another copy of this package. */
import type { Observation } from './api.js';

/** A protocol between versions: clients since 0.2.0 have the method. */
export const RUN_INSIDE: unique symbol = Symbol.for('tailrace.run-inside/1') as never;

export interface RunningInside {
  /** Runs a function with an observation of this client as the active one. The observation does not end with it. */
  [RUN_INSIDE]<R>(observation: Observation, run: () => R): R;
}
