/** The tracing client: passes each call on to the part that carries it out. */

import type { TailraceOptions } from '../config/options/client.js';
import { message, type WarningMessage } from '../messages/message.js';
import { nextTurn } from '../producer/worker/load.js';
import type { ObservationType } from '../records/vocabulary.js';
import type { Counts, FlushResult } from '../shared/contract/counts.js';
import { noCounts } from '../shared/ring/totals.js';
import { isSuppressed } from '../shared/runtime/suppression.js';
import { messageOf, nameOf } from '../shared/untrusted-text/errors.js';
import { propagateAttributes, runInside, startActiveObservation } from './active.js';
import {
  type ActiveOptions,
  type AnyFunction,
  type Observation,
  type ObserveOptions,
  Parent,
  type StartOptions,
  type TailraceClient,
  type TailraceHandle,
  type Trace,
} from './api.js';
import { Attachment, type AttachOptions, createHandle } from './attachment.js';
import type {
  BodyOf,
  GenerationBody,
  Place,
  PropagatedAttributes,
  ScoreBody,
  ScoreByIdBody,
  TraceBody,
  TraceIO,
  WritableHeaders,
} from './bodies.js';
import { activeScope, type TracingCore } from './core.js';
import { createCore } from './create-core.js';
import { offerAsDefault, withdrawAsDefault } from './default-client.js';
import { prepareIds } from './ids.js';
import { ObservationHandle } from './observation.js';
import { observe } from './observe/observe.js';
import { closeAll, writeQuiet } from './open-handles.js';
import { formatTraceparent, writeHeaders } from './propagation/trace-context.js';
import { REPORT } from './reporting.js';
import { RUN_INSIDE } from './running-inside.js';
import { writeScore } from './score.js';
import { activeParent, startByIds, startObservation, startTrace } from './start.js';

/** A tracing client: what `new Tailrace()` makes. */
export interface Tailrace extends TailraceClient {}

/** Makes clients: `new Tailrace(options)`, or `Tailrace.attach(handle)` in another thread. */
export interface TailraceConstructor {
  /** Starts a client. Options that cannot be used are replaced by their defaults, and a warning names them. */
  new (options?: TailraceOptions): Tailrace;

  /**
   * Makes a client of this thread that delivers through the workers of another thread's client. Use it in `worker_threads` threads of the
   * application, each of which would otherwise have a delivery worker of its own. The attached client has its own ring, counts and
   * listeners for `error` and `drop`; its options are those of the other client. The thread may end at any time: its events are delivered.
   *
   * @param handle The result of `client.handle()`.
   *
   * @example
   * // in the main thread
   * new Worker(url, { workerData: { tailrace: tailrace.handle() } });
   * // in the other thread
   * const tailrace = Tailrace.attach(workerData.tailrace);
   */
  attach(handle: TailraceHandle, options?: AttachOptions): Tailrace;

  readonly prototype: Tailrace;
}

/** The class of tracing clients. Make one client for the whole process. */
export const Tailrace: TailraceConstructor = class Tailrace extends Parent<Place> implements TailraceClient {
  readonly #core: TracingCore;
  #closed = false;

  constructor(options: TailraceOptions = {}) {
    super();
    this.#core = createCore(this, options ?? {});
    offerAsDefault(this);
    void nextTurn().then(prepareIds);
  }

  static attach(handle: TailraceHandle, options: AttachOptions = {}): Tailrace {
    return new Tailrace(new Attachment(handle, options) as TailraceOptions);
  }

  handle(): TailraceHandle {
    return createHandle(this.#core.config, this.#core.engine?.handle());
  }

  trace(body?: TraceBody): Trace {
    return startTrace(this.#coreFor('trace'), body);
  }

  override start<T extends ObservationType>(
    type: T,
    body: (GenerationBody & Place) | undefined,
  ): Observation<T> {
    return startByIds(this.#coreFor(type), type, body);
  }

  startObservation<T extends ObservationType = 'span'>(
    name: string,
    attributes?: BodyOf<T> | null,
    options?: StartOptions<T>,
  ): Observation<T> {
    return startObservation(this.#coreFor('startObservation'), name, attributes, options);
  }

  startActiveObservation<R, T extends ObservationType = 'span'>(
    name: string,
    run: (observation: Observation<T>) => R,
    options?: ActiveOptions<T>,
  ): R {
    return startActiveObservation(this.#coreFor('startActiveObservation'), name, run, options);
  }

  observe<F extends AnyFunction, T extends ObservationType = 'span'>(fn: F, options?: ObserveOptions<T>): F {
    return observe(() => this.#coreFor('observe'), fn, options);
  }

  propagateAttributes<R>(attributes: PropagatedAttributes, run: () => R): R {
    return propagateAttributes(this.#core, attributes, run);
  }

  getActiveObservation(): Observation | undefined {
    return activeScope(this.#core.scopes)?.observation ?? undefined;
  }

  getActiveObservationId(): string | undefined {
    const parent = activeParent(this.#core);
    return parent && ('spanId' in parent ? parent.spanId : parent.id);
  }

  getActiveTraceId(): string | undefined {
    return activeParent(this.#core)?.traceId;
  }

  updateActiveObservation(attributes: GenerationBody): void {
    this.#active('updateActiveObservation')?.update(attributes);
  }

  updateActiveTrace(attributes: TraceBody): void {
    this.#active('updateActiveTrace')?.trace.update(attributes);
  }

  setActiveTraceIO(io: TraceIO): void {
    this.#active('setActiveTraceIO')?.setTraceIO(io);
  }

  setActiveTraceAsPublic(): void {
    this.#active('setActiveTraceAsPublic')?.setTraceAsPublic();
  }

  scoreActiveObservation(body: ScoreBody): void {
    this.#active('scoreActiveObservation')?.score(body);
  }

  scoreActiveTrace(body: ScoreBody): void {
    this.#active('scoreActiveTrace')?.trace.score(body);
  }

  override score(body: ScoreByIdBody): this {
    writeScore(this.#coreFor('score'), body, body);
    return this;
  }

  injectTraceContext<H extends WritableHeaders = Record<string, string>>(headers = {} as H): H {
    const parent = activeParent(this.#core);
    if (parent !== undefined) {
      const traceparent =
        'spanId' in parent ? formatTraceparent(parent.traceId, parent.spanId, true) : parent.traceparent;
      this.#writeHeaders(headers, traceparent);
    }
    return headers;
  }

  get baseUrl(): string {
    return this.#core.config.baseUrl;
  }

  getTraceUrl(traceId: string): string {
    return `${this.#core.config.baseUrl}/trace/${traceId}`;
  }

  // biome-ignore lint/suspicious/noExplicitAny: as langfuse 3 has it, whose users read fields of an error
  async flush(callback?: (error?: any, counts?: FlushResult) => void): Promise<FlushResult> {
    writeQuiet(this.#core.open);
    const counts = this.#flushed((await this.#core.engine?.flush()) ?? noCounts());
    if (typeof callback === 'function') this.#call(callback, counts);
    return counts;
  }

  flushSync(timeoutMs?: number): FlushResult {
    writeQuiet(this.#core.open);
    return this.#flushed(this.#core.engine?.flushSync(timeoutMs) ?? noCounts());
  }

  flushAsync(): Promise<FlushResult> {
    return this.flush();
  }

  async shutdown(): Promise<FlushResult> {
    this.#closed = true;
    withdrawAsDefault(this);
    closeAll(this.#core.open, 'the client was shut down');
    return this.#flushed((await this.#core.engine?.shutdown()) ?? noCounts());
  }

  shutdownAsync(): Promise<FlushResult> {
    return this.shutdown();
  }

  async ready(): Promise<void> {
    await this.#core.engine?.ready();
  }

  stats(): Counts {
    return this.#core.engine?.stats() ?? noCounts();
  }

  on(event: string, listener: unknown): () => void {
    return this.#core.calls.on(event, listener);
  }

  debug(enabled = true): void {
    const { logLevel } = this.#core.config;
    this.#core.notifier.setLevel(enabled ? 'debug' : logLevel === 'debug' ? 'warn' : logLevel);
    this.#core.engine?.debug(enabled);
  }

  /** @internal For integrations (see `reporting.ts`). */
  [REPORT](warning: WarningMessage, topic: string): void {
    this.#core.notifier.warnOnce(warning, topic);
  }

  /** @internal For integrations (see `running-inside.ts`). */
  [RUN_INSIDE]<R>(observation: Observation, run: () => R): R {
    return observation instanceof ObservationHandle ? runInside(this.#core, observation, run) : run();
  }

  /** Shows nothing secret if somebody prints the client. */
  override toJSON(): object {
    return { baseUrl: this.#core.config.baseUrl };
  }

  /** Nothing is traced after shutdown, which one warning says, nor in the client's own work, such as its requests. */
  #coreFor(call: string): TracingCore {
    if (!this.#closed) return isSuppressed() ? this.#core.noop : this.#core;
    this.#core.notifier.warnOnce(message('TAILRACE_CLOSED', `${call}()`));
    return this.#core.noop;
  }

  #writeHeaders(headers: WritableHeaders, traceparent: string): void {
    try {
      writeHeaders(headers, traceparent, activeScope(this.#core.scopes)?.propagated?.baggage ?? null);
    } catch (error) {
      this.#core.notifier.warnOnce(message('TAILRACE_HEADERS_NOT_WRITTEN', nameOf(error)));
    }
  }

  #flushed(counts: FlushResult): FlushResult {
    this.#core.calls.emit('flush', counts);
    return counts;
  }

  /** An exception of the callback goes no further, as that of a listener. */
  #call(callback: (error: undefined, counts: FlushResult) => void, counts: FlushResult): void {
    try {
      callback(undefined, counts);
    } catch (error) {
      this.#core.notifier.warning(message('TAILRACE_FLUSH_CALLBACK_FAILED', messageOf(error)));
    }
  }

  #active(call: string): Observation | undefined {
    const observation = this.getActiveObservation();
    if (observation === undefined) {
      this.#core.notifier.warnOnce(message('TAILRACE_NO_ACTIVE_OBSERVATION', call));
    }
    return observation;
  }
};
