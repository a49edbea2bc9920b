/** The generations of a call: one for each call of the model, begun and ended with what the SDK's events say. */
import type { GenerationBody, Observation } from '../../index.js';
import { now } from '../../tracing/clock.js';
import type { EndEvent, ModelCallEndEvent, ModelCallStartEvent } from './events.js';
import { type Failure, failureOf } from './failure.js';
import {
  hasKeys,
  linkedPrompt,
  modelParameters,
  outputOf,
  promptOf,
  toolDefinitions,
  usageOf,
  withContext,
} from './fields.js';
import type { OpenCall } from './open-calls.js';

/** The SDK gives the error of a stream's part to the application's `onError`, not to telemetry. */
const STREAM_FAILED = { level: 'ERROR', statusMessage: 'the stream ended with an error' } as const;

export function beginGeneration(call: OpenCall, start: ModelCallStartEvent): void {
  const metadata = withContext({ provider: start.provider }, call.context);
  if (call.stepNumber !== undefined) metadata.stepNumber = call.stepNumber;
  const tools = toolDefinitions(start.tools);
  if (tools !== undefined) {
    metadata.tools = tools;
    metadata.toolChoice = call.toolChoice;
  }
  call.generation = call.root.generation({
    name: `${call.operationId}.${call.operationId.startsWith('ai.stream') ? 'doStream' : 'doGenerate'}`,
    model: start.modelId,
    input: promptOf(start, call.promptMessages),
    modelParameters: modelParameters(start),
    metadata,
    prompt: linkedPrompt(call.context),
  });
  call.generationStartedAtMs = now();
  call.promptMessages = undefined;
}

export function endGeneration(call: OpenCall, end: ModelCallEndEvent): void {
  const { generation } = call;
  if (generation === undefined) return;
  call.generation = undefined;
  let body: GenerationBody = {};
  try {
    recordProviderTools(generation, end);
    body = answerOf(end, call.generationStartedAtMs);
  } finally {
    generation.end(body);
  }
}

function answerOf(end: ModelCallEndEvent, startedAtMs: number): GenerationBody {
  const firstMs = end.performance?.timeToFirstOutputMs ?? end.msToFirstChunk;
  return {
    output: end.objectText ?? outputOf(end.content),
    usageDetails: usageOf(end.usage),
    model: end.modelId ?? end.response?.modelId,
    completionStartTime: firstMs === undefined ? undefined : startedAtMs + firstMs,
    metadata: endMetadata(end),
    ...(end.finishReason === 'error' ? STREAM_FAILED : undefined),
  };
}

export function failureOfEnd({ error, finishReason }: EndEvent): Failure | undefined {
  if (error !== undefined && error !== null) return failureOf(error);
  return finishReason === 'error' ? STREAM_FAILED : undefined;
}

export function endMetadata(end: ModelCallEndEvent & EndEvent): object | undefined {
  const metadata: Record<string, unknown> = {};
  if (end.finishReason !== undefined) metadata.finishReason = end.finishReason;
  const responseId = end.responseId ?? (end.objectText === undefined ? undefined : end.response?.id);
  if (responseId !== undefined) metadata.responseId = responseId;
  if (responseId !== undefined && hasKeys(end.providerMetadata))
    metadata.providerMetadata = end.providerMetadata;
  if (end.language !== undefined) metadata.language = end.language;
  if (end.durationInSeconds !== undefined) metadata.durationInSeconds = end.durationInSeconds;
  return hasKeys(metadata) ? metadata : undefined;
}

/** Tools that ran at the provider: nobody knows when, so they have no duration. */
function recordProviderTools(generation: Observation<'generation'>, { content }: ModelCallEndEvent): void {
  if (content === undefined) return;
  for (const part of content) {
    if (part.type !== 'tool-call' || !part.providerExecuted) continue;
    const result = content.find(
      (other) =>
        other.toolCallId === part.toolCallId &&
        (other.type === 'tool-error' || (other.type === 'tool-result' && !other.preliminary)),
    );
    generation
      .tool({ name: part.toolName, input: part.input, metadata: { toolCallId: part.toolCallId } })
      .end(result?.type === 'tool-error' ? failureOf(result.error) : { output: result?.output });
  }
}
