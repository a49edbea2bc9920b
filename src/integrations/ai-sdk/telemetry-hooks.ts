/** The hooks of the AI SDK 7 that the integration has, as a type of its own: declarations do not need the package `ai`. */

/**
 * What `tailraceTelemetry()` makes: fits the type `Telemetry` of the package `ai`, version 7, which calls its methods. Its methods never
 * throw.
 */
export interface TelemetryIntegration {
  onStart(event: unknown): void;
  onStepStart(event: unknown): void;
  onLanguageModelCallStart(event: unknown): void;
  onLanguageModelCallEnd(event: unknown): void;
  onToolExecutionStart(event: unknown): void;
  onToolExecutionEnd(event: unknown): void;
  onStepError(event: unknown): void;
  onObjectStepStart(event: unknown): void;
  onObjectStepEnd(event: unknown): void;
  onEmbedStart(event: unknown): void;
  onEmbedEnd(event: unknown): void;
  onRerankStart(event: unknown): void;
  onRerankEnd(event: unknown): void;
  experimental_onStreamTranscriptionStart(event: unknown): void;
  experimental_onStreamTranscriptionEnd(event: unknown): void;
  onEnd(event: unknown): void;
  onAbort(event: unknown): void;
  onError(event: unknown): void;
  executeLanguageModelCall<T>(options: { callId: string; execute: () => PromiseLike<T> }): PromiseLike<T>;
  executeTool<T>(options: {
    callId: string;
    toolCallId: string;
    execute: () => PromiseLike<T>;
  }): PromiseLike<T>;
}
