/** Markdown as elements: every text is a text node. */

import type { ComponentChildren } from 'preact';
import { type Block, type Inline, parseMarkdown } from './markdown.js';

export function MarkdownView({ text }: { text: string }) {
  return <div class="markdown">{parseMarkdown(text).map(renderBlock)}</div>;
}

function renderInline(parts: readonly Inline[]): ComponentChildren {
  return parts.map((part, index) => {
    if (part.kind === 'code') return <code key={index}>{part.text}</code>;
    if (part.kind === 'strong') return <strong key={index}>{part.text}</strong>;
    if (part.kind === 'emphasis') return <em key={index}>{part.text}</em>;
    return part.text;
  });
}

const renderLines = (lines: readonly Inline[][]) =>
  lines.map((line, index) => (
    <span key={index} class="line">
      {renderInline(line)}
    </span>
  ));

function renderBlock(block: Block, index: number) {
  switch (block.kind) {
    case 'heading':
      // Headings of the page are above those of a text.
      return (
        <p key={index} class={`md-heading md-heading-${block.level}`}>
          {renderInline(block.content)}
        </p>
      );
    case 'code':
      return (
        <pre key={index} class="code">
          {block.text}
        </pre>
      );
    case 'list': {
      const items = block.items.map((item, at) => <li key={at}>{renderInline(item)}</li>);
      return block.isOrdered ? <ol key={index}>{items}</ol> : <ul key={index}>{items}</ul>;
    }
    case 'quote':
      return <blockquote key={index}>{renderLines(block.lines)}</blockquote>;
    case 'table':
      return (
        <table key={index}>
          <tbody>
            {block.rows.map((row, at) => (
              <tr key={at}>
                {row.map((cell, column) => (
                  <td key={column}>{renderInline(cell)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      );
    case 'rule':
      return <hr key={index} />;
    default:
      return <p key={index}>{renderLines(block.lines)}</p>;
  }
}
