/** LangChain's messages in the form of chat messages, which Langfuse's page renders: `{ role, content, tool_calls }`. */
import type { Fields, MessageLike } from './langchain-types.js';

const ROLES: Readonly<Record<string, string>> = { human: 'user', ai: 'assistant', system: 'system' };

/** By its methods: a message may come from another copy of LangChain than the one that the application imports. */
export function isMessage(value: unknown): value is MessageLike {
  if (typeof value !== 'object' || value === null || !('content' in value)) return false;
  const { getType, _getType } = value as MessageLike;
  return typeof getType === 'function' || typeof _getType === 'function';
}

/** @param withArtifact Whether the artifact of a tool's result is shown: the model does not see it. */
export function toChat(message: MessageLike, withArtifact = false): Fields {
  const type = message.getType?.() ?? message._getType?.() ?? '';
  const kwargs = message.additional_kwargs;
  const chat: Record<string, unknown> = { content: message.content };
  if (type === 'tool' || type === 'function') {
    chat.role = message.name ?? type;
    chat.additional_kwargs = kwargs;
    if (message.tool_call_id !== undefined) chat.tool_call_id = message.tool_call_id;
    if (message.status === 'error') chat.status = message.status;
    if (withArtifact && message.artifact !== undefined) chat.artifact = message.artifact;
    return chat;
  }
  chat.role = ROLES[type] ?? (type === 'generic' ? (message.role ?? 'human') : message.name);
  if (type === 'ai') {
    const calls = kwargs?.tool_calls ?? message.tool_calls;
    if (Array.isArray(calls) && calls.length > 0) chat.tool_calls = calls;
  }
  if (kwargs && (kwargs.function_call || (kwargs.tool_calls && chat.tool_calls === undefined))) {
    if (chat.tool_calls === undefined) chat.additional_kwargs = kwargs;
  }
  return chat;
}

/** All groups of messages of one call of a model as one list. */
export function toChats(groups: readonly (readonly MessageLike[])[]): unknown[] {
  const chats: unknown[] = [];
  for (const group of groups) for (const message of group) chats.push(shape(message));
  return chats;
}

/** A message, a list of messages, or an object with such fields, with chat messages in their place; any other value as it is. */
export function shape(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isMessage(value)) return toChat(value);
  if (Array.isArray(value)) return isMessages(value) ? value.map((message) => toChat(message)) : value;
  return shapeFields(value);
}

function isMessages(value: unknown): value is readonly MessageLike[] {
  return Array.isArray(value) && value.length > 0 && value.every(isMessage);
}

/** Copies the object only if it has messages. Of an instance (a prompt value) only the messages are shown. */
function shapeFields(value: object): unknown {
  const fields = value as Fields;
  if (!isPlain(value)) {
    const messages = 'messages' in value ? fields.messages : undefined;
    return isMessages(messages) ? { messages: shape(messages) } : value;
  }
  let shaped: Record<string, unknown> | undefined;
  for (const key in fields) {
    const field = fields[key];
    if (typeof field !== 'object' || field === null) continue;
    if (!isMessage(field) && !isMessages(field)) continue;
    shaped ??= { ...fields };
    shaped[key] = shape(field);
  }
  return shaped ?? value;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** An object of fields, as chains and graphs pass them. */
function isState(value: unknown): value is object {
  return typeof value === 'object' && value !== null && isPlain(value) && !isMessage(value);
}

/** The input of a chain. If it consists of messages alone, or of one text `content`, that stands alone. */
export function chainInput(inputs: unknown): unknown {
  if (!isState(inputs)) return shape(inputs);
  const only = onlyKey(inputs);
  const { input, messages, content } = inputs as Fields;
  if (only === 'input' && isMessages(input)) return shape(input);
  if (only === 'messages' && isMessages(messages)) return shape(messages);
  if (only === 'content' && typeof content === 'string') return content;
  return shapeFields(inputs);
}

/** The output of a chain. If it consists of one `output`, that stands alone. */
export function chainOutput(outputs: unknown): unknown {
  if (!isState(outputs)) return shape(outputs);
  const { output } = outputs as Fields;
  return onlyKey(outputs) === 'output' && typeof output === 'string' ? output : shapeFields(outputs);
}

/** The key of an object that has just one. */
function onlyKey(value: object): string | undefined {
  let found: string | undefined;
  for (const key in value) {
    if (found !== undefined) return undefined;
    found = key;
  }
  return found;
}

/** The output of a tool: a text, a message with its artifact, a command, or any value. */
export function toolOutput(output: unknown): unknown {
  return isMessage(output) ? toChat(output, true) : shape(output);
}
