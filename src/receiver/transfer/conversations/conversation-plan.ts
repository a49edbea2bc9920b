/**
 * Plans the trace of a recorded conversation, before anything is traced.
 *
 * Each assistant message is a generation: its input the messages before it, its output the message. Each tool call
 * is a tool observation beside it. The file has no clock, so the turns get a plausible one, counted from 0:
 *
 * - a user reads and types: 2 s, and 40 ms for each character, 60 s at most;
 * - a model answers: 400 ms until its first token, then 4 ms for each character of its answer;
 * - a tool takes 300 ms.
 */
import type { Level } from '../../../ingest/rows.js';
import type { ChatMessage, Conversation } from './conversation.js';
import { callsOf, type MatchedCall, matchToolCalls } from './tool-calls.js';

const USER_MS = { atLeast: 2_000, perCharacter: 40, atMost: 60_000 } as const;
const FIRST_TOKEN_MS = 400;
const MODEL_MS_PER_CHARACTER = 4;
const TOOL_MS = 300;

/** A generation or a tool call; times are milliseconds since the conversation began. */
export interface PlannedObservation {
  readonly type: 'generation' | 'tool';
  readonly name: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly startMs: number;
  readonly endMs: number;
  readonly firstTokenMs?: number;
  readonly level?: Level;
  readonly statusMessage?: string;
}

export interface ConversationPlan {
  /** The first message of the user. */
  readonly input: unknown;
  /** The last message of the assistant. */
  readonly output: unknown;
  /** In order of time. */
  readonly observations: readonly PlannedObservation[];
  readonly durationMs: number;
}

export function planConversation({ messages }: Conversation): ConversationPlan {
  const toolCalls = matchToolCalls(messages);
  const observations: PlannedObservation[] = [];
  let clockMs = 0;
  for (const [index, message] of messages.entries()) {
    if (message.role === 'user') clockMs += userMs(message);
    if (message.role !== 'assistant') continue;
    const generation = planGeneration(messages, index, clockMs);
    observations.push(generation);
    clockMs = generation.endMs;
    for (const call of toolCalls.get(index) ?? []) {
      observations.push(planTool(call, clockMs));
      clockMs += TOOL_MS;
    }
  }
  return {
    input: messages.find(({ role }) => role === 'user')?.content,
    output: messages.findLast(({ role }) => role === 'assistant'),
    observations,
    durationMs: clockMs,
  };
}

function planGeneration(
  messages: readonly ChatMessage[],
  index: number,
  startMs: number,
): PlannedObservation {
  const output = messages[index]!;
  const firstTokenMs = startMs + FIRST_TOKEN_MS;
  const characters =
    textLength(output) + callsOf(output).reduce((sum, call) => sum + argumentsLength(call), 0);
  return {
    type: 'generation',
    name: 'assistant',
    input: messages.slice(0, index),
    output,
    startMs,
    firstTokenMs,
    endMs: firstTokenMs + MODEL_MS_PER_CHARACTER * characters,
  };
}

function planTool({ call, result }: MatchedCall, startMs: number): PlannedObservation {
  const times = { startMs, endMs: startMs + TOOL_MS };
  const input = parseIfJson(call.function?.arguments);
  const name = call.function?.name ?? 'tool';
  if (result !== undefined) return { type: 'tool', name, input, output: result.content, ...times };
  const statusMessage = 'the conversation holds no result of this call';
  return { type: 'tool', name, input, output: undefined, level: 'WARNING', statusMessage, ...times };
}

/** Models sometimes write invalid JSON as arguments: it stays text. */
function parseIfJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function userMs(message: ChatMessage): number {
  return Math.min(USER_MS.atMost, USER_MS.atLeast + USER_MS.perCharacter * textLength(message));
}

function argumentsLength(call: { readonly function?: { readonly arguments?: unknown } }): number {
  return lengthOf(call.function?.arguments);
}

function textLength({ content }: ChatMessage): number {
  return lengthOf(content);
}

/** Content is a string, or parts, some of which have text. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value)) return 0;
  return value.reduce((sum, part: { text?: unknown } | null) => sum + lengthOf(part?.text), 0);
}
