/** Counting: exact where it can be, bounded where it cannot, and never an exception. */
import { countTokens as countWhole } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { textsOfInput, textsOfOutput } from '../../../src/usage/texts.js';
import { createTokenCounter } from '../../../src/usage/tokens.js';

/** Without a limit of time. */
const count = (text: string) => createTokenCounter(() => 0)([text], 'o200k_base');

describe('a text', () => {
  const prose =
    'It’s 3.5 km to the mill;  the tail-race\n\n carries 12,000 litres away -- every (single) second. ';

  it('is counted as the tokenizer counts it, though in slices', () => {
    const text = prose.repeat(200);
    expect(count(text)).toBe(countWhole(text, { allowedSpecial: 'all' }));
  });

  it('counts the same when it comes again, alone or among others', () => {
    const counter = createTokenCounter(() => 0);
    const once = counter([prose], 'o200k_base') as number;
    expect(counter([prose, prose, 'Fine.'], 'o200k_base')).toBe(2 * once + 2);
    // The older encoding knows fewer of these signs.
    const chinese = ['水车做完了工，尾水就从这条水道流走。'.repeat(5)];
    const newer = counter(chinese, 'o200k_base');
    expect(counter(chinese, 'cl100k_base')).toBeGreaterThan(newer as number);
    expect(counter([], 'o200k_base')).toBe(0);
  });

  it('may be Chinese', () => {
    const text = '水车做完了工，尾水就从这条水道流走。'.repeat(300);
    expect(count(text)).toBeCloseTo(countWhole(text, { allowedSpecial: 'all' }), -2);
  });

  it('may hold the names of special tokens', () => {
    expect(count('a <|endoftext|> b <|im_start|>')).toBeGreaterThan(3);
  });

  it('may be nothing but one letter, sign, blank or emoji: never more work than its slices', () => {
    // 300 000 of them in one piece would take the tokenizer minutes.
    for (const [sign, perToken] of [
      ['a', 8],
      ['水', 1],
      [' ', 128],
      ['😀', 2],
    ] as const) {
      const tokens = count(sign.repeat(300_000 / sign.length)) as number;
      expect(tokens).toBeGreaterThan(300_000 / perToken / 3);
      expect(tokens).toBeLessThan((300_000 / perToken) * 3);
    }
  });

  it('beyond the limit of length is taken to be like the part before', () => {
    const once = count(prose.repeat(5000)) as number;
    expect(count(prose.repeat(50_000)) as number).toBeCloseTo(10 * once, -4);
  });

  it('beyond the limit of time as well', () => {
    let clock = 0;
    const counter = createTokenCounter(() => (clock += 20));
    const text = prose.repeat(500);
    const whole = countWhole(text, { allowedSpecial: 'all' });
    const tokens = counter([text], 'o200k_base') as number;
    expect(Math.abs(tokens - whole)).toBeLessThan(whole / 20);
    // Each slice took 20 of the 150 ms; the whole would have taken 900.
    expect(clock).toBeLessThan(250);
  });
});

describe('what a model has read', () => {
  const texts = (value: unknown) => textsOfInput(value).texts;

  it('is of each message its role, its text, and three tokens of frame; three more begin the reply', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', name: 'ada', content: [{ type: 'text', text: 'Hello' }] },
    ];
    expect(textsOfInput(messages)).toEqual({
      texts: ['system', 'Be brief.', 'user', 'ada', 'Hello'],
      overheadTokens: 3 + 3 + 1 + 3,
      hasMedia: false,
    });
  });

  it('includes calls of tools and their results', () => {
    const call = { id: 'c1', type: 'function', function: { name: 'look_up', arguments: '{"id":1}' } };
    const messages = [
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'c1', content: '{"found":true}' },
    ];
    expect(texts(messages)).toEqual(['assistant', 'look_up', '{"id":1}', 'tool', '{"found":true}']);
  });

  it('includes what tools there are', () => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: {} } }];
    expect(texts({ messages: [{ role: 'user', content: 'hi' }], tools })).toEqual([
      'user',
      'hi',
      JSON.stringify(tools),
    ]);
  });

  it('is found in the shapes of other APIs', () => {
    expect(
      texts({ instructions: 'A', input: [{ role: 'user', content: [{ type: 'input_text', text: 'B' }] }] }),
    ).toEqual(['A', 'user', 'B']);
    expect(
      texts({ system: 'A', messages: [{ role: 'user', content: [{ type: 'tool_result', content: 'B' }] }] }),
    ).toEqual(['A', 'user', 'B']);
    expect(texts({ contents: [{ role: 'user', parts: [{ text: 'B' }] }] })).toEqual(['user', 'B']);
    expect(texts([{ role: 'user', parts: [{ type: 'text', content: 'B' }] }])).toEqual(['user', 'B']);
    expect(texts('B')).toEqual(['B']);
    expect(texts({ question: 'B' })).toEqual(['{"question":"B"}']);
  });

  it('holds no images, sounds or files, and says so', () => {
    const parts = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      '@@@langfuseMedia:type=image/png|id=x|source=base64@@@',
      new Uint8Array(3),
    ];
    expect(textsOfInput([{ role: 'user', content: parts }])).toMatchObject({
      texts: ['user', 'What is this?'],
      hasMedia: true,
    });
  });

  it('may be nested without end', () => {
    let deep: unknown = 'bottom';
    for (let level = 0; level < 100_000; level++) deep = level % 2 === 0 ? [deep] : { arguments: deep };
    expect(() => textsOfInput(deep)).not.toThrow();
  });
});

describe('what a model has written', () => {
  it('is its text and its calls, without the frame', () => {
    const call = { function: { name: 'look_up', arguments: '{"id":1}' } };
    const message = { role: 'assistant', content: 'Let me see.', tool_calls: [call] };
    const expected = { texts: ['Let me see.', 'look_up', '{"id":1}'], overheadTokens: 0, hasMedia: false };
    expect(textsOfOutput(message)).toEqual(expected);
    expect(textsOfOutput({ id: 'x', choices: [{ index: 0, message }] })).toEqual(expected);
  });
});
