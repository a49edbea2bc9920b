/** Makes a function one that traces its calls: arguments, result, exception, and what is read of what it returned. */
import type { ObservationType } from '../../records/vocabulary.js';
import { type ActiveOptions, fail, runInside } from '../active.js';
import type { BodyOf } from '../bodies.js';
import { read, type TracingCore } from '../core.js';
import { startObservation } from '../start.js';
import { follow } from './follow.js';
import { followGenerator, isGenerator } from './generators.js';
import { createReading } from './reading.js';
import { followStream } from './streams.js';

export interface ObserveOptions<T extends ObservationType = ObservationType> extends ActiveOptions<T> {
  /** @default the function's own */
  name?: string;
  /** Whether the arguments become the input: a single one as it is, several as an array. @default true */
  captureInput?: boolean;
  /** Whether the result becomes the output; of a generator or a stream, what was read of it. @default true */
  captureOutput?: boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: any function or class will do, and keeps its type
export type AnyFunction = ((...args: any[]) => any) | (new (...args: any[]) => any);

/** What is called, whatever it is. */
type Callable = (this: unknown, ...args: unknown[]) => unknown;

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
    const begin = (contentType?: string | null) =>
      createReading(core, observation, onEnd, onError, contentType);
    if (new.target !== undefined) {
      // Whoever extends what is returned makes instances of his own class.
      const made = new.target === observed ? fn : new.target;
      const make = (): unknown => Reflect.construct(fn, args, made);
      return construct(() => runInside(core, observation, make), onEnd, onError);
    }
    return follow(
      () => runInside(core, observation, () => (fn as Callable).apply(this, args)),
      (result) => {
        if (isGenerator(result)) return followGenerator(result, begin());
        if (!followStream(result, begin)) onEnd(result);
        return result;
      },
      onError,
    );
  }
  copyProperties(fn, observed);
  return observed as unknown as F;
}

/** An instance is no output: it may be large, and hold keys. */
function construct(
  make: () => unknown,
  onEnd: (output: unknown) => void,
  onError: (error: unknown) => void,
): unknown {
  try {
    const instance = make();
    onEnd(undefined);
    return instance;
  } catch (error) {
    onError(error);
    throw error;
  }
}

/** Its name, its length, and whatever else its type promises; of a class its prototype, so that `instanceof` holds. */
export function copyProperties(fn: AnyFunction, observed: Callable): void {
  try {
    const parent = Object.getPrototypeOf(fn) as unknown;
    if (fn.prototype !== undefined) observed.prototype = fn.prototype;
    // The statics of a class that it extends.
    if (typeof parent === 'function') Object.setPrototypeOf(observed, parent);
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
