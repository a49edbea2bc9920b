/** Wraps a function so that its calls are traced: arguments, result, exception, and the read parts of a generator or stream. */
import type { ObservationType } from '../../records/vocabulary.js';
import { fail, runInside } from '../active.js';
import type { AnyFunction, ObserveOptions } from '../api.js';
import type { BodyOf } from '../bodies.js';
import type { TracingCore } from '../core.js';
import { read } from '../fields.js';
import { startObservation } from '../start.js';
import { follow } from './follow.js';
import { createReading, type Reader, stepResult } from './reading.js';
import { followStream } from './streams.js';

type Callable = (this: unknown, ...args: unknown[]) => unknown;

/** `coreOfCall` is called by each call of the function: the client may be made after the function. */
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
      // A class that extends the observed class makes instances of itself.
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

/** The instance does not become the output: it may be large, and hold keys. */
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

/** Copies name, length and all other properties of the function; for a class also the prototype, so that `instanceof` works. */
export function copyProperties(fn: AnyFunction, observed: Callable): void {
  try {
    const parent = Object.getPrototypeOf(fn) as unknown;
    if (fn.prototype !== undefined) observed.prototype = fn.prototype;
    // Static members of the parent class.
    if (typeof parent === 'function') Object.setPrototypeOf(observed, parent);
    for (const key of Reflect.ownKeys(fn)) {
      const own = Object.getOwnPropertyDescriptor(observed, key);
      const property = Object.getOwnPropertyDescriptor(fn, key);
      if (property !== undefined && own?.configurable !== false)
        Object.defineProperty(observed, key, property);
    }
  } catch {
    // A proxy that throws.
  }
}

function nameOf(core: TracingCore, fn: { readonly name: string }): string {
  return read(core, fn, 'name') || 'anonymous';
}

function inputOf(args: readonly unknown[]): unknown {
  return args.length > 1 ? args : args[0];
}

type AnyGenerator = Generator<unknown> | AsyncGenerator<unknown>;

/** Whether the value is the result of a generator function, sync or async. Reading the tag may call the application's code. */
function isGenerator(value: unknown): value is AnyGenerator {
  try {
    return /^\[object (Async)?Generator\]$/.test(Object.prototype.toString.call(value));
  } catch {
    return false;
  }
}

/** A generator in place of the given one: its steps see the observation as active, and the yielded values become the output. */
function followGenerator(generator: AnyGenerator, reader: Reader): AnyGenerator {
  const step = (name: 'next' | 'return' | 'throw') => ({
    value: (value: unknown) => stepResult(reader, () => generator[name](value)),
  });
  const properties = { next: step('next'), return: step('return'), throw: step('throw') };
  // The prototype adds everything else of a generator: its iterator, and the helpers of newer runtimes.
  return Object.create(Object.getPrototypeOf(generator), properties) as AnyGenerator;
}
