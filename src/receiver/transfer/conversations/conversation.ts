/** One line of a replay file: a recorded conversation, checked before anything of it is traced. */
import { show } from '../../../shared/untrusted-text/show.js';

/** An OpenAI chat message. Other fields are kept as well. */
export interface ChatMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly name?: string;
  readonly tool_calls?: readonly ToolCall[];
  readonly tool_call_id?: string;
  /** The older form of `tool_calls`: at most one call, answered by role `function`. */
  readonly function_call?: FunctionCall;
}

export interface ToolCall {
  readonly id?: string;
  readonly function?: FunctionCall;
}

export interface FunctionCall {
  readonly name?: string;
  /** JSON; models sometimes write invalid JSON. */
  readonly arguments?: unknown;
}

interface ConversationScore {
  readonly name: string;
  readonly value: number | string | boolean;
  readonly comment?: string;
}

export interface Conversation {
  readonly id?: string;
  readonly model?: string;
  readonly messages: readonly ChatMessage[];
  readonly metadata?: unknown;
  readonly scores: readonly ConversationScore[];
}

/** The conversation, or why the line is invalid. */
type ParsedLine =
  | { readonly conversation: Conversation; readonly problem?: undefined }
  | { readonly conversation?: undefined; readonly problem: string };

export function parseConversation(text: string): ParsedLine {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch (error) {
    return { problem: `not JSON (${(error as Error).message.slice(0, 120)})` };
  }
  return checkedConversation(line);
}

export function checkedConversation(line: unknown): ParsedLine {
  if (!isObject(line)) return { problem: `must be an object, but got: ${show(line)}` };
  const { id, model, messages, metadata, scores } = line;
  const problem = problemOfMessages(messages) ?? problemOfScores(scores);
  if (problem !== undefined) return { problem };
  return {
    conversation: {
      id: textOf(id),
      model: textOf(model),
      messages: messages as ChatMessage[],
      metadata,
      scores: ((scores ?? []) as ConversationScore[]).map(({ name, value, comment }) => ({
        name,
        value,
        comment: textOf(comment),
      })),
    },
  };
}

function problemOfMessages(messages: unknown): string | undefined {
  if (!Array.isArray(messages)) return `messages must be an array, but got: ${show(messages)}`;
  if (messages.length === 0) return 'messages is empty';
  for (const [index, message] of messages.entries()) {
    if (!isObject(message)) return `messages[${index}] must be an object, but got: ${show(message)}`;
    const { role, tool_calls } = message;
    if (typeof role !== 'string') return `messages[${index}].role must be a string, but got: ${show(role)}`;
    if (tool_calls === undefined || tool_calls === null) continue;
    if (!Array.isArray(tool_calls) || !tool_calls.every(isObject)) {
      return `messages[${index}].tool_calls must be an array of objects, but got: ${show(tool_calls)}`;
    }
  }
  return undefined;
}

function problemOfScores(scores: unknown): string | undefined {
  if (scores === undefined || scores === null) return undefined;
  if (!Array.isArray(scores)) return `scores must be an array, but got: ${show(scores)}`;
  for (const [index, score] of scores.entries()) {
    const { name, value } = isObject(score) ? score : {};
    if (typeof name !== 'string' || name === '') {
      return `scores[${index}].name must be a non-empty string, but got: ${show(name)}`;
    }
    if (!['number', 'string', 'boolean'].includes(typeof value)) {
      return `scores[${index}].value must be a number, a string or a boolean, but got: ${show(value)}`;
    }
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : undefined;
}
