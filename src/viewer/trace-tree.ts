/** Orders observations as a tree, with depths. */

import type { ObservationView } from './views.js';

export interface TreeNode {
  observation: ObservationView;
  depth: number;
}

/**
 * Depth first, siblings in the given order. Every observation appears exactly once: one whose parent is missing is
 * shown at the top, and so is one of a cycle of parents. No recursion, since the depth comes from outside.
 */
export function treeOrder(observations: ObservationView[]): TreeNode[] {
  const ids = new Set(observations.map(({ id }) => id));
  const children = new Map<string | null, ObservationView[]>();
  for (const observation of observations) {
    const { parentId } = observation;
    const parent = parentId !== null && ids.has(parentId) ? parentId : null;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [observation]);
    else siblings.push(observation);
  }
  const ordered: TreeNode[] = [];
  const seen = new Set<string>();
  const visit = (roots: ObservationView[]) => {
    const stack = roots.map((observation) => ({ observation, depth: 0 })).reverse();
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (seen.has(node.observation.id)) continue;
      seen.add(node.observation.id);
      ordered.push(node);
      const { depth } = node;
      const below = children.get(node.observation.id) ?? [];
      for (const observation of below.toReversed()) stack.push({ observation, depth: depth + 1 });
    }
  };
  visit(children.get(null) ?? []);
  // The rest are cycles: the first observation of each becomes a root.
  for (const observation of observations) if (!seen.has(observation.id)) visit([observation]);
  return ordered;
}
