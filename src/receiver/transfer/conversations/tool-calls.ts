/** Matches tool calls of a conversation with their results. */
import type { ChatMessage, FunctionCall, ToolCall } from './conversation.js';

/** The calls of an assistant message, in both notations. */
export function callsOf(message: ChatMessage): readonly ToolCall[] {
  const calls = message.tool_calls ?? [];
  return message.function_call ? [...calls, legacyCall(message.function_call)] : calls;
}

export interface MatchedCall {
  readonly call: ToolCall;
  readonly result: ChatMessage | undefined;
}

/**
 * For each assistant message, by index, its calls with their results. A result belongs to the call with its
 * id, the nearest one if ids repeat; a result without such a call belongs to the first unanswered call of the message
 * before it, of the same name if there is one. Results that are left over are ignored.
 */
export function matchToolCalls(
  messages: readonly ChatMessage[],
): ReadonlyMap<number, readonly MatchedCall[]> {
  const matched = new Map<number, Match[]>();
  let unanswered: Match[] = [];
  for (let start = 0; start < messages.length; start = nextAssistant(messages, start)) {
    const results = messages.slice(start + 1, nextAssistant(messages, start)).filter(isResult);
    const calls = isAssistant(messages[start]) ? callsOf(messages[start]!).map(unansweredMatch) : [];
    if (calls.length > 0) matched.set(start, calls);
    const leftOver = results.filter((result) => !answerById(calls, unanswered, result));
    for (const result of leftOver) answerInOrder(calls, result);
    unanswered = [...unanswered, ...calls].filter((match) => match.result === undefined);
  }
  return matched;
}

interface Match extends MatchedCall {
  result: ChatMessage | undefined;
}

function unansweredMatch(call: ToolCall): Match {
  return { call, result: undefined };
}

function legacyCall(call: FunctionCall): ToolCall {
  return { function: call };
}

function answerById(calls: readonly Match[], earlier: readonly Match[], result: ChatMessage): boolean {
  const id = result.tool_call_id;
  if (id === undefined) return false;
  const isAsked = (match: Match) => match.result === undefined && match.call.id === id;
  const match = calls.find(isAsked) ?? earlier.findLast(isAsked);
  if (match !== undefined) match.result = result;
  return match !== undefined;
}

function answerInOrder(calls: readonly Match[], result: ChatMessage): void {
  const open = calls.filter((match) => match.result === undefined);
  const match = open.find(({ call }) => call.function?.name === result.name) ?? open[0];
  if (match !== undefined) match.result = result;
}

function isResult({ role }: ChatMessage): boolean {
  return role === 'tool' || role === 'function';
}

function isAssistant(message: ChatMessage | undefined): boolean {
  return message?.role === 'assistant';
}

/** Index of the first assistant message after `index`, or the number of messages. */
function nextAssistant(messages: readonly ChatMessage[], index: number): number {
  const next = messages.findIndex((message, at) => at > index && isAssistant(message));
  return next === -1 ? messages.length : next;
}
