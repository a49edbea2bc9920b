/** The tracing client: options in, traces out. */

import { message } from '../messages/message.js';
import { attachToEngine } from '../producer/engine.js';
import { createNotifier } from '../producer/messages/notifier.js';
import { joinEngine } from '../producer/shared-engines.js';
import { nextTurn } from '../producer/worker/load.js';
import type { ObservationType } from '../records/records.js';
import type { Counts, FlushResult } from '../shared/contract/counts.js';
import { noCounts } from '../shared/ring/totals.js';
import { queueMicrotask } from '../shared/runtime/real-time.js';
import { isSuppressed } from '../shared/runtime/suppression.js';
import { messageOf, nameOf } from '../shared/untrusted-text/errors.js';
import { VERSION } from '../shared/version.js';
import { type ActiveOptions, startActiveObservation } from './active.js';
import { Attachment, type AttachOptions, createHandle, type TailraceHandle } from './attachment.js';
import type {
  BodyOf,
  GenerationBody,
  Place,
  PropagatedAttributes,
  ScoreBody,
  ScoreByIdBody,
  TraceBody,
  TraceIO,
} from './bodies.js';
import { type ClientListeners, createCallEvents } from './call-events.js';
import { resolveConfig } from './config.js';
import type { TracingCore } from './core.js';
import { offerAsDefault, withdrawAsDefault } from './default-client.js';
import { prepareIds } from './ids.js';
import type { Observation } from './observation.js';
import { type AnyFunction, type ObserveOptions, observe } from './observe/observe.js';
import { closeAll, createOpenHandles, writeAll, writeQuiet } from './open-handles.js';
import type { TailraceOptions } from './options.js';
import { Parent } from './parent.js';
import { propagateAttributes } from './propagation/propagate.js';
import { formatTraceparent, type WritableHeaders, writeHeaders } from './propagation/trace-context.js';
import { activeScope, createScopeOwner } from './scope.js';
import { writeScore } from './score.js';
import { activeParent, type StartOptions, startByIds, startObservation, startTrace } from './start.js';
import type { Trace } from './trace.js';

/**
 * A tracing client for LLM applications. Its calls serialise what they are given into shared memory and return;
 * a worker thread delivers it to a Langfuse server. None of them throws, none of its promises rejects.
 *
 * Without keys it says so once, and every call is a cheap no-op. `span()`, `generation()` and their siblings begin an
 * observation inside the active one (see `startActiveObservation`), where the ids in the body say, or in a trace of its
 * own.
 *
 * Make one for the whole process. Clients of one thread with the same server, keys and delivery options share one worker; each
 * has its own release, environment, sampling, mask and listeners. Their counts are those of all of them together.
 *
 * @example
 * const tailrace = new Tailrace({ publicKey: 'pk-lf-…', secretKey: 'sk-lf-…' });
 * const trace = tailrace.trace({ name: 'support', userId: 'u-1' });
 * const generation = trace.generation({ name: 'answer', model: 'gpt-4o', input: messages });
 * generation.end({ output: reply, usageDetails: { input: 120, output: 40 } });
 * await tailrace.shutdown();
 */
export class Tailrace extends Parent<Place> {
  readonly #core: TracingCore;
  #closed = false;

  /** Options that cannot be used are replaced by their defaults and named in a warning. */
  constructor(options: TailraceOptions = {}) {
    super();
    const attachment = options instanceof Attachment ? options : undefined;
    const config = attachment?.config ?? resolveConfig(options ?? {}, process.env, VERSION);
    const notifier = createNotifier(config.logLevel, config.logger);
    const silent = {
      client: this,
      config,
      notifier,
      calls: createCallEvents(notifier),
      engine: undefined,
      open: createOpenHandles(config.maxOpen, config.maxOpenAgeMs, config.flushIntervalMs),
      scopes: createScopeOwner(),
      said: new Map<number, number>(),
      get silent() {
        return this;
      },
    };
    const work = {
      writeQuiet: () => writeQuiet(silent.open),
      writeAll: (reason: string) => writeAll(silent.open, reason),
    };
    const engine =
      (config.engine && joinEngine(config.engine, notifier, work)) ??
      (attachment?.engine && attachToEngine(attachment.engine, notifier, work)) ??
      undefined;
    this.#core = { ...silent, engine, silent };
    offerAsDefault(this);
    void nextTurn().then(prepareIds);
    // Not here: listeners can only be added after the constructor.
    for (const problem of config.problems)
      queueMicrotask(() => notifier.warning(message('TAILRACE_OPTION', problem)));
    for (const fault of config.faults)
      queueMicrotask(() => notifier.error(message('TAILRACE_NOTHING_SENT', fault), { events: 0 }));
  }

  /**
   * A client of this thread that delivers by the workers of another thread's client: in a `worker_threads` thread of the
   * application, of which each would otherwise have a delivery worker of its own. It has its own ring, counts and listeners
   * for `error` and `drop`; options are those of the other. The thread may end at any time: what it has traced is delivered.
   *
   * @param handle What `client.handle()` has made.
   *
   * @example
   * // in the main thread
   * new Worker(url, { workerData: { tailrace: tailrace.handle() } });
   * // in the other
   * const tailrace = Tailrace.attach(workerData.tailrace);
   */
  static attach(handle: TailraceHandle, options: AttachOptions = {}): Tailrace {
    return new Tailrace(new Attachment(handle, options) as TailraceOptions);
  }

  /**
   * What other threads of this process need to trace through this client: see `Tailrace.attach`. Its `stats()` are then
   * those of all of them together, and its `flush()` and `shutdown()` cover them.
   */
  handle(): TailraceHandle {
    return createHandle(this.#core.config, this.#core.engine?.handle());
  }

  /** Starts a trace, or continues the one of the given id. */
  trace(body?: TraceBody): Trace {
    return startTrace(this.coreFor('trace'), body);
  }

  /** @internal */
  override start(type: ObservationType, body: (GenerationBody & Place) | undefined): Observation {
    return startByIds(this.coreFor(type), type, body);
  }

  /**
   * Starts an observation: a child of `parent`, else of what is active here (also of OpenTelemetry's active span), else
   * in a trace of its own. To be ended by its `end()`.
   *
   * @example
   * const generation = tailrace.startObservation('answer', { model, input }, { asType: 'generation' });
   * generation.update({ output }).end();
   */
  startObservation<T extends ObservationType = 'span'>(
    name: string,
    attributes?: BodyOf<T> | null,
    options?: StartOptions<T>,
  ): Observation {
    return startObservation(this.coreFor('startObservation'), name, attributes, options);
  }

  /**
   * Runs a function inside an observation: what begins in it becomes a child, also behind `await`. Returns what the
   * function returns. The observation ends with it, or when the promise that it returns has settled; what it throws
   * makes the observation an ERROR with that message, and is thrown on unchanged.
   *
   * @example
   * const answer = await tailrace.startActiveObservation('support', async (span) => {
   *   span.update({ input: question });
   *   return ask(question);
   * });
   */
  startActiveObservation<R, T extends ObservationType = 'span'>(
    name: string,
    run: (observation: Observation) => R,
    options?: ActiveOptions<T>,
  ): R {
    return startActiveObservation(this.coreFor('startActiveObservation'), name, run, options);
  }

  /**
   * Makes a function one that traces its calls: arguments as input, result as output. Of a generator function, sync or
   * async, the output is what it yields, text joined, and the first chunk the completion start. What is more than a
   * promise (a query that runs when it is awaited, an API client's answer) is returned as it is, and has ended when
   * somebody has awaited it.
   *
   * A stream that it returns (an SDK's, a `ReadableStream`, Node's `Readable`, a `Response`, any async iterable or iterator)
   * is returned as it is, too, and followed as its caller reads it: bytes are shown as text where they are text, else as
   * their count. The observation ends when the stream has ended, is left or cancelled, or breaks (level ERROR); one that
   * nobody reads stays open. Of a class the construction is traced; it is called with `new`, and can be extended.
   *
   * @example
   * const answer = tailrace.observe(async (question: string) => ask(question), { name: 'answer', asType: 'agent' });
   */
  observe<F extends AnyFunction, T extends ObservationType = 'span'>(fn: F, options?: ObserveOptions<T>): F {
    return observe(() => this.coreFor('observe'), fn, options);
  }

  /**
   * Runs a function in which all traces and observations that begin have these attributes, and gives them to the active
   * trace. Nothing else has to know user, session and tags.
   */
  propagateAttributes<R>(attributes: PropagatedAttributes, run: () => R): R {
    return propagateAttributes(this.#core, attributes, run);
  }

  /** The observation that is active here, or undefined. */
  getActiveObservation(): Observation | undefined {
    return activeScope(this.#core.scopes)?.observation ?? undefined;
  }

  /** Id of the observation, or of OpenTelemetry's span, that is active here. */
  getActiveObservationId(): string | undefined {
    const parent = activeParent(this.#core);
    return parent && ('spanId' in parent ? parent.spanId : parent.id);
  }

  /** Id of its trace. */
  getActiveTraceId(): string | undefined {
    return activeParent(this.#core)?.traceId;
  }

  /** Sets fields of the active observation; without one it does nothing, with one warning. */
  updateActiveObservation(attributes: GenerationBody): void {
    this.#active('updateActiveObservation')?.update(attributes);
  }

  /** Sets fields of the active observation's trace. */
  updateActiveTrace(attributes: TraceBody): void {
    this.#active('updateActiveTrace')?.trace.update(attributes);
  }

  /** Sets input and output of the active observation's trace, beside its own. */
  setActiveTraceIO(io: TraceIO): void {
    this.#active('setActiveTraceIO')?.setTraceIO(io);
  }

  /** Lets everybody with the link see the active observation's trace. */
  setActiveTraceAsPublic(): void {
    this.#active('setActiveTraceAsPublic')?.setTraceAsPublic();
  }

  /** Scores the active observation. */
  scoreActiveObservation(body: ScoreBody): void {
    this.#active('scoreActiveObservation')?.score(body);
  }

  /** Scores the active observation's trace. */
  scoreActiveTrace(body: ScoreBody): void {
    this.#active('scoreActiveTrace')?.trace.score(body);
  }

  /** Scores by id alone, from any process: feedback that a front end sends later. */
  override score(body: ScoreByIdBody): this {
    writeScore(this.coreFor('score'), body, body);
    return this;
  }

  /**
   * Writes the active observation as a W3C `traceparent` into the headers of a request, so that the trace goes on in the
   * service that gets it (see `extractTraceContext`). Returns the headers.
   */
  injectTraceContext<H extends WritableHeaders = Record<string, string>>(headers = {} as H): H {
    const parent = activeParent(this.#core);
    if (parent !== undefined) {
      const traceparent =
        'spanId' in parent ? formatTraceparent(parent.traceId, parent.spanId, true) : parent.traceparent;
      this.#writeHeaders(headers, traceparent);
    }
    return headers;
  }

  /** Address of the server, without a slash at its end; empty where the one that was given cannot be used. */
  get baseUrl(): string {
    return this.#core.config.baseUrl;
  }

  /** Address of a trace's page on the server. */
  getTraceUrl(traceId: string): string {
    return `${this.#core.config.baseUrl}/trace/${traceId}`;
  }

  /**
   * Sends everything now: all observations that have ended, all scores, all traces in which nothing is going on.
   * Resolves to the counts (of all clients that share the worker) once it has settled, or after `flushTimeoutMs` with `pending > 0`. Never rejects.
   *
   * @param callback is called when it has resolved, as older clients have it.
   */
  // biome-ignore lint/suspicious/noExplicitAny: as langfuse 3 has it, whose users read fields of an error
  async flush(callback?: (error?: any, counts?: FlushResult) => void): Promise<FlushResult> {
    writeQuiet(this.#core.open);
    const counts = this.#flushed((await this.#core.engine?.flush()) ?? noCounts());
    if (typeof callback === 'function') this.#call(callback, counts);
    return counts;
  }

  /**
   * The same as `flush()`, blocking this thread, for at most `timeoutMs`: for code that cannot wait.
   *
   * @param timeoutMs @default `exitTimeoutMs`
   */
  flushSync(timeoutMs?: number): FlushResult {
    writeQuiet(this.#core.open);
    return this.#flushed(this.#core.engine?.flushSync(timeoutMs) ?? noCounts());
  }

  /** The same as `flush()`. */
  flushAsync(): Promise<FlushResult> {
    return this.flush();
  }

  /**
   * Writes what is still open as it stands (level WARNING, a status message that says so), sends everything, and
   * ends the worker, unless other clients share it: it then ends with the last of them, and so do threads that are attached to it.
   * Resolves to the counts; never rejects. Later calls do nothing, with one warning. Wrong keys
   * are not waited for: what the server answers with 401 from now on has failed.
   */
  async shutdown(): Promise<FlushResult> {
    this.#closed = true;
    withdrawAsDefault(this);
    closeAll(this.#core.open, 'the client was shut down');
    return this.#flushed((await this.#core.engine?.shutdown()) ?? noCounts());
  }

  /** The same as `shutdown()`. */
  shutdownAsync(): Promise<FlushResult> {
    return this.shutdown();
  }

  /** Resolves once at most half of the ring is in use: for programs that outrun the server, and can wait. */
  async ready(): Promise<void> {
    await this.#core.engine?.ready();
  }

  /** The counts as of now: of this client, and of those that share its worker. */
  stats(): Counts {
    return this.#core.engine?.stats() ?? noCounts();
  }

  /**
   * Listens for `error` (events have failed), `drop` (loss starts or ends), `highWater` (room runs out), `warning` or `debug`
   * (each batch, while `debug()` is on), instead of the `logger` or the console; for `flush`, with the counts; for calls, as
   * langfuse 3 has them: `trace-create`, `score-create`, `span-create`, `span-update` and those of the other types, with ids
   * and name (`CallEvent`) and in the call itself; or for `'*'`, all of it, with the kind first. Messages come with `{code, …}`
   * (`MessageCode`). Returns a function that ends it.
   */
  on<K extends keyof ClientListeners>(kind: K, listener: ClientListeners[K]): () => void;
  // biome-ignore lint/suspicious/noExplicitAny: as langfuse 3 has it
  on(kind: string, listener: (...args: any[]) => void): () => void;
  on(kind: string, listener: unknown): () => void {
    return this.#core.calls.on(kind, listener);
  }

  /** Reports each batch, from now on: to listeners for `debug`, else to the `logger` or the console. */
  debug(enabled = true): void {
    const { logLevel } = this.#core.config;
    this.#core.notifier.setLevel(enabled ? 'debug' : logLevel === 'debug' ? 'warn' : logLevel);
    this.#core.engine?.debug(enabled);
  }

  /** What a client is where somebody prints it: nothing secret. */
  override toJSON(): object {
    return { baseUrl: this.#core.config.baseUrl };
  }

  /** @internal After the end nothing is traced, which is said once; nor is what delivers traces. */
  coreFor(call: string): TracingCore {
    if (!this.#closed) return isSuppressed() ? this.#core.silent : this.#core;
    this.#core.notifier.warnOnce(message('TAILRACE_CLOSED', `${call}()`));
    return this.#core.silent;
  }

  #writeHeaders(headers: WritableHeaders, traceparent: string): void {
    try {
      writeHeaders(headers, traceparent, activeScope(this.#core.scopes)?.propagated?.baggage ?? null);
    } catch (error) {
      this.#core.notifier.warnOnce(message('TAILRACE_HEADERS_NOT_WRITTEN', nameOf(error)));
    }
  }

  #flushed(counts: FlushResult): FlushResult {
    this.#core.calls.tell('flush', counts);
    return counts;
  }

  /** What the callback throws goes no further, as what a listener throws. */
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
}
