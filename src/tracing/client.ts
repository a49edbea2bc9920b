/** The tracing client: options in, traces out. */
import { startEngine } from '../producer/engine.js';
import { nextTurn } from '../producer/load.js';
import { createNotifier, type EngineListeners } from '../producer/notifier.js';
import type { Counts, FlushResult } from '../shared/counts.js';
import { VERSION } from '../shared/version.js';
import type { ScoreByIdBody, TraceBody } from './bodies.js';
import { resolveConfig, type TailraceOptions } from './config.js';
import type { TracingCore } from './core.js';
import { prepareIds } from './ids.js';
import { closeAll, createOpenHandles, writeQuiet } from './open-handles.js';
import { writeScore } from './score.js';
import { Trace } from './trace.js';

const nothing = (): Counts => ({
  accepted: 0,
  sent: 0,
  failed: 0,
  dropped: { total: 0 },
  retried: 0,
  pending: 0,
  bytes: 0,
  truncated: 0,
  mediaFailed: 0,
});

/**
 * A tracing client for LLM applications. Its calls serialise what they are given into shared memory and return;
 * a worker thread delivers it to a Langfuse server. None of them throws, none of its promises rejects.
 *
 * Without keys it says so once, and every call is a cheap no-op.
 *
 * @example
 * const tailrace = new Tailrace({ publicKey: 'pk-lf-…', secretKey: 'sk-lf-…' });
 * const trace = tailrace.trace({ name: 'support', userId: 'u-1' });
 * const generation = trace.generation({ name: 'answer', model: 'gpt-4o', input: messages });
 * generation.end({ output: reply, usageDetails: { input: 120, output: 40 } });
 * await tailrace.shutdown();
 */
export class Tailrace {
  readonly #core: TracingCore;
  #closed = false;

  /** Options that cannot be used are replaced by their defaults and named in a warning. */
  constructor(options: TailraceOptions = {}) {
    const config = resolveConfig(options ?? {}, process.env, VERSION);
    const notifier = createNotifier();
    this.#core = {
      config,
      notifier,
      engine: config.engine === undefined ? undefined : startEngine(config.engine, notifier),
      open: createOpenHandles(config.maxOpen, config.maxOpenAgeMs, config.flushIntervalMs),
    };
    void nextTurn().then(prepareIds);
    // Not here: listeners can only be added after the constructor.
    for (const problem of config.problems) queueMicrotask(() => notifier.warning(problem));
  }

  /** Starts a trace, or continues the one of the given id. */
  trace(body?: TraceBody): Trace {
    if (!this.#closed) return new Trace(this.#core, body);
    this.#core.notifier.warnOnce('closed', 'trace() after shutdown(): it and later calls do nothing');
    return new Trace({ ...this.#core, engine: undefined }, body);
  }

  /** Scores by id alone, from any process: feedback that a front end sends later. */
  score(body: ScoreByIdBody): this {
    writeScore(this.#core, body, body);
    return this;
  }

  /**
   * Sends everything now: all observations that have ended, all scores, all traces in which nothing is going on.
   * Resolves to the counts once it has settled, or after `flushTimeoutMs` with `pending > 0`. Never rejects.
   */
  async flush(): Promise<FlushResult> {
    writeQuiet(this.#core.open);
    return this.#core.engine?.flush() ?? nothing();
  }

  /** The same as `flush()`. */
  flushAsync(): Promise<FlushResult> {
    return this.flush();
  }

  /**
   * Writes what is still open as it stands (level WARNING, a status message that says so), sends everything, and
   * ends the worker. Resolves to the final counts; never rejects. Later calls do nothing, with one warning.
   */
  async shutdown(): Promise<FlushResult> {
    this.#closed = true;
    closeAll(this.#core.open, 'the client was shut down');
    return this.#core.engine?.shutdown() ?? nothing();
  }

  /** The same as `shutdown()`. */
  shutdownAsync(): Promise<FlushResult> {
    return this.shutdown();
  }

  /** Resolves once at most half of the ring is in use: for programs that outrun the server, and can wait. */
  async ready(): Promise<void> {
    await this.#core.engine?.ready();
  }

  /** The counts as of now. */
  stats(): Counts {
    return this.#core.engine?.stats() ?? nothing();
  }

  /** Listens for `error` (events have failed), `drop` (loss starts or ends) or `warning`, instead of the console. */
  on<K extends keyof EngineListeners>(kind: K, listener: EngineListeners[K]): this {
    this.#core.notifier.on(kind, listener);
    return this;
  }
}
