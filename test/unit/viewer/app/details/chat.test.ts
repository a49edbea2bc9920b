import { describe, expect, it } from 'vitest';
import { chatMessages } from '../../../../../src/viewer/app/details/chat.js';

const call = (id: string | null, name: string, input: unknown, result: unknown = null) => ({
  kind: 'call',
  id,
  name,
  input,
  result,
});
const text = (value: string) => ({ kind: 'text', text: value });
const json = (value: unknown) => ({ kind: 'json', value });

describe('messages of a chat', () => {
  it('are recognised as an array, as one, in `messages` and in `choices`', () => {
    const message = { role: 'user', content: 'Hi' };
    const expected = [{ role: 'user', name: null, parts: [text('Hi')] }];
    for (const value of [
      [message],
      message,
      { messages: [message], model: 'm' },
      { choices: [{ message }] },
    ]) {
      expect(chatMessages(value)).toEqual(expected);
    }
  });

  it.each([
    [null],
    ['text'],
    [7],
    [[]],
    [{}],
    [{ role: 7 }],
    [[{ role: 'user', content: 'a' }, 5]],
    [{ a: 1 }],
  ])('are not seen in %j', (value) => expect(chatMessages(value)).toBeNull());

  it('have tool calls next to their results, of OpenAI', () => {
    const messages = chatMessages([
      { role: 'user', content: 'Where?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'c1', function: { name: 'find', arguments: '{"id":7}' } },
          { id: 'c2', function: { name: 'count', arguments: 'not json' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c2', content: '3' },
      { role: 'tool', tool_call_id: 'c1', content: '{"status":"late"}' },
      { role: 'tool', tool_call_id: 'unknown', content: 'lost' },
    ]);
    expect(messages?.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
    expect(messages?.[1]?.parts).toEqual([
      call('c1', 'find', { id: 7 }, [json({ status: 'late' })]),
      call('c2', 'count', 'not json', [text('3')]),
    ]);
    expect(messages?.[2]?.parts).toMatchObject([{ kind: 'result', parts: [text('lost')] }]);
  });

  it('have those of Anthropic, with thinking and a system prompt beside them', () => {
    const messages = chatMessages({
      system: 'Be kind.',
      messages: [
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.' },
            { type: 'tool_use', id: 't1', name: 'find', input: { a: 1 } },
          ],
        },
        {
          role: 'user',
          content: [{ type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'ok' }] }],
        },
      ],
    });
    expect(messages?.[0]).toEqual({ role: 'system', name: null, parts: [text('Be kind.')] });
    expect(messages?.[1]?.parts).toEqual([
      { kind: 'reasoning', text: 'Hm.' },
      call('t1', 'find', { a: 1 }, [text('ok')]),
    ]);
  });

  it('have those of the AI SDK, of the responses of OpenAI, and of Gemini', () => {
    const sdk = chatMessages([
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'r' },
          { type: 'tool-call', toolCallId: 'a', toolName: 'f', input: {} },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'a', toolName: 'f', output: { type: 'json', value: [1] } },
        ],
      },
    ]);
    expect(sdk?.[0]?.parts).toEqual([{ kind: 'reasoning', text: 'r' }, call('a', 'f', {}, [json(1)])]);
    const responses = chatMessages([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 's' }] },
      { type: 'function_call', call_id: 'b', name: 'g', arguments: '{}' },
      { type: 'function_call_output', call_id: 'b', output: 'done' },
    ]);
    expect(responses?.map(({ parts }) => parts)).toEqual([
      [{ kind: 'reasoning', text: 's' }],
      [call('b', 'g', {}, [text('done')])],
    ]);
    const gemini = chatMessages({
      contents: [
        { role: 'model', parts: [{ functionCall: { name: 'h', args: { x: 1 } } }] },
        { role: 'user', parts: [{ functionResponse: { name: 'h', response: { y: 2 } } }] },
      ],
    });
    expect(gemini?.[0]).toEqual({
      role: 'assistant',
      name: null,
      parts: [call(null, 'h', { x: 1 }, [json({ y: 2 })])],
    });
  });

  it('have images and sound as media, wherever they stand', () => {
    const parts = [
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
      { type: 'input_audio', input_audio: { data: 'BBBB', format: 'mp3' } },
      { inlineData: { mimeType: 'image/webp', data: 'CCCC' } },
      { type: 'image', image: '@@@langfuseMedia:type=image/png|id=x|source=base64@@@' },
    ];
    expect(chatMessages([{ role: 'user', content: parts }])?.[0]?.parts).toEqual(
      [
        'https://example.com/a.png',
        'data:image/png;base64,AAAA',
        'data:audio/mp3;base64,BBBB',
        'data:image/webp;base64,CCCC',
        '@@@langfuseMedia:type=image/png|id=x|source=base64@@@',
      ].map((source) => ({ kind: 'media', source })),
    );
  });
});
