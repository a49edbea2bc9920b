import { describe, expect, it } from 'vitest';
import { looksLikeMarkdown, parseMarkdown } from '../../../../../src/viewer/app/details/markdown.js';

const text = (value: string) => ({ kind: 'text', text: value });

describe('Markdown', () => {
  it('has headings, paragraphs, lists, code, quotes, tables and rules', () => {
    const source = `# Title
one **two** \`three\`
*four*

1. first
   goes on
2. second

- item

~~~js
<b>**not bold**</b>
~~~
> said

| a | b |
| --- | --- |
| 1 | 2 |

---`;
    expect(parseMarkdown(source)).toEqual([
      { kind: 'heading', level: 1, content: [text('Title')] },
      {
        kind: 'paragraph',
        lines: [
          [text('one '), { kind: 'strong', text: 'two' }, text(' '), { kind: 'code', text: 'three' }],
          [{ kind: 'emphasis', text: 'four' }],
        ],
      },
      { kind: 'list', isOrdered: true, items: [[text('first\ngoes on')], [text('second')]] },
      { kind: 'list', isOrdered: false, items: [[text('item')]] },
      { kind: 'code', language: 'js', text: '<b>**not bold**</b>' },
      { kind: 'quote', lines: [[text('said')]] },
      {
        kind: 'table',
        rows: [
          [[text('a')], [text('b')]],
          [[text('1')], [text('2')]],
        ],
      },
      { kind: 'rule' },
    ]);
  });

  it('makes text of links, and shows where they lead', () => {
    expect(parseMarkdown('[click](javascript:alert%281%29)')).toEqual([
      { kind: 'paragraph', lines: [[text('click (javascript:alert%281%29)')]] },
    ]);
  });

  it('has no end of a fence that is missing', () => {
    expect(parseMarkdown('```\nrest')).toEqual([{ kind: 'code', language: '', text: 'rest' }]);
  });

  it('is read whatever is in it', () => {
    for (const hostile of [
      '*'.repeat(20_000),
      '['.repeat(20_000),
      '`'.repeat(20_001),
      '> '.repeat(5_000),
      '|'.repeat(9_999),
    ]) {
      expect(JSON.stringify(parseMarkdown(hostile)).length).toBeGreaterThan(0);
    }
  });

  it('is guessed from what a text looks like', () => {
    expect(['# a', 'x\n- y', 'a **b**', '`c`', '```\nd'].every(looksLikeMarkdown)).toBe(true);
    expect(['plain text.', 'a * b * c', 'x_y_z', '3 > 2'].some(looksLikeMarkdown)).toBe(false);
  });
});
