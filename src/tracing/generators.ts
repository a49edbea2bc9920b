/** Follows a generator that runs inside an observation: its steps see it as active, what it yields becomes its output. */
import { Frozen } from '../event/frozen.js';
import { toSerializable } from '../event/serializable.js';
import { runInside } from './active.js';
import { timeIn } from './clock.js';
import { freeze, type TracingCore } from './core.js';
import { follow } from './follow.js';
import type { Observation } from './observation.js';

type AnyGenerator = Generator<unknown> | AsyncGenerator<unknown>;

/** What was yielded, up to a size beyond which it would be cut in any case: a generator may never end. */
interface Gathered {
  readonly chunks: unknown[];
  chars: number;
  leftOut: number;
}

/** For what an observation has besides, so that the end of a long output, which says what is missing, is not cut off. */
const REST_BYTES = 4096;

/** Of a generator function, sync or async. Reading the tag may call the application's code. */
export function isGenerator(value: unknown): value is AnyGenerator {
  try {
    return /^\[object (Async)?Generator\]$/.test(Object.prototype.toString.call(value));
  } catch {
    return false;
  }
}

/**
 * A generator in place of the given one. `onEnd` is told the output when it has ended or was left, `onError` what it
 * threw, with the output until then; the first chunk is the observation's completion start.
 */
export function gather(
  core: TracingCore,
  observation: Observation,
  generator: AnyGenerator,
  onEnd: (output: unknown) => void,
  onError: (error: unknown, output: unknown) => void,
): AnyGenerator {
  const gathered: Gathered = { chunks: [], chars: 0, leftOut: 0 };
  let ended = false;
  const onStep = (step: IteratorResult<unknown>): IteratorResult<unknown> => {
    if (ended) return step;
    if (step.done) {
      ended = true;
      onEnd(outputOf(gathered, step.value));
    } else {
      if (gathered.chunks.length === 0)
        observation.update({ completionStartTime: timeIn(observation.trace) });
      keep(core, gathered, step.value);
    }
    return step;
  };
  const onThrow = (error: unknown): void => {
    if (ended) return;
    ended = true;
    onError(error, outputOf(gathered, undefined));
  };
  const step = (name: 'next' | 'return' | 'throw') => ({
    value: (value: unknown) =>
      follow(
        () => runInside(core, observation, () => generator[name](value)),
        (result) => onStep(result as IteratorResult<unknown>),
        onThrow,
      ),
  });
  const properties = { next: step('next'), return: step('return'), throw: step('throw') };
  // With everything else that a generator has: its iterator, and the helpers of newer runtimes.
  return Object.create(Object.getPrototypeOf(generator), properties) as AnyGenerator;
}

/**
 * As it is now: many generators yield the same object again and again. A mask is to see it all, and nothing that is
 * encoded already.
 */
function keep(core: TracingCore, gathered: Gathered, chunk: unknown): void {
  if (gathered.chars >= core.config.maxEventBytes - REST_BYTES) {
    gathered.leftOut++;
    return;
  }
  const isText = typeof chunk === 'string';
  const kept = isText ? chunk : core.config.mask === null ? freeze(core, chunk) : toSerializable(chunk);
  gathered.chunks.push(kept);
  gathered.chars += sizeOf(kept);
}

function sizeOf(chunk: unknown): number {
  if (typeof chunk === 'string') return chunk.length;
  if (!(chunk instanceof Frozen)) return 1;
  return chunk.end - chunk.start + (chunk.texts ?? []).reduce((sum, { text }) => sum + text.length, 0);
}

/** Text as one, other chunks as an array; what the generator returned where it has yielded nothing. */
function outputOf({ chunks, leftOut }: Gathered, returned: unknown): unknown {
  if (chunks.length === 0) return returned;
  const all = leftOut === 0 ? chunks : [...chunks, `… [${leftOut} more]`];
  return chunks.every((chunk) => typeof chunk === 'string') ? all.join('') : all;
}
