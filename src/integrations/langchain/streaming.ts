/** Tells the first token of an answer from the empty chunks that providers send before it. */
import type { GenerationBody } from '../../index.js';
import type { Run } from './runs.js';

/** `HandleLLMNewTokenCallbackFields`: the chunk of an answer. */
interface TokenFields {
  readonly chunk?: { readonly message?: ChunkLike | undefined } | undefined;
}

interface ChunkLike {
  readonly content?: unknown;
  readonly tool_call_chunks?: readonly unknown[] | undefined;
  readonly additional_kwargs?: { readonly reasoning_content?: unknown } | undefined;
}

/** A token of text, a part of a tool call, a content block, or reasoning. */
export function isFirstToken(token: unknown, fields: unknown): boolean {
  if (token !== '') return true;
  const message = (fields as TokenFields | undefined)?.chunk?.message;
  // Without a chunk nothing says more, so that the call itself counts.
  if (message === undefined) return true;
  if ((message.tool_call_chunks?.length ?? 0) > 0) return true;
  if (message.additional_kwargs?.reasoning_content) return true;
  return Array.isArray(message.content) && message.content.length > 0;
}

/** Of LangChain's events of content blocks: the first that carries content. */
export function isFirstEvent(event: unknown): boolean {
  return (event as { readonly event?: unknown } | null)?.event === 'content-block-delta';
}

export function noteFirstToken(body: GenerationBody, { firstTokenAt }: Run): void {
  if (firstTokenAt !== 0) body.completionStartTime = firstTokenAt;
}
