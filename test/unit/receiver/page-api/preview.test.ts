import { describe, expect, it } from 'vitest';
import { previewOf } from '../../../../src/receiver/page-api/preview.js';

const of = (value: unknown) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return previewOf(text.slice(0, 300), text.slice(-2000));
};

describe('the preview of a payload', () => {
  it('is the last message of the user, whatever comes before it', () => {
    const system = { role: 'system', content: 'x'.repeat(5000) };
    const messages = [system, { role: 'user', content: 'Hi' }, { role: 'user', content: 'Where is\n"it"?' }];
    expect(of(messages)).toBe('Where is "it"?');
    expect(of({ messages })).toBe('Where is "it"?');
  });

  it('is the text of an answer, or the tool that it calls', () => {
    expect(of({ role: 'assistant', content: 'Done.' })).toBe('Done.');
    const call = (tool: object) => ({ role: 'assistant', content: null, tool_calls: [{ function: tool }] });
    expect(of(call({ name: 'find', arguments: '{"id":7}' }))).toBe('find(…)');
    expect(of(call({ arguments: '{"a":"b"}', name: 'find' }))).toBe('find(…)');
    expect(of([{ role: 'user', content: [{ type: 'text', text: 'in a part' }] }])).toBe('in a part');
  });

  it('is the beginning of any other text, without line breaks', () => {
    expect(of('plain\n\n text')).toBe('plain text');
    expect(of('"quoted"')).toBe('quoted');
    expect(of({ a: 1 })).toBe('{"a":1}');
    expect(of({ question: 'Where "is" it?' })).toBe('Where "is" it?');
    expect(of({ a: 'x', b: 'y' })).toBe('{"a":"x","b":"y"}');
    expect(of('y'.repeat(5000))).toHaveLength(300);
    // A chat whose last message is longer than the end that is read.
    expect(of([{ role: 'user', content: 'z'.repeat(5000) }])).toMatch(/^\[\{"role":"user"/);
  });
});
