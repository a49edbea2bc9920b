/** Makes a function one that traces its calls: arguments, result, exception, and what a generator yields. */
import type { ObservationType } from '../shared/records.js';
import { type ActiveOptions, fail, follow, runInside } from './active.js';
import type { BodyOf } from './bodies.js';
import { read, type TracingCore } from './core.js';
import { gather, isGenerator } from './generators.js';
import { startObservation } from './start.js';

export interface ObserveOptions<T extends ObservationType = ObservationType> extends ActiveOptions<T> {
  /** @default the function's own */
  name?: string;
  /** Whether the arguments become the input: a single one as it is, several as an array. @default true */
  captureInput?: boolean;
  /** Whether the result becomes the output; of a generator, what it has yielded. @default true */
  captureOutput?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: any function will do, and keeps its type
export type AnyFunction = (...args: any[]) => any;

/** `coreOfCall` is asked at each call: the client may be made after the function. */
export function observe<F extends AnyFunction, T extends ObservationType>(
  coreOfCall: () => TracingCore,
  fn: F,
  options: ObserveOptions<T> | null | undefined,
): F {
  function observed(this: unknown, ...args: unknown[]): unknown {
    const core = coreOfCall();
    const name = read(core, options, 'name') ?? (fn.name || 'anonymous');
    const input = read(core, options, 'captureInput') === false ? undefined : inputOf(args);
    const captureOutput = read(core, options, 'captureOutput') !== false;
    const endOnExit = read(core, options, 'endOnExit') !== false;
    const observation = startObservation<T>(core, name, { input } as BodyOf<T>, options);
    const onEnd = (output: unknown): void => {
      if (captureOutput) observation.update({ output });
      if (endOnExit) observation.end();
    };
    const onError = (error: unknown, output?: unknown): void => {
      if (captureOutput) observation.update({ output });
      fail(observation, error, endOnExit);
    };
    return follow(
      () => runInside(core, observation, () => fn.apply(this, args)),
      (result) => {
        if (isGenerator(result)) return gather(core, observation, result, onEnd, onError);
        onEnd(result);
        return result;
      },
      onError,
    );
  }
  return Object.defineProperties(observed, {
    name: { value: fn.name, configurable: true },
    length: { value: fn.length, configurable: true },
  }) as F;
}

function inputOf(args: readonly unknown[]): unknown {
  return args.length > 1 ? args : args[0];
}
