/**
 * What the programs say: turns of recorded conversations, or made-up text where there are no recordings. The number that
 * the sink looks for is in the question (`#e<n>;`) and in the answer (`#o<n>;`).
 */
import { textPayloads } from '../harness/payloads.js';
import { agentRunPayloads, hasAgentRuns } from '../harness/recorded.js';

const MADE_UP_BYTES = 2_000;

export const isRecorded = hasAgentRuns();

const payloads = isRecorded ? agentRunPayloads() : textPayloads(MADE_UP_BYTES, 'english');

/** Text of a tool call is its arguments: fake models answer with text. */
const textOf = ({ content, tool_calls: calls }) => content ?? JSON.stringify(calls);
const pool = Array.from({ length: payloads.poolSize }, (_, i) => {
  const [system, ...said] = payloads.input(i).map((message) => ({
    role: message.role === 'assistant' ? 'assistant' : message.role === 'system' ? 'system' : 'user',
    content: textOf(message),
  }));
  const [first, history] = system.role === 'system' ? [system, said] : [{ content: 'Help.' }, [system]];
  return { system: first.content, history, answer: textOf(payloads.output(i)) };
});

/** The objects are made anew, as an application makes them; the long strings are the same in every round. */
export function turn(i) {
  const { system, history, answer } = pool[i % pool.length];
  return {
    system,
    history: history.map(({ role, content }) => ({ role, content })),
    question: `And now? #e${i};`,
    answer: `${answer} #o${i};`,
  };
}

/** An answer in so many pieces, the last of which has the number. */
export function piecesOf(answer, count) {
  const mark = answer.lastIndexOf(' #o');
  const size = Math.max(1, Math.floor(mark / (count - 1)));
  const pieces = Array.from({ length: count - 2 }, (_, i) => answer.slice(i * size, (i + 1) * size));
  return [...pieces, answer.slice((count - 2) * size, mark), answer.slice(mark)];
}
