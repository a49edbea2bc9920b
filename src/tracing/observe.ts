/** Makes a function one that traces its calls: arguments, result, exception, and what a generator yields. */
import type { ObservationType } from '../shared/records.js';
import { type ActiveOptions, fail, runInside } from './active.js';
import type { BodyOf } from './bodies.js';
import { read, type TracingCore } from './core.js';
import { follow } from './follow.js';
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
  if (typeof fn !== 'function') return fn;
  function observed(this: unknown, ...args: unknown[]): unknown {
    const core = coreOfCall();
    const name = read(core, options, 'name') ?? nameOf(core, fn);
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
  copyProperties(fn, observed);
  return observed as F;
}

/** Its name, its length, and whatever else its type promises. */
export function copyProperties(fn: AnyFunction, observed: AnyFunction): void {
  try {
    for (const key of Reflect.ownKeys(fn)) {
      const own = Object.getOwnPropertyDescriptor(observed, key);
      const property = Object.getOwnPropertyDescriptor(fn, key);
      if (property !== undefined && own?.configurable !== false)
        Object.defineProperty(observed, key, property);
    }
  } catch {
    // A proxy that tells nothing of itself.
  }
}

function nameOf(core: TracingCore, fn: { readonly name: string }): string {
  return read(core, fn, 'name') || 'anonymous';
}

function inputOf(args: readonly unknown[]): unknown {
  return args.length > 1 ? args : args[0];
}
