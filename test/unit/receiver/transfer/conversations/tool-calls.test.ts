import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../../../../src/receiver/transfer/conversations/conversation.js';
import { matchToolCalls } from '../../../../../src/receiver/transfer/conversations/tool-calls.js';

const asks = (...ids: (string | undefined)[]): ChatMessage => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, function: { name: 'look', arguments: '{}' } })),
});
const answers = (content: string, id?: string, name?: string): ChatMessage => {
  return { role: 'tool', content, name, tool_call_id: id };
};

/** The contents of the results, call by call. */
function resultsOf(...messages: ChatMessage[]): unknown[] {
  const matched = [...matchToolCalls(messages).values()].flat();
  return matched.map(({ result }) => result?.content);
}

describe('matching results to tool calls', () => {
  it('goes by id, whatever the order', () => {
    expect(resultsOf(asks('a', 'b'), answers('of b', 'b'), answers('of a', 'a'))).toEqual(['of a', 'of b']);
  });

  it('takes the nearest call where an id is used again', () => {
    const turns = [asks('a'), answers('first', 'a'), asks('a'), answers('second', 'a')];
    expect(resultsOf(...turns)).toEqual(['first', 'second']);
    expect(resultsOf(asks('a', 'a'), answers('first', 'a'), answers('second', 'a'))).toEqual([
      'first',
      'second',
    ]);
  });

  it('finds a result that comes turns later', () => {
    const late = [asks('slow'), asks('fast'), answers('of fast', 'fast'), answers('of slow', 'slow')];
    expect(resultsOf(...late)).toEqual(['of slow', 'of fast']);
  });

  it('falls back to the order for results without an id, or with one that nobody asked with', () => {
    expect(resultsOf(asks('a', 'b'), answers('one'), answers('two'))).toEqual(['one', 'two']);
    expect(resultsOf(asks('a', 'b'), answers('stray', 'x'), answers('of a', 'a'))).toEqual(['of a', 'stray']);
    expect(resultsOf(asks(undefined), answers('one', 'x'))).toEqual(['one']);
  });

  it('prefers a call of the same name in the fallback', () => {
    const message: ChatMessage = {
      role: 'assistant',
      tool_calls: [{ function: { name: 'first' } }, { function: { name: 'second' } }],
    };
    expect(resultsOf(message, answers('of second', undefined, 'second'))).toEqual([undefined, 'of second']);
  });

  it('leaves calls unanswered, and ignores results that nobody asked for', () => {
    expect(resultsOf(asks('a', 'b'), answers('of b', 'b'))).toEqual([undefined, 'of b']);
    expect(
      resultsOf(answers('early', 'a'), { role: 'assistant', content: 'hello' }, answers('late')),
    ).toEqual([]);
  });

  it('knows function_call and role function', () => {
    const call: ChatMessage = { role: 'assistant', function_call: { name: 'look', arguments: '{}' } };
    expect(resultsOf(call, { role: 'function', name: 'look', content: 'seen' })).toEqual(['seen']);
  });
});
