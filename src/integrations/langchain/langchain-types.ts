/**
 * LangChain's values as its callbacks pass them, as far as they are read. Structural, so that the entry works with every version and copy
 * of `@langchain/core`: LangChain itself takes any object with a name as a handler, and an application often has two copies.
 */

/** `BaseMessage`. */
export interface MessageLike {
  readonly content: unknown;
  readonly name?: string | undefined;
  /** Of a ChatMessage. */
  readonly role?: string | undefined;
  readonly tool_calls?: unknown;
  readonly tool_call_id?: string | undefined;
  readonly status?: string | undefined;
  readonly artifact?: unknown;
  readonly additional_kwargs?: Record<string, unknown> | undefined;
  readonly response_metadata?: Record<string, unknown> | undefined;
  readonly usage_metadata?: object | undefined;
  /** `human`, `ai`, `system`, `tool`, `function`, `generic`, … */
  getType?(): string;
  /** Its name before core 0.3.24. */
  _getType?(): string;
}

/** `Generation`, or `ChatGeneration` if it has a message. */
export interface GenerationLike {
  readonly text?: string | undefined;
  readonly message?: MessageLike | undefined;
  readonly generationInfo?: Record<string, unknown> | undefined;
}

/** `LLMResult`. */
export interface ResultLike {
  readonly generations?: readonly (readonly (GenerationLike | undefined)[])[] | undefined;
  readonly llmOutput?: Record<string, unknown> | undefined;
}

/** `Serialized`: the component that runs, by its class. */
export interface SerializedLike {
  readonly id?: readonly string[] | undefined;
}

export type Fields = Readonly<Record<string, unknown>>;

export type Metadata = Fields | undefined;

export type Tags = readonly string[] | undefined;
