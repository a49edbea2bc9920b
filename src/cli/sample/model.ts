/**
 * The sample's language model: it needs no network and always answers the same. Where a real one would have learnt
 * what to do, this one follows rules; its answers come from the tools and the handbook.
 */
import type { Clock } from './clock.js';
import { decide, type Message, summarizeTalk } from './model-rules.js';

interface Completion {
  readonly message: Message;
  readonly usage: { readonly input: number; readonly output: number; readonly total: number };
  readonly firstTokenAt: Date;
}

const FIRST_TOKEN_MS = 380;
const MS_PER_TOKEN = 17;
const CHARACTERS_PER_TOKEN = 4;

/** The next message of the assistant: an answer, or the call of a tool. */
export function complete(messages: readonly Message[], clock: Clock): Completion {
  return answer(messages, decide(messages), clock);
}

/** A sentence on what a conversation was about. */
export function summarize(messages: readonly Message[], clock: Clock): Completion {
  return answer(messages, { role: 'assistant', content: summarizeTalk(messages) }, clock);
}

function answer(messages: readonly Message[], message: Message, clock: Clock): Completion {
  const input = messages.reduce((sum, one) => sum + tokensOf(one), 0);
  const output = tokensOf(message);
  clock.pass(FIRST_TOKEN_MS);
  const firstTokenAt = clock.now();
  clock.pass(output * MS_PER_TOKEN);
  return { message, usage: { input, output, total: input + output }, firstTokenAt };
}

function tokensOf({ content, tool_calls }: Message): number {
  return Math.ceil(((content ?? '').length + JSON.stringify(tool_calls ?? '').length) / CHARACTERS_PER_TOKEN);
}
