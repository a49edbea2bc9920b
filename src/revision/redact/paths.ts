/** Parses paths of values to be redacted, and follows them from key to key. */

/** The rest of a path during the walk through a value. Null: the walk has reached the value that the path names. */
export type PathState = { readonly step: Step; readonly next: PathState } | null;

/** The key in lower case; any one key; any number of them, none included. */
type Step = { readonly key: string } | '*' | '**';

const SEPARATOR = /(?<!\\)\./;
/** `messages[0].text` is `messages.0.text`. */
const INDEX = /\[(\d+|\*)\]/g;

export function parsePath(path: string): PathState {
  const steps = path.replace(INDEX, '.$1').split(SEPARATOR).filter(Boolean).map(toStep);
  return steps.reduceRight<PathState>((next, step) => ({ step, next }), null);
}

/** The states of the walk after one more key. */
export function follow(states: readonly PathState[], key: string): readonly PathState[] {
  if (states.length === 0) return states;
  const name = key.toLowerCase();
  const next: PathState[] = [];
  for (const state of states) advance(state, name, next);
  return next;
}

/** Whether the walk has come to a value that a path names. */
export function isReached(states: readonly PathState[]): boolean {
  return states.some(isAtEnd);
}

function advance(state: PathState, name: string, next: PathState[]): void {
  if (state === null) return;
  if (state.step === '**') {
    enter(next, state);
    advance(state.next, name, next);
  } else if (state.step === '*' || state.step.key === name) {
    enter(next, state.next);
  }
}

/** Adds a state once: several `**` allow many ways, which lead to few states. */
function enter(states: PathState[], state: PathState): void {
  if (!states.includes(state)) states.push(state);
}

function isAtEnd(state: PathState): boolean {
  return state === null || (state.step === '**' && isAtEnd(state.next));
}

function toStep(text: string): Step {
  return text === '*' || text === '**' ? text : { key: text.replaceAll('\\.', '.').toLowerCase() };
}
