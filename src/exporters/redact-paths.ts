/** Paths of values to be redacted: how they are written, and how they are followed from key to key. */

/** `*` is any one key, `**` any number of them, none included. */
type Step = { readonly key: string } | 'any' | 'any-depth';

/** A path with what is left of it: where the walk through a value stands. */
export type PathState = readonly Step[];

const SEPARATOR = /(?<!\\)\./;
/** `messages[0].text` is `messages.0.text`. */
const INDEX = /\[(\d+|\*)\]/g;

export function parsePath(path: string): PathState {
  return path.replace(INDEX, '.$1').split(SEPARATOR).filter(Boolean).map(toStep);
}

/** The states of the walk after one more key. */
export function follow(states: readonly PathState[], key: string): PathState[] {
  const name = key.toLowerCase();
  const next: PathState[] = [];
  for (const state of states) advance(state, name, next);
  return next;
}

/** Whether the value that the walk has come to is one that a path names. */
export function isReached(states: readonly PathState[]): boolean {
  return states.some((state) => state.every((step) => step === 'any-depth'));
}

function advance(state: PathState, name: string, next: PathState[]): void {
  const [step, ...rest] = state;
  if (step === undefined) return;
  if (step === 'any-depth') {
    next.push(state);
    advance(rest, name, next);
  } else if (step === 'any' || step.key === name) {
    next.push(rest);
  }
}

function toStep(text: string): Step {
  if (text === '*') return 'any';
  if (text === '**') return 'any-depth';
  return { key: text.replaceAll('\\.', '.').toLowerCase() };
}
