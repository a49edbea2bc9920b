/** The functional style: the client's calls as functions, for code without a reference to a client. */
import type { ObservationType } from '../records/vocabulary.js';
import type { ActiveOptions, AnyFunction, Observation, ObserveOptions, StartOptions } from './api.js';
import type {
  BodyOf,
  GenerationBody,
  PropagatedAttributes,
  ScoreBody,
  TraceBody,
  TraceIO,
  WritableHeaders,
} from './bodies.js';
import { Tailrace } from './client.js';
import { defaultClient } from './default-client.js';
import { createTraceIdText } from './ids.js';
import { copyProperties } from './observe/observe.js';

/**
 * The client that these functions use: the first that the application has made and not shut down. If there is none, makes one from the
 * environment.
 */
export function getClient(): Tailrace {
  return defaultClient(() => new Tailrace());
}

/** `startObservation` of the client (see `getClient`). */
export function startObservation<T extends ObservationType = 'span'>(
  name: string,
  attributes?: BodyOf<T> | null,
  options?: StartOptions<T>,
): Observation<T> {
  return getClient().startObservation(name, attributes, options);
}

/** `startActiveObservation` of the client. */
export function startActiveObservation<R, T extends ObservationType = 'span'>(
  name: string,
  run: (observation: Observation<T>) => R,
  options?: ActiveOptions<T>,
): R {
  return getClient().startActiveObservation(name, run, options);
}

/** `observe` of the client. Each call of the function looks for the client, which may be made after the function. */
export function observe<F extends AnyFunction, T extends ObservationType = 'span'>(
  fn: F,
  options?: ObserveOptions<T>,
): F {
  if (typeof fn !== 'function') return fn;
  // Uses the client's public method only: the client may be of another copy of this package.
  const byClient = new WeakMap<Tailrace, F>();
  function observed(this: unknown, ...args: unknown[]): unknown {
    const client = getClient();
    let fnOfClient = byClient.get(client);
    if (fnOfClient === undefined) {
      fnOfClient = client.observe(fn, options);
      byClient.set(client, fnOfClient);
    }
    if (new.target === undefined) return Reflect.apply(fnOfClient, this, args);
    return Reflect.construct(fnOfClient, args, new.target === observed ? fnOfClient : new.target);
  }
  copyProperties(fn, observed);
  return observed as unknown as F;
}

/** `propagateAttributes` of the client. */
export function propagateAttributes<R>(attributes: PropagatedAttributes, run: () => R): R {
  return getClient().propagateAttributes(attributes, run);
}

/** The observation that is active here, or undefined. */
export function getActiveObservation(): Observation | undefined {
  return getClient().getActiveObservation();
}

/** Id of the observation, or of OpenTelemetry's span, that is active here. */
export function getActiveObservationId(): string | undefined {
  return getClient().getActiveObservationId();
}

/** The same as `getActiveObservationId()`, by the name in Langfuse's client. */
export const getActiveSpanId = getActiveObservationId;

/** Id of the trace of what is active here. */
export function getActiveTraceId(): string | undefined {
  return getClient().getActiveTraceId();
}

/** Sets fields of the active observation. */
export function updateActiveObservation(attributes: GenerationBody): void {
  getClient().updateActiveObservation(attributes);
}

/** Sets fields of the active observation's trace. */
export function updateActiveTrace(attributes: TraceBody): void {
  getClient().updateActiveTrace(attributes);
}

/** Sets input and output of the active observation's trace, beside its own. */
export function setActiveTraceIO(io: TraceIO): void {
  getClient().setActiveTraceIO(io);
}

/** Makes the active observation's trace visible to everybody with the link. */
export function setActiveTraceAsPublic(): void {
  getClient().setActiveTraceAsPublic();
}

/** Scores the active observation. */
export function scoreActiveObservation(body: ScoreBody): void {
  getClient().scoreActiveObservation(body);
}

/** Scores the active observation's trace. */
export function scoreActiveTrace(body: ScoreBody): void {
  getClient().scoreActiveTrace(body);
}

/** Writes the active observation into the headers of a request (see the client's `injectTraceContext`). */
export function injectTraceContext<H extends WritableHeaders = Record<string, string>>(headers?: H): H {
  return getClient().injectTraceContext(headers);
}

/**
 * A trace id: 32 hexadecimal digits, at random or by the SHA-256 of a seed. The same seed gives the same id in
 * every service and language (the rule of Langfuse's clients).
 */
export function createTraceId(seed?: string): string {
  return createTraceIdText(seed);
}
