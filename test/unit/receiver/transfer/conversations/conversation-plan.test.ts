import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../../../src/receiver/transfer/conversations/conversation.js';
import { planConversation } from '../../../../../src/receiver/transfer/conversations/conversation-plan.js';

const plan = (...messages: ChatMessage[]) => planConversation({ messages, scores: [] });

const question: ChatMessage = { role: 'user', content: 'Where is it?' };
const call: ChatMessage = {
  role: 'assistant',
  content: null,
  tool_calls: [
    { id: 'c1', function: { name: 'track', arguments: '{"number":7}' } },
    { id: 'c2', function: { name: 'weather', arguments: 'sunny?' } },
  ],
};
const result: ChatMessage = { role: 'tool', tool_call_id: 'c1', content: 'on its way' };
const reply: ChatMessage = { role: 'assistant', content: 'It is on its way.' };

describe('the plan of a conversation', () => {
  const { observations, input, output, durationMs } = plan(question, call, result, reply);

  it('has a generation for each assistant message and a tool for each call, in order', () => {
    expect(observations.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'generation assistant',
      'tool track',
      'tool weather',
      'generation assistant',
    ]);
  });

  it('gives a generation the messages before it as input and the message as output', () => {
    expect(observations[0]).toMatchObject({ input: [question], output: call });
    expect(observations[3]).toMatchObject({ input: [question, call, result], output: reply });
  });

  it('parses the arguments of a call when they are JSON, and keeps them when they are not', () => {
    expect(observations[1]).toMatchObject({ input: { number: 7 }, output: 'on its way' });
    expect(observations[2]).toMatchObject({ input: 'sunny?' });
  });

  it('marks a call without a result', () => {
    expect(observations[1]?.level).toBeUndefined();
    expect(observations[2]).toMatchObject({
      output: undefined,
      level: 'WARNING',
      statusMessage: expect.any(String),
    });
  });

  it('takes the first user message and the last assistant message for the trace', () => {
    expect(input).toBe('Where is it?');
    expect(output).toBe(reply);
  });

  it('lets one step follow the other in time, from 0 to the duration', () => {
    let clockMs = 0;
    for (const { startMs, endMs, firstTokenMs = startMs } of observations) {
      expect(startMs).toBeGreaterThanOrEqual(clockMs);
      expect(firstTokenMs).toBeGreaterThanOrEqual(startMs);
      expect(endMs).toBeGreaterThanOrEqual(firstTokenMs);
      clockMs = endMs;
    }
    expect(durationMs).toBe(clockMs);
  });

  it('gives more words more time, but no user for ever', () => {
    const long = 'x'.repeat(100_000);
    expect(plan(question, { ...reply, content: long }).durationMs).toBeGreaterThan(
      plan(question, reply).durationMs,
    );
    expect(plan({ role: 'user', content: long }, reply).observations[0]?.startMs).toBe(60_000);
  });

  it('reads content in parts', () => {
    const parts = [{ type: 'image_url' }, { type: 'text', text: 'Where is it?' }, null];
    expect(plan({ role: 'user', content: parts }, reply).durationMs).toBe(plan(question, reply).durationMs);
  });

  it('is empty for a conversation in which no assistant speaks', () => {
    expect(plan(question)).toMatchObject({ observations: [], output: undefined });
  });
});
