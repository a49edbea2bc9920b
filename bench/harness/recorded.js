/** Recorded conversations (`../shared/data/airline-agent-runs.jsonl`), where the checkout has them beside it. */
import { existsSync, readFileSync } from 'node:fs';

const AGENT_RUNS = new URL('../../../shared/data/airline-agent-runs.jsonl', import.meta.url);

export const hasAgentRuns = () => existsSync(AGENT_RUNS);

/** Each assistant message is a generation, its input all that was said before it. */
export function agentRunPayloads() {
  const turns = readConversations().flatMap(({ messages }) =>
    messages.flatMap((message, at) => (message.role === 'assistant' ? [{ messages, at, first: false }] : [])),
  );
  for (const [i, turn] of turns.entries()) turn.first = turns[i - 1]?.messages !== turn.messages;
  const turn = (i) => turns[i % turns.length];
  return {
    poolSize: turns.length,
    traceEvery: (i) => turn(i).first,
    input: (i) => turn(i).messages.slice(0, turn(i).at),
    output: (i) => ({ ...turn(i).messages[turn(i).at], id: `#o${i};` }),
  };
}

/** All that was said, each message once: a system prompt is the same in all conversations. */
export function recordedText() {
  const said = readConversations().flatMap(({ messages }) =>
    messages.map(({ content, tool_calls: calls }) => content ?? JSON.stringify(calls)),
  );
  return [...new Set(said)].join('\n');
}

export function readConversations() {
  return readFileSync(AGENT_RUNS, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
