/** Visits every state that a model can come to, in every order of its steps, and says how it comes to a bad one. */

export interface Step<S> {
  readonly name: string;
  readonly isEnabled: (state: S) => boolean;
  /** Changes the state that it is given. Throws a `Violation` where something comes to pass that never may. */
  readonly take: (state: S) => void;
  /** Whether nobody may count on it: it can stay away for ever, as another push or the death of a thread. */
  readonly optional?: boolean;
}

export interface Model<S extends object> {
  readonly initial: S;
  readonly steps: readonly Step<S>[];
  /** Throws a `Violation` for a state that never may be. */
  readonly check: (state: S) => void;
  /** Whether all is well if nothing happens any more. */
  readonly isGoal: (state: S) => boolean;
}

export class Violation extends Error {}

export interface Exploration {
  readonly states: number;
  /** What is wrong, and the shortest way there; undefined: nothing, in any state. */
  readonly fault: string | undefined;
  readonly path: readonly string[];
}

interface Visited<S> {
  readonly state: S;
  readonly from: Visited<S> | undefined;
  readonly by: string;
  /** States that come to this one by a step that is not optional. */
  readonly before: Visited<S>[];
  reachesGoal: boolean;
}

/** Values of a state are strings, numbers and booleans: a copy is a spread, the key is the list of them. */
export function explore<S extends object>({ initial, steps, check, isGoal }: Model<S>): Exploration {
  const first = visit(initial, undefined, 'start');
  const visited = new Map([[keyOf(initial), first]]);
  const found = (fault: string, from: Visited<S>, last?: string): Exploration => ({
    states: visited.size,
    fault,
    path: last === undefined ? pathTo(from) : [...pathTo(from), last],
  });
  const all = [first];
  for (const one of all) {
    for (const { name, isEnabled, take, optional } of steps) {
      if (!isEnabled(one.state)) continue;
      const state = { ...one.state };
      try {
        take(state);
        check(state);
      } catch (error) {
        if (error instanceof Violation) return found(error.message, one, name);
        throw error;
      }
      const key = keyOf(state);
      let next = visited.get(key);
      if (next === undefined) {
        next = visit(state, one, name);
        visited.set(key, next);
        all.push(next);
      }
      if (!optional) next.before.push(one);
    }
  }
  markThoseThatReachTheGoal(all, isGoal);
  const stuck = all.find(({ reachesGoal }) => !reachesGoal);
  return stuck === undefined
    ? { states: visited.size, fault: undefined, path: [] }
    : found('stuck for ever', stuck);
}

function visit<S>(state: S, from: Visited<S> | undefined, by: string): Visited<S> {
  return { state, from, by, before: [], reachesGoal: false };
}

/** By steps that are bound to happen alone. */
function markThoseThatReachTheGoal<S>(all: readonly Visited<S>[], isGoal: (state: S) => boolean): void {
  const reaching = all.filter(({ state }) => isGoal(state));
  for (const one of reaching) {
    if (one.reachesGoal) continue;
    one.reachesGoal = true;
    for (const before of one.before) if (!before.reachesGoal) reaching.push(before);
  }
}

function keyOf(state: object): string {
  return Object.values(state).join('|');
}

function pathTo<S>(last: Visited<S>): string[] {
  const path: string[] = [];
  for (let one: Visited<S> | undefined = last; one?.from !== undefined; one = one.from) path.unshift(one.by);
  return path;
}
