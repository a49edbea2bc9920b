/** The client and the handles of traces and observations, as an application sees them: types, and no dependency on how they work. */
import type { ObservationType } from '../records/vocabulary.js';
import type { Counts, FlushResult } from '../shared/contract/counts.js';
import type {
  BodyOf,
  ChildOptions,
  GenerationBody,
  ObservationBody,
  ParentContext,
  Place,
  PropagatedAttributes,
  ScoreBody,
  ScoreByIdBody,
  Time,
  TraceBody,
  TraceEndBody,
  TraceIO,
  WritableHeaders,
} from './bodies.js';
import type { ClientListeners } from './call-events.js';

/** `util.inspect.custom`. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * A client, a trace or an observation: observations begin inside it, and it can be scored. `Place`: the fields that say where an
 * observation belongs, if its parent is the client.
 */
export abstract class Parent<Place = unknown> {
  /** The ids of a handle, if it is put into an input or printed; not the objects that it is linked with. */
  abstract toJSON(): object;

  /** @internal What the console shows: not the buffers behind a handle, which hold payloads of others too. */
  [INSPECT](): object {
    return this.toJSON();
  }

  /** @internal Starts an observation of any type inside this parent. */
  abstract start<T extends ObservationType>(
    type: T,
    body: (GenerationBody & Place) | undefined,
  ): Observation<T>;

  /** Scores this trace or observation: user feedback, a reward, the verdict of a check. */
  abstract score(body: ScoreBody): this;

  /** Starts an observation for a piece of work. */
  span(body?: ObservationBody & Place): Observation<'span'> {
    return this.start('span', body);
  }

  /** Starts an observation for a call of a model. */
  generation(body?: GenerationBody & Place): Observation<'generation'> {
    return this.start('generation', body);
  }

  /** Records a point in time: this call also ends and sends the observation. */
  event(body?: ObservationBody & Place): Observation<'event'> {
    return this.start('event', body);
  }

  /** Starts an observation for a call of a tool. */
  tool(body?: ObservationBody & Place): Observation<'tool'> {
    return this.start('tool', body);
  }

  /** Starts an observation for a retrieval, for example from a vector store. */
  retriever(body?: ObservationBody & Place): Observation<'retriever'> {
    return this.start('retriever', body);
  }

  /** Starts an observation for a run of an agent. */
  agent(body?: ObservationBody & Place): Observation<'agent'> {
    return this.start('agent', body);
  }

  /** Starts an observation for a sequence of steps. */
  chain(body?: ObservationBody & Place): Observation<'chain'> {
    return this.start('chain', body);
  }

  /** Starts an observation for a call of an embedding model. */
  embedding(body?: GenerationBody & Place): Observation<'embedding'> {
    return this.start('embedding', body);
  }

  /** Starts an observation for a judgement on an output. */
  evaluator(body?: ObservationBody & Place): Observation<'evaluator'> {
    return this.start('evaluator', body);
  }

  /** Starts an observation for a check that may stop an input or output. */
  guardrail(body?: ObservationBody & Place): Observation<'guardrail'> {
    return this.start('guardrail', body);
  }
}

/**
 * One trace: the work that one request, conversation or job sets off. `client.trace()` makes one, and so does each
 * observation that begins outside of any trace.
 *
 * A trace of `client.trace()` need not be ended. It is written by `end()`, by a flush or at shutdown, or after one flush interval
 * (at least 50 ms) in which nothing was open in it and nothing was added to it. Later changes send it again under the same id.
 */
export interface Trace extends Parent {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** The same as `id`. */
  readonly traceId: string;
  readonly name: string | null;
  /** Distinguishes a trace from an observation. */
  readonly type: 'trace';
  /** Always null: a trace is not an observation. */
  readonly observationId: null;
  /** Address of the client's server. */
  readonly baseUrl: string;
  /** The client that made the trace. */
  readonly client: TailraceClient;
  /** The root span of the trace as a W3C `traceparent` header, for a request to another service. */
  readonly traceparent: string;

  /** Sets fields. The call serialises them. Observations that end later carry them. */
  update(body: TraceBody): this;

  /** Closes the trace, now or at `endTime`, and hands it over for delivery. */
  end(body?: TraceEndBody): this;

  /** Address of the trace's page on the server. */
  getTraceUrl(): string;
}

/**
 * A span, generation, tool call, … inside a trace. Made by `trace.span()` and its siblings, or by `startObservation()`. `T` is its
 * type: only generations and embeddings have a model, usage, cost and a prompt.
 */
export interface Observation<T extends ObservationType = ObservationType> extends Parent {
  /** The trace that the observation belongs to. */
  readonly trace: Trace;
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** The same as `id`. */
  readonly observationId: string;
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  readonly type: T;
  readonly name: string | null;
  /** Address of the client's server. */
  readonly baseUrl: string;
  /** The client that made the observation. */
  readonly client: TailraceClient;
  /** The observation as a W3C `traceparent` header, for a request to another service. */
  readonly traceparent: string;

  /**
   * Sets fields. The call serialises them: later changes to the values do not show. After `end()` the observation is sent again
   * under the same id and replaces the earlier one.
   */
  update(body: BodyOf<T>): this;

  /**
   * Ends the observation, now or at `endTime` (which may be the only argument), and hands it over for delivery.
   * A second call without arguments does nothing.
   */
  end(bodyOrTime?: BodyOf<T> | Time | null): this;

  /** Sets fields of the observation's trace. */
  updateTrace(body: TraceBody): this;

  /** Sets input and output of the observation's trace, beside its own (see `TraceBody`). */
  setTraceIO(io: TraceIO): this;

  /** Makes the observation's trace visible to everybody with the link. */
  setTraceAsPublic(): this;

  /** Starts an observation of any type inside this one. */
  startObservation<C extends ObservationType = 'span'>(
    name: string,
    attributes?: BodyOf<C> | null,
    options?: ChildOptions<C>,
  ): Observation<C>;

  /** Address of the trace's page on the server. */
  getTraceUrl(): string;
}

/** Options of `startObservation`. */
export interface StartOptions<T extends ObservationType = ObservationType> extends ChildOptions<T> {
  /**
   * A handle, a span of another process, or its `traceparent`. @default what is active; if nothing is active, a new trace
   */
  parent?: Trace | Observation | ParentContext | string | null | undefined;
  /** OpenTelemetry's name for `parent`. */
  parentSpanContext?: ParentContext | null | undefined;
}

/** Options of `startActiveObservation`. */
export interface ActiveOptions<T extends ObservationType = ObservationType> extends StartOptions<T> {
  /** Whether the observation ends with the function. If not, call its `end()`. @default true */
  endOnExit?: boolean | undefined;
}

/** Options of `observe`. */
export interface ObserveOptions<T extends ObservationType = ObservationType> extends ActiveOptions<T> {
  /** @default the function's own name */
  name?: string | undefined;
  /** Whether the arguments become the input: a single one as it is, several as an array. @default true */
  captureInput?: boolean | undefined;
  /** Whether the result becomes the output; for a generator or a stream, the part that was read. @default true */
  captureOutput?: boolean | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: any function or class will do, and keeps its type
export type AnyFunction = ((...args: any[]) => any) | (new (...args: any[]) => any);

declare const CONTENT: unique symbol;

/**
 * Made by `client.handle()`, for `Tailrace.attach()`. Plain data that can be cloned: pass it as `workerData` or in a message, to any
 * number of threads. It holds no key. Its content is private and may change with each version.
 */
export interface TailraceHandle {
  readonly [CONTENT]: 'client';
}

/**
 * A tracing client for LLM applications. Its calls serialise their arguments into shared memory and return;
 * a worker thread delivers them to a Langfuse server. No call throws, and no returned promise rejects.
 *
 * Without keys the client logs that once, and every call is a cheap no-op. `span()`, `generation()` and their siblings begin an
 * observation inside the active one (see `startActiveObservation`), or where the ids in the body say, or in a new trace.
 *
 * Make one client for the whole process. Clients of one thread with the same server, keys and delivery options share one worker; each
 * has its own release, environment, sampling, mask and listeners. Their counts are the sums over all of them.
 *
 * @example
 * const tailrace = new Tailrace({ publicKey: 'pk-lf-…', secretKey: 'sk-lf-…' });
 * const trace = tailrace.trace({ name: 'support', userId: 'u-1' });
 * const generation = trace.generation({ name: 'answer', model: 'gpt-4o', input: messages });
 * generation.end({ output: reply, usageDetails: { input: 120, output: 40 } });
 * await tailrace.shutdown();
 */
export interface TailraceClient extends Parent<Place> {
  /** Address of the server, without a trailing slash. Empty if the given address cannot be used. */
  readonly baseUrl: string;

  /** Starts a trace, or continues the trace with the given id. */
  trace(body?: TraceBody): Trace;

  /**
   * Starts an observation: a child of `parent`, else of what is active here (also of OpenTelemetry's active span), else
   * in a new trace. End it with its `end()`.
   *
   * @example
   * const generation = tailrace.startObservation('answer', { model, input }, { asType: 'generation' });
   * generation.update({ output }).end();
   */
  startObservation<T extends ObservationType = 'span'>(
    name: string,
    attributes?: BodyOf<T> | null,
    options?: StartOptions<T>,
  ): Observation<T>;

  /**
   * Runs a function inside an observation: everything that begins in it becomes a child, also behind `await`. Returns the
   * function's result. The observation ends with the function, or when the returned promise has settled. If the function throws,
   * the observation gets the level ERROR and the error's message, and the error is thrown on unchanged.
   *
   * @example
   * const answer = await tailrace.startActiveObservation('support', async (span) => {
   *   span.update({ input: question });
   *   return ask(question);
   * });
   */
  startActiveObservation<R, T extends ObservationType = 'span'>(
    name: string,
    run: (observation: Observation<T>) => R,
    options?: ActiveOptions<T>,
  ): R;

  /**
   * Makes a function one that traces its calls: arguments as input, result as output. For a generator function, sync or
   * async, the output is the yielded values, text joined, and the first chunk is the completion start. If the result is more than
   * a promise (a query that runs when it is awaited, an API client's answer), it is returned as it is, and the observation ends when
   * somebody has awaited it.
   *
   * A returned stream (of an SDK, a `ReadableStream`, Node's `Readable`, a `Response`, any async iterable or iterator)
   * is returned as it is, too, and followed while its caller reads it: bytes are shown as text if they are text, else as
   * their count. The observation ends when the stream has ended, is left or cancelled, or fails (level ERROR); it stays open if
   * nobody reads the stream. For a class, the construction is traced; the class is called with `new`, and can be extended.
   *
   * @example
   * const answer = tailrace.observe(async (question: string) => ask(question), { name: 'answer', asType: 'agent' });
   */
  observe<F extends AnyFunction, T extends ObservationType = 'span'>(fn: F, options?: ObserveOptions<T>): F;

  /**
   * Runs a function in which all traces and observations that begin have these attributes, and gives the attributes to the active
   * trace. No other code has to know user, session and tags.
   */
  propagateAttributes<R>(attributes: PropagatedAttributes, run: () => R): R;

  /** The observation that is active here, or undefined. */
  getActiveObservation(): Observation | undefined;

  /** Id of the observation, or of OpenTelemetry's span, that is active here. */
  getActiveObservationId(): string | undefined;

  /** Id of the trace of what is active here. */
  getActiveTraceId(): string | undefined;

  /** Sets fields of the active observation. Without one the call does nothing and logs one warning. */
  updateActiveObservation(attributes: GenerationBody): void;

  /** Sets fields of the active observation's trace. */
  updateActiveTrace(attributes: TraceBody): void;

  /** Sets input and output of the active observation's trace, beside its own. */
  setActiveTraceIO(io: TraceIO): void;

  /** Makes the active observation's trace visible to everybody with the link. */
  setActiveTraceAsPublic(): void;

  /** Scores the active observation. */
  scoreActiveObservation(body: ScoreBody): void;

  /** Scores the active observation's trace. */
  scoreActiveTrace(body: ScoreBody): void;

  /** Scores a target by its id, from any process: for example feedback that a front end sends later. */
  score(body: ScoreByIdBody): this;

  /**
   * Writes the active observation as a W3C `traceparent` into the headers of a request, so that the trace continues in the
   * called service (see `extractTraceContext`). Returns the headers.
   */
  injectTraceContext<H extends WritableHeaders = Record<string, string>>(headers?: H): H;

  /** Address of a trace's page on the server. */
  getTraceUrl(traceId: string): string;

  /**
   * Sends everything now: all ended observations, all scores, and all traces without open observations.
   * Resolves to the counts (of all clients that share the worker) once everything has settled, or after `flushTimeoutMs` with
   * `pending > 0`. Never rejects.
   *
   * @param callback is called with the counts at the end, as in langfuse 3.
   */
  // biome-ignore lint/suspicious/noExplicitAny: as langfuse 3 has it, whose users read fields of an error
  flush(callback?: (error?: any, counts?: FlushResult) => void): Promise<FlushResult>;

  /**
   * Like `flush()`, but blocks this thread, for at most `timeoutMs`: for code that cannot wait.
   *
   * @param timeoutMs @default `exitTimeoutMs`
   */
  flushSync(timeoutMs?: number): FlushResult;

  /** The same as `flush()`. */
  flushAsync(): Promise<FlushResult>;

  /**
   * Writes everything that is still open as it is (level WARNING, a status message that says so), sends everything, and
   * ends the worker. If other clients share the worker, it ends with the last of them, and so do threads that are attached to it.
   * Resolves to the counts; never rejects. Later calls do nothing and log one warning. Shutdown does not wait for wrong keys to be
   * corrected: events that the server answers with 401 from now on have failed.
   */
  shutdown(): Promise<FlushResult>;

  /** The same as `shutdown()`. */
  shutdownAsync(): Promise<FlushResult>;

  /** Resolves once at most half of the ring is in use: for programs that outrun the server and can wait. */
  ready(): Promise<void>;

  /** The current counts of this client and of all clients that share its worker. */
  stats(): Counts;

  /**
   * Makes a handle with which other threads of this process trace through this client: see `Tailrace.attach`. The client's
   * `stats()` then include those threads, and its `flush()` and `shutdown()` cover them.
   */
  handle(): TailraceHandle;

  /**
   * Listens for an event, and returns a function that stops listening.
   *
   * - `error` (events have failed), `drop` (loss starts or ends), `highWater` (the ring fills up), `warning`, `debug` (each batch, while
   *   `debug()` is on): messages that otherwise go to the `logger` or the console. The listener gets the text and `{ code, … }`
   *   (`MessageCode`).
   * - `flush`: a flush has ended; with the counts.
   * - `trace-create`, `score-create`, `span-create`, `span-update` and those of the other types, as in langfuse 3: called inside the
   *   tracing call, with ids and name (`CallEvent`).
   * - `*`: all of them, with the event's name as the first argument.
   */
  on<E extends keyof ClientListeners>(event: E, listener: ClientListeners[E]): () => void;
  /** @deprecated For code that was written for langfuse 3, which passes an Error. The client passes the message as a text. */
  // biome-ignore lint/suspicious/noExplicitAny: as langfuse 3 has it
  on<E extends 'error'>(event: E, listener: (error: any) => void): () => void;

  /** The server's address, if the client is put into an input or printed. */
  toJSON(): object;

  /** Reports each batch from now on: to listeners for `debug`, else to the `logger` or the console. */
  debug(enabled?: boolean): void;
}
