/** The tree of a trace, by positions in the columns of its observations. */

import type { ObservationColumns } from './data/trace.js';

export interface TraceTree {
  /** Positions, in order of their start. */
  readonly roots: readonly number[];
  readonly children: readonly (readonly number[])[];
  /** Positions of parents; -1 for roots. Without the circles that wrong data may have. */
  readonly parents: readonly number[];
}

export function treeOf({ parent }: Pick<ObservationColumns, 'parent'>): TraceTree {
  const parents = withoutCircles(parent);
  const children: number[][] = parents.map(() => []);
  const roots: number[] = [];
  for (const [position, above] of parents.entries()) {
    if (above === -1) roots.push(position);
    else children[above]?.push(position);
  }
  return { roots, children, parents };
}

const [UNSEEN, ON_PATH, DONE] = [0, 1, 2];

/** The first observation of a circle becomes a root. */
function withoutCircles(parent: readonly number[]): number[] {
  const parents = parent.map((above) => (above >= 0 && above < parent.length ? above : -1));
  const states = new Uint8Array(parents.length);
  for (let start = 0; start < parents.length; start += 1) {
    const path: number[] = [];
    let at = start;
    while (at !== -1 && states[at] === UNSEEN) {
      states[at] = ON_PATH;
      path.push(at);
      at = parents[at] ?? -1;
    }
    if (at !== -1 && states[at] === ON_PATH) parents[at] = -1;
    for (const position of path) states[position] = DONE;
  }
  return parents;
}
