/**
 * The agent that `tailrace demo` traces: customer support for a small shop, and an example of how an agent is
 * instrumented. A conversation is a trace, each of its turns an agent observation; inside are the guardrail, the
 * search, the model's generations, the tools and a check of the answer.
 *
 * Only the clock is not as in an application: this model and these tools take no time, so a virtual clock gives
 * `startTime` and `endTime`. Leave both out, and tailrace takes the time itself.
 */
import type { Observation, Tailrace, Trace } from '../../index.js';
import { groundedness, screen } from './checks.js';
import { type Clock, createClock } from './clock.js';
import { CONVERSATIONS, type SampleConversation } from './conversations.js';
import { searchHandbook } from './handbook.js';
import { complete, summarize } from './model.js';
import { HANDBOOK_HEADING, type Message, type ToolCall } from './model-rules.js';
import { tools } from './tools.js';

const MODEL = { model: 'gpt-4o', modelParameters: { temperature: 0.2, max_tokens: 400 } };
const SMALL_MODEL = { model: 'gpt-4o-mini', modelParameters: { temperature: 0, max_tokens: 80 } };
const SYSTEM_PROMPT =
  'You answer the customers of Marrowfell Outfitters: kindly, briefly, from the handbook and the tools.';

/** An agent that needs more steps is stuck. */
const MAX_STEPS = 6;

/** Time between the starts of conversations. None is longer, and the last one is over by now. */
export const CONVERSATION_INTERVAL_MS = 4 * 60_000;

/** Answers all customers once. The client still has to be flushed or shut down. */
export function runSampleAgent(client: Tailrace): void {
  const start = Date.now() - CONVERSATIONS.length * CONVERSATION_INTERVAL_MS;
  for (const [index, conversation] of CONVERSATIONS.entries()) {
    serveCustomer(client, conversation, createClock(start + index * CONVERSATION_INTERVAL_MS));
  }
}

function serveCustomer(client: Tailrace, conversation: SampleConversation, clock: Clock): void {
  const { id, customerId, sessionId, channel, messages: questions, feedback } = conversation;
  const trace = client.trace({
    name: 'customer-support',
    userId: customerId,
    sessionId,
    tags: ['support', channel],
    metadata: { conversationId: id, channel },
    timestamp: clock.now(),
  });
  const messages: Message[] = [{ role: 'system', content: SYSTEM_PROMPT }];
  let answer = '';
  for (const question of questions) {
    typeMessage(question, clock);
    answer = takeTurn(trace, messages, question, clock);
  }
  wrapUp(trace, messages, clock);
  // The screened text, not the original one.
  const input = messages.find(({ role }) => role === 'user')?.content;
  trace.end({ input, output: answer, endTime: clock.now() });

  // Feedback comes later, perhaps from another process: a score needs only the trace's id.
  if (feedback.rating !== undefined) {
    trace.score({ name: 'user-rating', value: feedback.rating, comment: feedback.comment });
  }
  trace.score({ name: 'resolved', value: feedback.resolved });
  trace.score({ name: 'mood', value: (feedback.rating ?? 3) >= 3 ? 'content' : 'annoyed' });
}

/** One message of the customer and the answer to it. */
function takeTurn(trace: Trace, messages: Message[], question: string, clock: Clock): string {
  const agent = trace.agent({ name: 'support-agent', startTime: clock.now() });
  const text = guard(agent, question, clock);
  agent.update({ input: text });
  messages.push({ role: 'user', content: text });
  retrieve(agent, messages, text, clock);
  for (let step = 0; step < MAX_STEPS; step++) {
    const { content, tool_calls: calls } = generate(agent, messages, clock);
    if (calls === undefined) {
      const answer = content ?? '';
      check(agent, messages, answer, clock);
      agent.end({ output: answer, endTime: clock.now() });
      return answer;
    }
    for (const call of calls) messages.push(callTool(agent, call, clock));
  }
  agent.end({ level: 'ERROR', statusMessage: `no answer after ${MAX_STEPS} steps`, endTime: clock.now() });
  return 'I am sorry, I cannot help with this.';
}

/** Private data must reach neither the model nor the trace: the trace has the screened text only. */
function guard(agent: Observation, question: string, clock: Clock): string {
  const guardrail = agent.guardrail({ name: 'screen-message', startTime: clock.now() });
  const { text, removed } = screen(question);
  clock.pass(6);
  if (removed.length > 0) {
    guardrail.update({ level: 'WARNING', statusMessage: `taken out: ${removed.join(', ')}` });
  }
  guardrail.end({ output: { text, removed }, endTime: clock.now() });
  return text;
}

function retrieve(agent: Observation, messages: Message[], query: string, clock: Clock): void {
  const retriever = agent.retriever({ name: 'search-handbook', input: query, startTime: clock.now() });
  const hits = searchHandbook(query);
  clock.pass(38);
  // A question without a hit is a gap in the handbook; "thanks" is not.
  if (hits.length === 0 && query.includes('?')) {
    retriever.update({ level: 'WARNING', statusMessage: 'nothing found' });
  }
  retriever.end({ output: hits, metadata: { hits: hits.length }, endTime: clock.now() });
  messages.push({ role: 'system', content: `${HANDBOOK_HEADING}${JSON.stringify(hits)}` });
}

/** The call serialises its input at once: messages pushed later are not in it. */
function generate(agent: Observation, messages: Message[], clock: Clock): Message {
  const generation = agent.generation({ name: 'answer', ...MODEL, input: messages, startTime: clock.now() });
  const { message, usage, firstTokenAt } = complete(messages, clock);
  generation.end({
    output: message,
    usageDetails: usage,
    completionStartTime: firstTokenAt,
    endTime: clock.now(),
  });
  messages.push(message);
  return message;
}

/** A failed tool call is an observation of level ERROR; the model gets the error. */
function callTool(agent: Observation, call: ToolCall, clock: Clock): Message {
  const { name } = call.function;
  const input = JSON.parse(call.function.arguments);
  const tool = agent.tool({ name, input, startTime: clock.now() });
  let outcome: object;
  try {
    const run = tools[name];
    if (run === undefined) throw new Error(`there is no tool ${name}`);
    const result = run(input, clock);
    tool.end({ output: result, endTime: clock.now() });
    outcome = { result };
  } catch (error) {
    const { message } = error as Error;
    tool.end({ level: 'ERROR', statusMessage: message, endTime: clock.now() });
    outcome = { error: message };
  }
  if (name === 'hand_over') agent.event({ name: 'handed-over', input, startTime: clock.now() });
  return { role: 'tool', tool_call_id: call.id, content: JSON.stringify(outcome) };
}

function check(agent: Observation, messages: readonly Message[], answer: string, clock: Clock): void {
  const evaluator = agent.evaluator({ name: 'check-answer', input: answer, startTime: clock.now() });
  const value = groundedness(answer, messages.slice(0, -1));
  clock.pass(4);
  evaluator.end({ output: { groundedness: value }, endTime: clock.now() });
  agent.score({ name: 'groundedness', value });
}

function wrapUp(trace: Trace, messages: readonly Message[], clock: Clock): void {
  const span = trace.span({ name: 'wrap-up', startTime: clock.now() });
  const generation = span.generation({
    name: 'summarize',
    ...SMALL_MODEL,
    input: messages,
    startTime: clock.now(),
  });
  const { message, usage, firstTokenAt } = summarize(messages, clock);
  generation.end({
    output: message,
    usageDetails: usage,
    completionStartTime: firstTokenAt,
    endTime: clock.now(),
  });
  span.end({ output: message.content, endTime: clock.now() });
}

/** Time for the customer to think and type. */
function typeMessage(text: string, clock: Clock): void {
  clock.pass(6_000 + 90 * text.length);
}
