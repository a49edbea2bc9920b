/** The difference of two payloads: chats by message, others by text; and with which generations one is compared. */
import { describe, expect, it } from 'vitest';
import { generationsNear, previousGeneration } from '../../../../../src/viewer/app/diff/generations.js';
import {
  countMessages,
  diffPayloads,
  type MessageChange,
} from '../../../../../src/viewer/app/diff/message-diff.js';
import { diffText } from '../../../../../src/viewer/app/diff/text-diff.js';
import type { ObservationColumns } from '../../../../../src/viewer/data/trace.js';

const system = { role: 'system', content: 'Be kind.' };
const user = (content: unknown) => ({ role: 'user', content });
const answer = { role: 'assistant', content: 'Today.' };

function changesOf(before: unknown, after: unknown): MessageChange[] {
  const diff = diffPayloads(JSON.stringify(before), JSON.stringify(after));
  if (diff.kind !== 'messages') throw new Error(`it is ${diff.kind}`);
  return diff.changes;
}

describe('of two chats', () => {
  it('has what the next turn added, and the messages in common', () => {
    const first = [system, user('Where?')];
    const changes = changesOf(first, [...first, answer, user('Thanks')]);
    expect(changes).toEqual([
      { kind: 'same', items: first },
      { kind: 'added', items: [answer, user('Thanks')] },
    ]);
    expect(countMessages(changes)).toEqual({ same: 2, added: 2, removed: 0, changed: 0 });
  });

  it('has a changed message with its words, where one of the same role stood', () => {
    const changes = changesOf([system, user('Where is my parcel?')], [system, user('Where is the parcel?')]);
    expect(changes[1]).toEqual({
      kind: 'changed',
      role: 'user',
      parts: [
        { kind: 'same', text: 'Where is ' },
        { kind: 'removed', text: 'my' },
        { kind: 'added', text: 'the' },
        { kind: 'same', text: ' parcel?' },
      ],
    });
  });

  it('has removed messages, also at the end, and in place of another role', () => {
    expect(changesOf([system, user('a'), answer], [system])).toEqual([
      { kind: 'same', items: [system] },
      { kind: 'removed', items: [user('a'), answer] },
    ]);
    expect(changesOf([user('a')], [answer])).toEqual([
      { kind: 'removed', items: [user('a')] },
      { kind: 'added', items: [answer] },
    ]);
  });

  it('has a call and an answer that stand for each other whole', () => {
    const call = {
      role: 'assistant',
      tool_calls: [{ id: 'c', function: { name: 'find', arguments: '{}' } }],
    };
    expect(changesOf([call], [answer])).toEqual([
      { kind: 'removed', items: [call] },
      { kind: 'added', items: [answer] },
    ]);
  });

  it('tells equal texts with other fields apart, and reads whole requests', () => {
    const withName = { ...user('a'), name: 'ada' };
    expect(countMessages(changesOf([user('a')], [withName]))).toMatchObject({ changed: 1 });
    const request = (messages: unknown[]) => ({ model: 'm', messages });
    expect(countMessages(changesOf(request([system]), request([system, answer])))).toMatchObject({
      same: 1,
      added: 1,
    });
  });

  it('with the same messages many times over loses none', () => {
    const [a, b] = [user('a'), user('b')];
    const [before, after] = [
      [a, b, a, a, b],
      [b, a, b, b, a, a],
    ];
    const changes = changesOf(before, after);
    const counts = countMessages(changes);
    expect(counts.same + counts.added + counts.changed).toBe(after.length);
    expect(counts.same + counts.removed + counts.changed).toBe(before.length);
  });

  it('of hundreds of messages is fast where they are the same', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => user(`message ${at} ${'x'.repeat(100)}`));
    expect(countMessages(changesOf(many, [...many, answer]))).toMatchObject({ same: 5_000, added: 1 });
  });
});

describe('of others', () => {
  it.each([
    ['one two', 'one three'],
    ['{"a":1}', '{"a":2}'],
    ['[1,2]', 'text'],
    ['', 'new'],
    [JSON.stringify([user('a')]), 'text'],
  ])('from %j to %j is one of texts', (before, after) => {
    const diff = diffPayloads(before, after);
    expect(diff.kind).toBe('text');
    expect(JSON.stringify(diff)).toContain('"added"');
  });

  it('is none where they are too long', () => {
    expect(diffPayloads('x'.repeat(3_000_000), 'y')).toEqual({ kind: 'too-long' });
  });

  it('takes deep JSON as it came', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    expect(diffPayloads(deep, deep).kind).toBe('text');
  });
});

describe('of texts', () => {
  const join = (before: string, after: string, kinds: string[]) =>
    diffText(before, after)
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ text }) => text)
      .join('');

  it.each([
    ['a\nb\nc', 'a\nx\nc\nd'],
    ['', ''],
    ['same', 'same'],
    ['\r\n\r\n', '\n'],
    ['wholly other', 'nothing alike 5'],
    [`${'line\n'.repeat(50_000)}a`, `${'line\n'.repeat(50_000)}b`],
    [
      Array.from({ length: 3_000 }, (_, at) => `a${at}`).join('\n'),
      Array.from({ length: 3_000 }, (_, at) => `b${at}`).join('\n'),
    ],
  ])('puts both together again', (before, after) => {
    expect(join(before, after, ['same', 'removed'])).toBe(before);
    expect(join(before, after, ['same', 'added'])).toBe(after);
  });
});

it('of texts that have little more than spaces in common shows both whole', () => {
  expect(diffText('one two three', 'quite another thing')).toEqual([
    { kind: 'removed', text: 'one two three' },
    { kind: 'added', text: 'quite another thing' },
  ]);
});

describe('the generations of a trace', () => {
  const columns = (types: string) =>
    ({ type: [...types].map((one) => (one === 'g' ? 'GENERATION' : 'SPAN')) }) as ObservationColumns;

  it('have one before, or none', () => {
    expect(previousGeneration(columns('gsgsg'), 4)).toBe(2);
    expect(previousGeneration(columns('sgs'), 1)).toBeUndefined();
  });

  it('are listed around one, without it, the nearest ones of many', () => {
    expect(generationsNear(columns('gsgsg'), 2)).toEqual([0, 4]);
    expect(generationsNear(columns('sgs'), 1)).toEqual([]);
    const many = generationsNear(columns('g'.repeat(1_000)), 500);
    expect([many.length, many[0], many.at(-1)]).toEqual([150, 400, 550]);
  });
});
