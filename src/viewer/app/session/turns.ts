/**
 * The turns of a session as one chat. Most clients send all messages before with each turn; a turn shows only what the turns
 * before it have not shown.
 *
 * A payload repeats the conversation if the last known message is in it, or two known ones are. Between known messages there
 * may be new ones, as calls of tools that the output of an earlier turn had left out: they are shown where they are first seen.
 */

import { chatMessages, type Message, type Part, parsed } from '../details/chat.js';

export interface TurnPayloads {
  input: string | null;
  output: string | null;
}

export interface Turn {
  input: Message[];
  output: Message[];
  /** Messages of the input and output that are not shown again. */
  repeated: number;
}

/** A message with what is compared: its text and calls; a result may come later. */
interface Known {
  message: Message;
  /** Without results of calls. */
  base: string;
  hasResults: boolean;
}

export function conversationTurns(payloads: readonly TurnPayloads[]): Turn[] {
  const instructions = new Set<string>();
  let conversation: Known[] = [];
  return payloads.map(({ input, output }) => {
    const turn: Turn = { input: [], output: [], repeated: 0 };
    for (const [side, text] of [
      ['input', input],
      ['output', output],
    ] as const) {
      const messages = messagesOf(text, side === 'input' ? 'user' : 'assistant');
      const [fresh, spoken] = takeInstructions(messages, instructions);
      const taken = take(conversation, spoken);
      conversation = taken.conversation;
      turn[side] = [...fresh, ...taken.fresh];
      turn.repeated += messages.length - turn[side].length;
    }
    return turn;
  });
}

/** Text, JSON and a chat, all as messages. */
function messagesOf(text: string | null, role: string): Message[] {
  if (text === null) return [];
  const value = parsed(text);
  const messages = chatMessages(value);
  if (messages !== null) return messages;
  const part: Part = typeof value === 'string' ? { kind: 'text', text: value } : { kind: 'json', value };
  return [{ role, name: null, parts: [part] }];
}

/** Instructions may be in each request. The same ones are shown once, other ones again. */
function takeInstructions(messages: readonly Message[], known: Set<string>): [Message[], Message[]] {
  const [fresh, spoken]: [Message[], Message[]] = [[], []];
  for (const message of messages) {
    if (message.role !== 'system' && message.role !== 'developer') spoken.push(message);
    else {
      const { base } = knownOf(message);
      if (!known.has(base)) fresh.push(message);
      known.add(base);
    }
  }
  return [fresh, spoken];
}

function take(
  conversation: readonly Known[],
  messages: readonly Message[],
): { fresh: Message[]; conversation: Known[] } {
  const all = messages.map(knownOf);
  const places = placesIn(conversation, all);
  const found = places.filter((place) => place >= 0);
  const isRepeated = messages.length > 1 && (found.length > 1 || found.at(-1) === conversation.length - 1);
  if (!isRepeated || found.length === 0)
    return { fresh: [...messages], conversation: [...conversation, ...all] };
  const merged: Known[] = [];
  const fresh: Message[] = [];
  let next = 0;
  const lastKnown = places.findLastIndex((place) => place >= 0);
  for (const [at, known] of all.entries()) {
    const place = places[at] as number;
    if (place >= 0) {
      merged.push(...conversation.slice(next, place));
      next = place + 1;
    }
    const before = place < 0 ? undefined : conversation[place];
    const isNew = before === undefined || (known.hasResults && !before.hasResults);
    if (isNew) fresh.push(known.message);
    merged.push(isNew || before === undefined ? known : before);
    if (at === lastKnown) {
      merged.push(...conversation.slice(next));
      next = conversation.length;
    }
  }
  return { fresh, conversation: merged };
}

/** By message its place in the conversation, each after the one before; -1: it is not there. */
function placesIn(conversation: readonly Known[], messages: readonly Known[]): number[] {
  // Places by text, as a session may have thousands of messages.
  const byBase = new Map<string, number[]>();
  for (const [place, { base }] of conversation.entries()) {
    const places = byBase.get(base);
    if (places === undefined) byBase.set(base, [place]);
    else places.push(place);
  }
  let next = 0;
  return messages.map(({ base }) => {
    const place = byBase.get(base)?.find((one) => one >= next) ?? -1;
    if (place >= 0) next = place + 1;
    return place;
  });
}

function knownOf(message: Message): Known {
  const base = JSON.stringify([message.role, message.parts.map(partKey)]);
  const hasResults = message.parts.some((part) => part.kind === 'call' && part.result !== null);
  return { message, base, hasResults };
}

function partKey(part: Part): unknown {
  if (part.kind === 'text') return part.text.trim();
  return part.kind === 'call' ? [part.name, part.input] : part;
}
