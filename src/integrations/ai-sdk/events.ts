/** The events of the AI SDK 7 (`ai` 7.0.173, dist/index.d.ts, `Telemetry`) as far as the integration reads them. */

export interface CallEvent {
  readonly callId: string;
  readonly recordInputs?: boolean | undefined;
  readonly recordOutputs?: boolean | undefined;
}

export interface StartEvent extends CallEvent, ModelSettings {
  readonly operationId: string;
  readonly provider?: string | undefined;
  readonly modelId?: string | undefined;
  readonly functionId?: string | undefined;
  /** Only the keys that `telemetry.includeRuntimeContext` names. */
  readonly runtimeContext?: Readonly<Record<string, unknown>> | undefined;
  readonly instructions?: unknown;
  readonly system?: unknown;
  readonly prompt?: unknown;
  readonly messages?: readonly unknown[] | undefined;
  /** Of embeddings. */
  readonly value?: unknown;
  /** Of a reranking. */
  readonly query?: string | undefined;
  readonly documents?: readonly unknown[] | undefined;
  /** Of speech. */
  readonly text?: string | undefined;
  readonly voice?: string | undefined;
  readonly speed?: number | undefined;
  readonly language?: string | undefined;
  readonly outputFormat?: string | undefined;
  /** Of a transcription: its size and media type. */
  readonly audio?: object | undefined;
}

export interface ModelSettings {
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly topK?: number | undefined;
  readonly presencePenalty?: number | undefined;
  readonly frequencyPenalty?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly reasoning?: unknown;
}

export interface StepStartEvent extends CallEvent {
  readonly stepNumber?: number | undefined;
  readonly runtimeContext?: Readonly<Record<string, unknown>> | undefined;
  /** The messages as the provider gets them. */
  readonly promptMessages?: readonly unknown[] | undefined;
  readonly stepToolChoice?: unknown;
}

export interface ModelCallStartEvent extends CallEvent, ModelSettings {
  readonly provider?: string | undefined;
  readonly modelId?: string | undefined;
  readonly instructions?: unknown;
  readonly messages?: readonly unknown[] | undefined;
  readonly promptMessages?: readonly unknown[] | undefined;
  readonly tools?: readonly unknown[] | undefined;
}

export interface LanguageUsage {
  readonly inputTokens?: number | undefined;
  readonly inputTokenDetails?: { readonly cacheReadTokens?: number; readonly cacheWriteTokens?: number };
  readonly outputTokens?: number | undefined;
  readonly outputTokenDetails?: { readonly reasoningTokens?: number };
}

export interface ContentPart {
  readonly type: string;
  readonly text?: string | undefined;
  readonly toolCallId?: string | undefined;
  readonly toolName?: string | undefined;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly error?: unknown;
  readonly providerExecuted?: boolean | undefined;
  readonly preliminary?: boolean | undefined;
}

export interface ModelCallEndEvent extends CallEvent {
  readonly modelId?: string | undefined;
  readonly finishReason?: string | undefined;
  readonly usage?: LanguageUsage | undefined;
  readonly content?: readonly ContentPart[] | undefined;
  readonly responseId?: string | undefined;
  readonly providerMetadata?: object | undefined;
  readonly performance?: { readonly timeToFirstOutputMs?: number | undefined } | undefined;
  /** Of `generateObject` and `streamObject`. */
  readonly objectText?: string | undefined;
  readonly msToFirstChunk?: number | undefined;
  readonly response?: { readonly id?: string; readonly modelId?: string } | undefined;
}

export interface ToolEvent extends CallEvent {
  readonly toolCall: { readonly toolCallId: string; readonly toolName: string; readonly input?: unknown };
  /** Only the keys that `telemetry.includeToolsContext` names. */
  readonly toolContext?: object | undefined;
  readonly toolOutput?: ContentPart | undefined;
}

export interface InnerCallEvent extends CallEvent {
  readonly operationId: string;
  readonly embedCallId?: string | undefined;
  readonly modelId?: string | undefined;
  readonly provider?: string | undefined;
  readonly values?: readonly unknown[] | undefined;
  readonly dimensions?: number | undefined;
  readonly embeddings?: readonly (readonly number[])[] | undefined;
  readonly usage?: { readonly tokens?: number } | undefined;
  readonly query?: string | undefined;
  readonly documents?: readonly unknown[] | undefined;
  readonly topN?: number | undefined;
  readonly ranking?: readonly unknown[] | undefined;
}

export interface EndEvent extends CallEvent {
  readonly operationId?: string | undefined;
  readonly finishReason?: string | undefined;
  readonly text?: string | undefined;
  readonly toolCalls?: readonly unknown[] | undefined;
  readonly content?: readonly ContentPart[] | undefined;
  readonly finalStep?: ModelCallEndEvent | undefined;
  readonly object?: unknown;
  readonly error?: unknown;
  readonly embedding?: unknown;
  readonly ranking?: readonly unknown[] | undefined;
  readonly audio?: object | undefined;
  readonly usage?: object | undefined;
  readonly language?: string | undefined;
  readonly durationInSeconds?: number | undefined;
}

export interface FailureEvent extends CallEvent {
  readonly error?: unknown;
  readonly reason?: unknown;
}

export interface ExecuteOptions<T> {
  readonly callId: string;
  readonly toolCallId?: string;
  readonly execute: () => PromiseLike<T>;
}
