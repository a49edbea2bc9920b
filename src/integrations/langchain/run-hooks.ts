/** The hooks that LangChain calls: each tells the tracer of runs what its run is and has. */
import { now } from '../../tracing/clock.js';
import { HandlerBase } from './handler-base.js';
import type { MessageLike, ResultLike, SerializedLike } from './langchain-types.js';
import { chainInput, chainOutput, toChats, toolOutput } from './messages.js';
import { answeringModelOf, describeModel, lastGeneration, modelOutput } from './model.js';
import { describeError } from './run-errors.js';
import type { RunTracer } from './run-tracer.js';
import { isFirstEvent, isFirstToken, noteFirstToken } from './streaming.js';
import { usageOf } from './usage.js';

/** The hooks of a `CallbackHandler`, for LangChain. None of them throws. */
export abstract class RunHooks extends HandlerBase {
  readonly #tracer: RunTracer;

  /** @internal */
  constructor(tracer: RunTracer, awaitHandlers: boolean) {
    super(awaitHandlers);
    this.#tracer = tracer;
  }

  handleChainStart(
    component: unknown,
    inputs: unknown,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Record<string, unknown>,
    _runType?: string,
    name?: string,
  ): void {
    const type = 'span';
    this.#tracer.start(
      { type, component: of(component), name, runId, parentRunId, tags, metadata },
      (body) => {
        body.input = chainInput(inputs);
      },
    );
  }

  /** @param late Inputs that were not known at the start, as they are a stream. */
  handleChainEnd(
    outputs: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: string[],
    late?: { inputs?: unknown },
  ): void {
    this.#tracer.end('handleChainEnd', runId, (body) => {
      body.output = chainOutput(outputs);
      if (late?.inputs !== undefined) body.input = chainInput(late.inputs);
    });
  }

  handleChainError(
    error: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: string[],
    late?: { inputs?: unknown },
  ): void {
    this.#tracer.end('handleChainError', runId, (body) => {
      describeError(body, error);
      if (late?.inputs !== undefined) body.input = chainInput(late.inputs);
    });
  }

  handleChatModelStart(
    component: unknown,
    messages: unknown,
    runId: string,
    parentRunId?: string,
    extra?: Record<string, unknown>,
    tags?: string[],
    metadata?: Record<string, unknown>,
    name?: string,
  ): void {
    const type = 'generation';
    this.#tracer.start(
      { type, component: of(component), name, runId, parentRunId, tags, metadata },
      (body) => {
        describeModel(body, extra, metadata, toChats(messages as MessageLike[][]));
      },
    );
  }

  handleLLMStart(
    component: unknown,
    prompts: unknown,
    runId: string,
    parentRunId?: string,
    extra?: Record<string, unknown>,
    tags?: string[],
    metadata?: Record<string, unknown>,
    name?: string,
  ): void {
    const type = 'generation';
    this.#tracer.start(
      { type, component: of(component), name, runId, parentRunId, tags, metadata },
      (body) => {
        describeModel(body, extra, metadata, prompts);
      },
    );
  }

  handleLLMNewToken(
    token: unknown,
    _indices: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: string[],
    fields?: unknown,
  ): void {
    const run = this.#tracer.get(runId);
    if (run?.firstTokenAt !== 0) return;
    this.#tracer.guarded('handleLLMNewToken', () => {
      if (isFirstToken(token, fields)) run.firstTokenAt = now();
    });
  }

  /** In place of `handleLLMNewToken`, if a handler (of LangGraph's streams) asks LangChain for events of content blocks. */
  handleChatModelStreamEvent(event: unknown, runId: string): void {
    const run = this.#tracer.get(runId);
    if (run?.firstTokenAt !== 0) return;
    this.#tracer.guarded('handleChatModelStreamEvent', () => {
      if (isFirstEvent(event)) run.firstTokenAt = now();
    });
  }

  handleLLMEnd(output: unknown, runId: string): void {
    this.#tracer.end('handleLLMEnd', runId, (body, run) => {
      noteFirstToken(body, run);
      const result = output as ResultLike;
      const generation = lastGeneration(result);
      body.output = modelOutput(generation);
      body.model = answeringModelOf(generation);
      body.usageDetails = usageOf(result, generation);
    });
  }

  handleLLMError(error: unknown, runId: string): void {
    this.#tracer.end('handleLLMError', runId, (body, run) => {
      noteFirstToken(body, run);
      describeError(body, error);
    });
  }

  handleToolStart(
    component: unknown,
    input: unknown,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Record<string, unknown>,
    name?: string,
  ): void {
    const type = 'tool';
    this.#tracer.start(
      { type, component: of(component), name, runId, parentRunId, tags, metadata },
      (body) => {
        body.input = input;
      },
    );
  }

  handleToolEnd(output: unknown, runId: string): void {
    this.#tracer.end('handleToolEnd', runId, (body) => {
      body.output = toolOutput(output);
    });
  }

  handleToolError(error: unknown, runId: string): void {
    this.#tracer.end('handleToolError', runId, (body) => describeError(body, error));
  }

  handleRetrieverStart(
    component: unknown,
    query: unknown,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Record<string, unknown>,
    name?: string,
  ): void {
    const type = 'retriever';
    this.#tracer.start(
      { type, component: of(component), name, runId, parentRunId, tags, metadata },
      (body) => {
        body.input = query;
      },
    );
  }

  handleRetrieverEnd(documents: unknown, runId: string): void {
    this.#tracer.end('handleRetrieverEnd', runId, (body) => {
      body.output = documents;
    });
  }

  handleRetrieverError(error: unknown, runId: string): void {
    this.#tracer.end('handleRetrieverError', runId, (body) => describeError(body, error));
  }

  /** An agent of the older kind (`AgentExecutor`) has chosen a tool. The run is that of the agent itself. */
  handleAgentAction(action: unknown, runId: string): void {
    this.#tracer.guarded('handleAgentAction', () => {
      const name = (action as { tool?: string } | null)?.tool ?? 'agent action';
      this.#tracer.get(runId)?.observation.event({ name, input: action });
    });
  }

  /**
   * LangChain calls `_createRunFor…` of a handler that has this method (a tracer of its own) where the run begins. So a run whose hooks
   * are called from a queue begins in the right order, at the right time, and under what is active there.
   *
   * @internal
   */
  get _addRunToRunMap(): (() => void) | undefined {
    return this.awaitHandlers ? undefined : () => {};
  }

  /** @internal */
  _createRunForChainStart(...start: Parameters<RunHooks['handleChainStart']>): void {
    this.handleChainStart(...start);
  }

  /** @internal */
  _createRunForChatModelStart(...start: Parameters<RunHooks['handleChatModelStart']>): void {
    this.handleChatModelStart(...start);
  }

  /** @internal */
  _createRunForLLMStart(...start: Parameters<RunHooks['handleLLMStart']>): void {
    this.handleLLMStart(...start);
  }

  /** @internal The start hook gets the input as text. */
  _createRunForToolStart(...start: Parameters<RunHooks['handleToolStart']>): void {
    const [component, input, ...rest] = start;
    this.#tracer.guarded('handleToolStart', () => {
      this.handleToolStart(component, typeof input === 'string' ? input : JSON.stringify(input), ...rest);
    });
  }

  /** @internal */
  _createRunForRetrieverStart(...start: Parameters<RunHooks['handleRetrieverStart']>): void {
    this.handleRetrieverStart(...start);
  }
}

function of(component: unknown): SerializedLike | undefined {
  return component as SerializedLike | undefined;
}
