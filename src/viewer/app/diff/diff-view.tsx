/** A difference: what is in common is folded, what was added, removed or changed is marked by a word and a colour. */

import { useMemo, useState } from 'preact/hooks';
import { chatMessages } from '../details/chat.js';
import { ChatView } from '../details/chat-view.js';
import { JsonTree } from '../details/json-tree.js';
import { plural } from '../ui/format.js';
import { countMessages, diffPayloads, type MessageChange } from './message-diff.js';
import type { TextPart } from './text-diff.js';

interface DiffViewProps {
  label: string;
  before: string;
  after: string;
}

export function DiffView({ label, before, after }: DiffViewProps) {
  const diff = useMemo(() => diffPayloads(before, after), [before, after]);
  return (
    <section class="diff" aria-label={`Changes of the ${label.toLowerCase()}`}>
      <h3>{label}</h3>
      {diff.kind === 'too-long' && <p class="note">It is too long to be compared.</p>}
      {diff.kind === 'text' && <TextDiff parts={diff.parts} />}
      {diff.kind === 'messages' && (
        <>
          <p class="note">{summaryOf(diff.changes)}</p>
          {diff.changes.map((change, index) => (
            <MessageDiff key={index} change={change} />
          ))}
        </>
      )}
    </section>
  );
}

function summaryOf(changes: readonly MessageChange[]): string {
  const { same, added, removed, changed } = countMessages(changes);
  const parts = [
    added > 0 && `${plural(added, 'message')} added`,
    changed > 0 && `${plural(changed, 'message')} changed`,
    removed > 0 && `${plural(removed, 'message')} removed`,
    `${same} in common`,
  ];
  return parts.filter((part) => part !== false).join(', ');
}

function MessageDiff({ change }: { change: MessageChange }) {
  if (change.kind === 'same') return <SameMessages items={change.items} />;
  if (change.kind === 'changed') {
    return (
      <div class="diff-block changed">
        <p class="diff-kind">changed · {change.role}</p>
        <TextDiff parts={change.parts} />
      </div>
    );
  }
  return (
    <div class={`diff-block ${change.kind}`}>
      <p class="diff-kind">{change.kind}</p>
      <Items items={change.items} />
    </div>
  );
}

/** They are in the document only while they are open: a late turn has hundreds. */
function SameMessages({ items }: { items: readonly unknown[] }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details class="diff-same" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{plural(items.length, 'message')} in common</summary>
      {isOpen && <Items items={items} />}
    </details>
  );
}

function Items({ items }: { items: readonly unknown[] }) {
  const messages = useMemo(() => chatMessages(items), [items]);
  return messages === null ? <JsonTree value={items} /> : <ChatView messages={messages} isRaw={false} />;
}

function TextDiff({ parts }: { parts: readonly TextPart[] }) {
  if (parts.every(({ kind }) => kind === 'same')) return <p class="note">There is no difference.</p>;
  return (
    <div class="diff-text">
      {parts.map(({ kind, text }, index) => {
        if (kind === 'added') return <ins key={index}>{text}</ins>;
        if (kind === 'removed') return <del key={index}>{text}</del>;
        return <SameText key={index} text={text} isFirst={index === 0} isLast={index === parts.length - 1} />;
      })}
    </div>
  );
}

const CONTEXT_CHARS = 300;

/** A long stretch in common shows its ends, where it meets changes. */
function SameText({ text, isFirst, isLast }: { text: string; isFirst: boolean; isLast: boolean }) {
  const [isWhole, setWhole] = useState(false);
  const head = isFirst ? 0 : CONTEXT_CHARS;
  const tail = isLast ? 0 : CONTEXT_CHARS;
  if (isWhole || text.length <= 2 * CONTEXT_CHARS) return <span>{text}</span>;
  const hidden = text.length - head - tail;
  return (
    <>
      <span>{text.slice(0, head)}</span>
      <button type="button" class="link-button" onClick={() => setWhole(true)}>
        … {plural(hidden, 'character')} in common …
      </button>
      <span>{text.slice(text.length - tail)}</span>
    </>
  );
}
