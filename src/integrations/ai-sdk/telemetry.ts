/** The telemetry integration of the AI SDK 7: its hooks begin and end the observations of a call. */
import type { GenerationBody, Observation, TailraceClient } from '../../index.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { type ClientSource, clientOf } from '../common/client.js';
import { guarded } from '../common/guard.js';
import { runInside } from '../common/inside.js';
import type {
  CallEvent,
  EndEvent,
  ExecuteOptions,
  FailureEvent,
  InnerCallEvent,
  ModelCallEndEvent,
  ModelCallStartEvent,
  StartEvent,
  StepStartEvent,
  ToolEvent,
} from './events.js';
import { failureOf } from './failure.js';
import {
  endOutput,
  hasKeys,
  isCount,
  linkedPrompt,
  providerUsage,
  shapeOf,
  traceAttributes,
  withContext,
} from './fields.js';
import { beginGeneration, endGeneration, endMetadata, failureOfEnd } from './model-calls.js';
import { addCall, callsOf, isEcho, type OpenCall, type OpenCalls } from './open-calls.js';
import { beginRoot } from './roots.js';
import type { TelemetryIntegration } from './telemetry-hooks.js';

/**
 * Traces the calls of the AI SDK 7: pass the result to `registerTelemetry`, or to one call as `telemetry: { integrations: [...] }`.
 * OpenTelemetry is not needed.
 *
 * @param options `client`, or options of a client of its own. @default the default client
 *
 * @example
 * import { registerTelemetry } from 'ai';
 * import { tailraceTelemetry } from 'tailrace/ai-sdk';
 *
 * registerTelemetry(tailraceTelemetry());
 */
export function tailraceTelemetry(options: ClientSource = {}): TelemetryIntegration {
  return new AiSdkTelemetry(options ?? {});
}

class AiSdkTelemetry implements TelemetryIntegration {
  readonly #client: () => TailraceClient;
  /** Those that this integration traces. */
  readonly #calls: OpenCalls = new Map();

  constructor(options: ClientSource) {
    this.#client = clientOf(options, 'ai-sdk');
  }

  onStart(event: unknown): void {
    guarded(this.#client, 'ai-sdk onStart', () => this.#begin(event as StartEvent));
  }

  experimental_onStreamTranscriptionStart(event: unknown): void {
    this.onStart(event);
  }

  onStepStart(event: unknown): void {
    this.#in('onStepStart', event as StepStartEvent, (call, step) => {
      call.context = step.runtimeContext ?? call.context;
      call.promptMessages = step.promptMessages;
      call.toolChoice = step.stepToolChoice;
      call.stepNumber = step.stepNumber;
    });
  }

  onLanguageModelCallStart(event: unknown): void {
    this.#in('onLanguageModelCallStart', event as ModelCallStartEvent, (call, start) => {
      // A stream is tried again without an end of the attempt that failed.
      call.generation?.end({ level: 'ERROR', statusMessage: 'the model call failed and was tried again' });
      beginGeneration(call, start);
    });
  }

  onObjectStepStart(event: unknown): void {
    this.#in('onObjectStepStart', event as ModelCallStartEvent, (call, start) =>
      beginGeneration(call, start),
    );
  }

  onLanguageModelCallEnd(event: unknown): void {
    this.#in('onLanguageModelCallEnd', event as ModelCallEndEvent, endGeneration);
  }

  onObjectStepEnd(event: unknown): void {
    this.#in('onObjectStepEnd', event as ModelCallEndEvent, endGeneration);
  }

  onToolExecutionStart(event: unknown): void {
    this.#in('onToolExecutionStart', event as ToolEvent, (call, { toolCall, toolContext }) => {
      const metadata = withContext({ toolCallId: toolCall.toolCallId }, call.context);
      if (hasKeys(toolContext)) metadata.toolContext = toolContext;
      innerOf(call).set(
        toolCall.toolCallId,
        call.root.tool({ name: toolCall.toolName, input: toolCall.input, metadata }) as Observation<never>,
      );
    });
  }

  onToolExecutionEnd(event: unknown): void {
    this.#in('onToolExecutionEnd', event as ToolEvent, (call, { toolCall, toolOutput }) => {
      const tool = take(call, toolCall.toolCallId);
      if (toolOutput?.type === 'tool-error') tool?.end(failureOf(toolOutput.error));
      else tool?.end({ output: toolOutput?.output });
    });
  }

  onEmbedStart(event: unknown): void {
    this.#in('onEmbedStart', event as InnerCallEvent, (call, start) => {
      const { values, provider, modelId, dimensions } = start;
      const embedding = call.root.embedding({
        name: start.operationId,
        model: modelId,
        input: values,
        modelParameters: dimensions === undefined ? undefined : { dimensions },
        metadata: withContext({ provider }, call.context),
      });
      innerOf(call).set(start.embedCallId ?? '', embedding as Observation<never>);
    });
  }

  onEmbedEnd(event: unknown): void {
    this.#in('onEmbedEnd', event as InnerCallEvent, (call, { embedCallId, embeddings, usage }) => {
      const tokens = usage?.tokens;
      take(call, embedCallId ?? '')?.end({
        output: shapeOf(embeddings),
        usageDetails: isCount(tokens) ? { input: tokens } : undefined,
      });
    });
  }

  onRerankStart(event: unknown): void {
    this.#in('onRerankStart', event as InnerCallEvent, (call, start) => {
      const { query, documents, topN, provider, modelId } = start;
      call.generation = call.root.generation({
        name: start.operationId,
        model: modelId,
        input: { query, documents },
        modelParameters: topN === undefined ? undefined : { topN },
        metadata: withContext({ provider }, call.context),
        prompt: linkedPrompt(call.context),
      });
    });
  }

  onRerankEnd(event: unknown): void {
    this.#in('onRerankEnd', event as InnerCallEvent, (call, { ranking }) => {
      call.generation?.end({ output: ranking });
      call.generation = undefined;
    });
  }

  /** The call goes on: after it comes `onError`, `onEnd` or `onAbort`. */
  onStepError(event: unknown): void {
    this.#in('onStepError', event as FailureEvent, (call, { error }) => {
      call.generation?.end(failureOf(error));
      call.generation = undefined;
    });
  }

  onEnd(event: unknown): void {
    this.#end('onEnd', event as EndEvent, (call, end) => {
      // A stream that breaks off with an error has no end of its model call.
      if (call.generation !== undefined) endGeneration(call, (end.finalStep ?? end) as ModelCallEndEvent);
      return {
        output: endOutput(end),
        usageDetails: call.root.type === 'generation' ? providerUsage(end.usage) : undefined,
        metadata: endMetadata(end),
        ...failureOfEnd(end),
      };
    });
  }

  experimental_onStreamTranscriptionEnd(event: unknown): void {
    this.onEnd(event);
  }

  onAbort(event: unknown): void {
    this.#end('onAbort', event as FailureEvent, (_, { reason }) => failureOf(reason, true));
  }

  onError(event: unknown): void {
    this.#end('onError', event as FailureEvent, (_, { error }) => failureOf(error));
  }

  executeLanguageModelCall<T>({ callId, execute }: ExecuteOptions<T>): PromiseLike<T> {
    const call = this.#calls.get(callId);
    return call?.generation === undefined ? execute() : runInside(call.client, call.generation, execute);
  }

  executeTool<T>({ callId, toolCallId, execute }: ExecuteOptions<T>): PromiseLike<T> {
    const call = this.#calls.get(callId);
    const tool = call?.inner?.get(toolCallId as string);
    return call === undefined || tool === undefined ? execute() : runInside(call.client, tool, execute);
  }

  #begin(start: StartEvent): void {
    const client = this.#client();
    const all = callsOf(client);
    const known = all.get(start.callId);
    if (known !== undefined) {
      if (known.owner === this) known.copies++;
      return;
    }
    const context = start.runtimeContext;
    const attributes = traceAttributes(context);
    const begin = () => beginRoot(client, start);
    const call: OpenCall = {
      client,
      owner: this,
      startedAtMs: monotonicNow(),
      operationId: start.operationId,
      root: attributes === undefined ? begin() : client.propagateAttributes(attributes, begin),
      context,
      promptMessages: undefined,
      toolChoice: undefined,
      stepNumber: undefined,
      generation: undefined,
      generationStartedAtMs: 0,
      inner: undefined,
      copies: 1,
      seen: undefined,
    };
    addCall(all, start.callId, call);
    addCall(this.#calls, start.callId, call);
  }

  /** @param read Tells how the call ended. If it fails, the call ends without it. */
  #end<E extends CallEvent>(
    hook: string,
    event: E,
    read: (call: OpenCall, event: E) => GenerationBody,
  ): void {
    this.#in(hook, event, (call, end) => {
      const { callId } = end;
      this.#calls.delete(callId);
      callsOf(call.client).delete(callId);
      let body: GenerationBody = {};
      try {
        body = read(call, end);
      } finally {
        const { level, statusMessage } = body;
        if (call.inner !== undefined)
          for (const inner of call.inner.values()) inner.end({ level, statusMessage });
        call.generation?.end({ level, statusMessage });
        call.root.end(body);
      }
    });
  }

  #in<E extends CallEvent>(hook: string, event: E, work: (call: OpenCall, event: E) => void): void {
    guarded(this.#client, `ai-sdk ${hook}`, () => {
      const call = this.#calls.get(event.callId);
      if (call !== undefined && !isEcho(call, hook)) work(call, event);
    });
  }
}

function innerOf(call: OpenCall): Map<string, Observation<'generation'>> {
  call.inner ??= new Map();
  return call.inner;
}

function take(call: OpenCall, key: string): Observation<'generation'> | undefined {
  const found = call.inner?.get(key);
  call.inner?.delete(key);
  return found;
}
