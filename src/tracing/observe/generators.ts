/** Follows a generator that runs inside an observation: its steps see it as active, what it yields becomes its output. */
import { type Reader, stepResult } from './reading.js';

type AnyGenerator = Generator<unknown> | AsyncGenerator<unknown>;

/** Of a generator function, sync or async. Reading the tag may call the application's code. */
export function isGenerator(value: unknown): value is AnyGenerator {
  try {
    return /^\[object (Async)?Generator\]$/.test(Object.prototype.toString.call(value));
  } catch {
    return false;
  }
}

/** A generator in place of the given one. */
export function followGenerator(generator: AnyGenerator, reader: Reader): AnyGenerator {
  const step = (name: 'next' | 'return' | 'throw') => ({
    value: (value: unknown) => stepResult(reader, () => generator[name](value)),
  });
  const properties = { next: step('next'), return: step('return'), throw: step('throw') };
  // With everything else that a generator has: its iterator, and the helpers of newer runtimes.
  return Object.create(Object.getPrototypeOf(generator), properties) as AnyGenerator;
}
