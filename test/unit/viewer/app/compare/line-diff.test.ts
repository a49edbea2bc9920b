import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines, readableLines } from '../../../../../src/viewer/app/compare/line-diff.js';

describe('the difference by lines', () => {
  it('shows what was removed before what was added in its place', () => {
    expect(diffLines('one\ntwo\nthree', 'one\n2\nthree\nfour')).toEqual([
      { kind: 'same', lines: ['one'] },
      { kind: 'removed', lines: ['two'] },
      { kind: 'added', lines: ['2'] },
      { kind: 'same', lines: ['three'] },
      { kind: 'added', lines: ['four'] },
    ]);
  });

  it('holds both texts', () => {
    const text = fc.array(fc.constantFrom('a', 'b', ''), { maxLength: 12 }).map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const parts = diffLines(before, after);
        const without = (kind: string) =>
          parts.flatMap((part) => (part.kind === kind ? [] : part.lines)).join('\n');
        expect(without('added')).toBe(before);
        expect(without('removed')).toBe(after);
      }),
    );
  });

  it('lays JSON out, with the line breaks of its texts, and leaves other texts alone', () => {
    expect(readableLines('{"a":"x\\ny","b":1}')).toBe('{\n  "a": "x\ny",\n  "b": 1\n}');
    expect(readableLines(String.raw`{"path":"C:\\new"}`)).toBe('{\n  "path": "C:\\\\new"\n}');
    expect(readableLines('"a\\nb"')).toBe('a\nb');
    expect(readableLines('no {json')).toBe('no {json');
  });
});
