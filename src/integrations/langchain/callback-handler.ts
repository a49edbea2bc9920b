/** The callback handler for LangChain and LangGraph: what an application sees of it. */
import type { FlushResult, TailraceClient } from '../../index.js';
import { type CallbackHandlerOptions, splitOptions } from './options.js';
import { RunHooks } from './run-hooks.js';
import { RunTracer } from './run-tracer.js';

/**
 * Traces the runs of LangChain and LangGraph: pass it in `callbacks`. Takes the place of the `CallbackHandler` of `@langfuse/langchain`
 * and of `langfuse-langchain`. One handler serves any number of runs, also at the same time.
 *
 * The hooks (`handleChainStart`, …) are for LangChain. None of them throws.
 *
 * @example
 * const handler = new CallbackHandler({ sessionId: 'chat-1' });
 * const answer = await chain.invoke({ question }, { callbacks: [handler] });
 * await handler.flushAsync();
 */
export class CallbackHandler extends RunHooks {
  readonly #tracer: RunTracer;

  constructor(options?: CallbackHandlerOptions | null) {
    const { trace, client, awaitHandlers } = splitOptions(options);
    const tracer = new RunTracer(client, trace);
    super(tracer, awaitHandlers);
    this.#tracer = tracer;
    tracer.serve(this);
  }

  /** The client that the handler traces through: its own, that of `root`, or the default client as it is now. */
  get client(): TailraceClient {
    return this.#tracer.client();
  }

  /** Sends everything now. Resolves to the counts (see `client.flush()`); never rejects. */
  flushAsync(): Promise<FlushResult> {
    return this.client.flush();
  }

  /** Sends everything and shuts the client down, for all that use it (see `client.shutdown()`). Never rejects. */
  shutdownAsync(): Promise<FlushResult> {
    return this.client.shutdown();
  }

  /** Reports each batch from now on (see `client.debug()`). */
  debug(enabled = true): void {
    this.client.debug(enabled);
  }

  /** Trace of the run that ended last: 32 hexadecimal digits. With several runs at a time use `getActiveTraceId()` inside of them. */
  get last_trace_id(): string | null {
    return this.#tracer.lastTraceId;
  }

  /** Trace of the outermost run that began last, as in Langfuse 3. Undefined before the first run. */
  get traceId(): string | undefined {
    return this.#tracer.traceId;
  }

  /** The same as `traceId`. */
  getTraceId(): string | undefined {
    return this.#tracer.traceId;
  }

  /** Address of the page of that trace. Undefined before the first run. */
  getTraceUrl(): string | undefined {
    const { traceId } = this.#tracer;
    return traceId === undefined ? undefined : this.client.getTraceUrl(traceId);
  }

  /** LangChain's id of the outermost run that began last. */
  getLangchainRunId(): string | undefined {
    return this.#tracer.rootRunId;
  }
}
