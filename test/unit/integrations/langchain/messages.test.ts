/** Messages of LangChain as chat messages, wherever they stand. */
import { describe, expect, it } from 'vitest';
import {
  chainInput,
  chainOutput,
  isMessage,
  shape,
  toChat,
  toChats,
  toolOutput,
} from '../../../../src/integrations/langchain/messages.js';

/** As a class of LangChain has it; `older`: before core 0.3.24. */
function message(type: string, fields: object = {}, older = false) {
  const getType = () => type;
  return {
    content: `from ${type}`,
    additional_kwargs: {},
    ...fields,
    ...(older ? { _getType: getType } : { getType }),
  };
}

describe('a message', () => {
  it.each([
    ['human', {}, { role: 'user' }],
    ['system', {}, { role: 'system' }],
    ['ai', {}, { role: 'assistant' }],
    ['ai', { tool_calls: [] }, { role: 'assistant' }],
    ['ai', { tool_calls: [{ name: 'a' }] }, { role: 'assistant', tool_calls: [{ name: 'a' }] }],
    [
      'ai',
      { tool_calls: [{ name: 'a' }], additional_kwargs: { tool_calls: [{ id: '1' }] } },
      { role: 'assistant', tool_calls: [{ id: '1' }] },
    ],
    [
      'ai',
      { additional_kwargs: { function_call: { name: 'f' } } },
      { role: 'assistant', additional_kwargs: { function_call: { name: 'f' } } },
    ],
    ['generic', { role: 'critic' }, { role: 'critic' }],
    ['generic', {}, { role: 'human' }],
    ['remove', {}, { role: undefined }],
    ['other', { name: 'me' }, { role: 'me' }],
    [
      'tool',
      { name: 'look', tool_call_id: 'c', status: 'error', artifact: 1 },
      { role: 'look', additional_kwargs: {}, tool_call_id: 'c', status: 'error' },
    ],
    ['tool', { status: 'success' }, { role: 'tool', additional_kwargs: {} }],
    ['function', { name: 'f' }, { role: 'f', additional_kwargs: {} }],
  ])('of type %s (%j)', (type, fields, expected) => {
    expect(toChat(message(type, fields))).toEqual({ content: `from ${type}`, ...expected });
  });

  it('is known by its methods, not by its class', () => {
    expect(isMessage(message('human', {}, true))).toBe(true);
    expect(toChat(message('human', {}, true))).toEqual({ content: 'from human', role: 'user' });
    for (const other of [null, undefined, 'text', { content: 'x' }, { getType: () => 'human' }]) {
      expect(isMessage(other)).toBe(false);
    }
  });

  it('of a tool shows its artifact as the output of the tool only', () => {
    const output = message('tool', { name: 't', artifact: [1] });
    expect(toolOutput(output)).toEqual({
      content: 'from tool',
      role: 't',
      additional_kwargs: {},
      artifact: [1],
    });
    expect(shape(output)).toEqual({ content: 'from tool', role: 't', additional_kwargs: {} });
    expect(toolOutput('text')).toBe('text');
  });
});

describe('a value', () => {
  const [human, chat] = [message('human'), { content: 'from human', role: 'user' }];

  it('of a chain stands alone if it is all there is', () => {
    expect(chainInput({ input: [human] })).toEqual([chat]);
    expect(chainInput({ messages: [human] })).toEqual([chat]);
    expect(chainInput({ content: 'text' })).toBe('text');
    expect(chainInput('text')).toBe('text');
    expect(chainInput(human)).toEqual(chat);
    expect(chainOutput({ output: 'text' })).toBe('text');
    expect(chainOutput({ messages: [human] })).toEqual({ messages: [chat] });
  });

  it('of a chain keeps its other fields', () => {
    expect(chainInput({ messages: [human], step: 1 })).toEqual({ messages: [chat], step: 1 });
    expect(chainOutput({ output: 'text', step: 1 })).toEqual({ output: 'text', step: 1 });
    expect(chainOutput({ output: human, list: [human], other: ['x'] })).toEqual({
      output: chat,
      list: [chat],
      other: ['x'],
    });
  });

  it('without messages is the very object', () => {
    const state = { a: 1, list: [], nested: { messages: [human] } };
    expect(chainInput(state)).toBe(state);
    expect(chainOutput(state)).toBe(state);
    const mixed = [human, 'text'];
    expect(shape(mixed)).toBe(mixed);
  });

  it('of a prompt shows its messages', () => {
    class PromptValue {
      messages = [human];
      lc_kwargs = {};
    }
    expect(chainOutput(new PromptValue())).toEqual({ messages: [chat] });
  });

  it('of a model has all its messages in one list', () => {
    expect(toChats([[human], [human]])).toEqual([chat, chat]);
  });
});
