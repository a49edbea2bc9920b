/** Finds the messages of a chat in the input and output of a generation: in OpenAI's form, or what can be brought into it. */

import { isObject } from '../../../ingest/json-text.js';

export type ChatMessage = Record<string, unknown> & { role: string };

/** Input and output of a generation together; null: they hold no chat. */
export function conversationOf(input: unknown, output: unknown): ChatMessage[] | null {
  const before = messagesOf(input);
  const after = answerOf(output);
  // A text is a chat only with an answer, or after one.
  if (before === null || (after === null && output !== null && output !== undefined)) return null;
  return [...before, ...(after ?? [])];
}

/** A list of messages, one message, `{messages}`, or the text of a user. */
function messagesOf(value: unknown): ChatMessage[] | null {
  if (typeof value === 'string') return value === '' ? null : [{ role: 'user', content: value }];
  if (Array.isArray(value)) {
    // LangChain has a list for each of several prompts.
    const list: unknown[] = value.length === 1 && Array.isArray(value[0]) ? value[0] : value;
    const messages = list.map(messageOf);
    return list.length === 0 || messages.includes(null) ? null : (messages as ChatMessage[]);
  }
  if (!isObject(value)) return null;
  for (const name of ['messages', 'contents', 'input'] as const) {
    const messages = Array.isArray(value[name]) ? messagesOf(value[name]) : null;
    if (messages === null) continue;
    const system = value.system ?? value.instructions;
    return system === undefined || system === null
      ? messages
      : [{ role: 'system', content: system }, ...messages];
  }
  const message = messageOf(value);
  return message === null ? null : [message];
}

/** The answer of a model: as messages, as `choices`, as `output`, or as a text. */
function answerOf(value: unknown): ChatMessage[] | null {
  if (typeof value === 'string') return value === '' ? null : [{ role: 'assistant', content: value }];
  if (isObject(value)) {
    if (Array.isArray(value.choices)) {
      const [choice] = value.choices as unknown[];
      return isObject(choice) ? messagesOf(choice.message) : null;
    }
    if (Array.isArray(value.output)) return messagesOf(value.output);
    // Anthropic's answer is a message with more fields.
    if (value.type === 'message' && value.role === 'assistant') {
      return [{ role: 'assistant', content: value.content }];
    }
    // The AI SDK has the text and the calls side by side.
    if (value.role === undefined && typeof value.text === 'string') {
      return [{ role: 'assistant', content: value.text }];
    }
  }
  return messagesOf(value);
}

/** LangChain's and Gemini's names of roles. */
const ROLES: Record<string, string> = {
  human: 'user',
  ai: 'assistant',
  model: 'assistant',
  HumanMessage: 'user',
  AIMessage: 'assistant',
  SystemMessage: 'system',
  ToolMessage: 'tool',
};

/** A message of OpenAI stays as it is. */
function messageOf(raw: unknown): ChatMessage | null {
  if (!isObject(raw)) return null;
  if (typeof raw.role === 'string') {
    if (raw.content !== undefined || Array.isArray(raw.tool_calls) || isObject(raw.function_call)) {
      return withRole(raw, raw.role);
    }
    // OpenTelemetry's and Gemini's messages have parts.
    return Array.isArray(raw.parts) ? partsMessage(raw.role, raw.parts) : null;
  }
  const isLangChain =
    typeof raw.type === 'string' && Object.hasOwn(ROLES, raw.type) && raw.content !== undefined;
  if (!isLangChain) return null;
  const { type, ...rest } = raw;
  return withRole(rest, String(type));
}

function withRole(raw: Record<string, unknown>, role: string): ChatMessage {
  return { ...raw, role: Object.hasOwn(ROLES, role) ? (ROLES[role] as string) : role };
}

function partsMessage(role: string, parts: unknown[]): ChatMessage {
  const texts = parts.flatMap((part) => {
    if (!isObject(part)) return [];
    const text = part.text ?? (part.type === 'text' ? part.content : undefined);
    return typeof text === 'string' ? [text] : [];
  });
  const isText = texts.length === parts.length;
  return withRole({ content: isText ? texts.join('\n') : parts }, role);
}
