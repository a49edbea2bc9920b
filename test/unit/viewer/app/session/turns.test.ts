import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../../src/viewer/app/details/chat.js';
import { conversationTurns } from '../../../../../src/viewer/app/session/turns.js';

const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));
const system = { role: 'system', content: 'Be kind.' };
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const call = {
  role: 'assistant',
  content: null,
  tool_calls: [{ id: 'c', function: { name: 'find', arguments: '{}' } }],
};
const result = { role: 'tool', tool_call_id: 'c', content: 'found' };

const textOf = ({ role, parts }: Message) =>
  `${role}: ${parts
    .map((part) => {
      if (part.kind === 'text') return part.text;
      return part.kind === 'call' ? `${part.name}${part.result === null ? '' : ' → result'}` : part.kind;
    })
    .join(' ')}`;

/** Pairs of input and output → what each turn shows. */
const shown = (...payloads: [unknown, unknown][]) =>
  conversationTurns(payloads.map(([input, output]) => ({ input: json(input), output: json(output) }))).map(
    ({ input, output }) => [...input, ...output].map(textOf),
  );

describe('the turns of a session', () => {
  it('do not repeat the messages of earlier turns', () => {
    const first = [system, user('Hi')];
    const second = [...first, assistant('Hello'), user('And now?')];
    expect(shown([first, assistant('Hello')], [second, assistant('Bye')])).toEqual([
      ['system: Be kind.', 'user: Hi', 'assistant: Hello'],
      ['user: And now?', 'assistant: Bye'],
    ]);
    const [, turn] = conversationTurns([
      { input: json(first), output: json(assistant('Hello')) },
      { input: json(second), output: json(assistant('Bye')) },
    ]);
    expect(turn?.repeated).toBe(3);
  });

  it('show each message if a turn sends only its own, also one that was said before', () => {
    expect(shown(['yes', 'ok'], ['yes', 'ok'])).toEqual([
      ['user: yes', 'assistant: ok'],
      ['user: yes', 'assistant: ok'],
    ]);
    expect(shown([undefined, 'ok'], [undefined, 'ok'])).toEqual([['assistant: ok'], ['assistant: ok']]);
  });

  it('tell the second "yes" from the first one of a history', () => {
    const history = [user('yes'), assistant('Sure?')];
    expect(shown([[user('yes')], 'Sure?'], [[...history, user('yes')], 'Done'])).toEqual([
      ['user: yes', 'assistant: Sure?'],
      ['user: yes', 'assistant: Done'],
    ]);
  });

  it('recognise an answer that was a text, and comes back as a message', () => {
    expect(shown(['Hi', 'Hello'], [[user('Hi'), assistant('Hello'), user('Bye')], 'Bye!'])).toEqual([
      ['user: Hi', 'assistant: Hello'],
      ['user: Bye', 'assistant: Bye!'],
    ]);
  });

  it('show calls of tools that the output of an earlier turn had left out, once', () => {
    const turn2 = [user('Where?'), call, result, assistant('Here'), user('Thanks')];
    const turn3 = [...turn2, assistant('Welcome'), user('Bye')];
    expect(shown([[user('Where?')], 'Here'], [turn2, 'Welcome'], [turn3, 'Bye'])).toEqual([
      ['user: Where?', 'assistant: Here'],
      ['assistant: find → result', 'user: Thanks', 'assistant: Welcome'],
      ['user: Bye', 'assistant: Bye'],
    ]);
  });

  it('show a call again when its result is known', () => {
    const turn2 = [user('Where?'), call, result];
    expect(shown([[user('Where?')], call], [turn2, 'Here'])).toEqual([
      ['user: Where?', 'assistant: find'],
      ['assistant: find → result', 'assistant: Here'],
    ]);
  });

  it('recognise a window over the last messages, and an output with the whole conversation', () => {
    const all = [user('a'), assistant('b'), user('c'), assistant('d')];
    expect(
      shown([all.slice(0, 3), assistant('d')], [[...all.slice(2), user('e')], assistant('f')])[1],
    ).toEqual(['user: e', 'assistant: f']);
    expect(shown([{ messages: [user('a')] }, { messages: [user('a'), assistant('b')] }])).toEqual([
      ['user: a', 'assistant: b'],
    ]);
  });

  it('show other instructions again, the same ones once', () => {
    const other = { role: 'system', content: 'Be brief.' };
    expect(shown([[system, user('a')], 'b'], [[system, user('c')], 'd'], [[other, user('e')], 'f'])).toEqual([
      ['system: Be kind.', 'user: a', 'assistant: b'],
      ['user: c', 'assistant: d'],
      ['system: Be brief.', 'user: e', 'assistant: f'],
    ]);
  });

  it('may have anything as payloads, and thousands of messages', () => {
    const odd = conversationTurns([
      { input: '{"q":1}', output: null },
      { input: 'no [json', output: '__proto__' },
      { input: '[]', output: 'null' },
    ]);
    expect(odd.map(({ input, output }) => input.length + output.length)).toEqual([1, 2, 2]);
    const long = Array.from({ length: 3_000 }, (_, at) => (at % 2 === 0 ? user('yes') : assistant('ok')));
    const [, second] = conversationTurns([
      { input: json(long), output: json(assistant('end')) },
      { input: json([...long, assistant('end'), user('new')]), output: json('bye') },
    ]);
    expect([...(second?.input ?? []), ...(second?.output ?? [])].map(textOf)).toEqual([
      'user: new',
      'assistant: bye',
    ]);
  });
});
