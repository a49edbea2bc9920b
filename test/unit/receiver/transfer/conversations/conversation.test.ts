import { describe, expect, it } from 'vitest';
import { parseConversation } from '../../../../../src/receiver/transfer/conversations/conversation.js';

const messages = [{ role: 'user', content: 'hello' }];
const problemOf = (line: unknown) => parseConversation(JSON.stringify(line)).problem;

describe('a line of a replay file', () => {
  it('is a conversation when it has messages', () => {
    expect(parseConversation(JSON.stringify({ messages })).conversation).toEqual({
      id: undefined,
      model: undefined,
      messages,
      metadata: undefined,
      scores: [],
    });
  });

  it('keeps id, model, metadata and scores', () => {
    const scores = [{ name: 'reward', value: 0.5, comment: 'half' }];
    const line = { id: 7, model: 'm', messages, metadata: { a: 1 }, scores };
    expect(parseConversation(JSON.stringify(line)).conversation).toEqual({ ...line, id: '7' });
  });

  it('says why it is none', () => {
    expect(parseConversation('{"messages": [').problem).toMatch(/^not JSON \(.+\)$/);
    expect(problemOf([messages])).toBe('must be an object, but got: an array');
    expect(problemOf({ id: 'a' })).toBe('messages must be an array, but got: undefined');
    expect(problemOf({ messages: [] })).toBe('messages is empty');
    expect(problemOf({ messages: ['hello'] })).toBe('messages[0] must be an object, but got: "hello"');
    expect(problemOf({ messages: [{ content: 'x' }] })).toBe(
      'messages[0].role must be a string, but got: undefined',
    );
    expect(problemOf({ messages: [{ role: 'assistant', tool_calls: {} }] })).toMatch(
      /tool_calls must be an array/,
    );
    expect(problemOf({ messages, scores: { reward: 1 } })).toMatch(/^scores must be an array/);
    expect(problemOf({ messages, scores: [{ value: 1 }] })).toMatch(/^scores\[0\]\.name must be/);
    expect(problemOf({ messages, scores: [{ name: 'reward' }] })).toMatch(/^scores\[0\]\.value must be/);
  });
});
