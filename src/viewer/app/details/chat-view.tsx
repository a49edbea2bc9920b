/** Messages as a chat: who says what, with tool calls next to their results. */

import { useState } from 'preact/hooks';
import { count } from '../ui/format.js';
import { Icon } from '../ui/icons.js';
import { INSTRUCTION_ROLES, KNOWN_ROLES, type Message, type Part } from './chat.js';
import { JsonTree } from './json-tree.js';
import { looksLikeMarkdown } from './markdown.js';
import { MarkdownView } from './markdown-view.js';
import { MediaView, TextWithMedia } from './media-view.js';

/** Instructions are long and the same in each turn: they are folded beyond this. */
const MAX_UNFOLDED_CHARS = 500;
const SHOWN_CHARS = 4_000;
/** The first and the last messages of a long chat say most. */
const FIRST_MESSAGES = 6;
const LAST_MESSAGES = 24;

export function ChatView({ messages, isRaw }: { messages: readonly Message[]; isRaw: boolean }) {
  const [isWhole, setWhole] = useState(false);
  const hidden = isWhole ? 0 : Math.max(0, messages.length - FIRST_MESSAGES - LAST_MESSAGES);
  const first = hidden === 0 ? messages : messages.slice(0, FIRST_MESSAGES);
  const last = hidden === 0 ? [] : messages.slice(-LAST_MESSAGES);
  return (
    <div class="chat">
      {first.map((message, index) => (
        <MessageView key={index} message={message} isRaw={isRaw} />
      ))}
      {hidden > 0 && (
        <button type="button" class="button" onClick={() => setWhole(true)}>
          Show {count(hidden)} messages in between
        </button>
      )}
      {last.map((message, index) => (
        <MessageView key={messages.length - last.length + index} message={message} isRaw={isRaw} />
      ))}
    </div>
  );
}

function MessageView({ message: { role, name, parts }, isRaw }: { message: Message; isRaw: boolean }) {
  const length = parts.reduce((sum, part) => sum + (part.kind === 'text' ? part.text.length : 0), 0);
  const content = parts.map((part, index) => <PartView key={index} part={part} isRaw={isRaw} />);
  const isFolded = INSTRUCTION_ROLES.includes(role) && length > MAX_UNFOLDED_CHARS;
  return (
    <div class={`message role-${KNOWN_ROLES.includes(role) ? role : 'other'}`}>
      <p class="role">
        {role}
        {name !== null && ` · ${name}`}
      </p>
      {isFolded ? (
        <details>
          <summary>{count(length)} characters</summary>
          {content}
        </details>
      ) : (
        content
      )}
    </div>
  );
}

function PartView({ part, isRaw }: { part: Part; isRaw: boolean }) {
  switch (part.kind) {
    case 'text':
      return <TextView text={part.text} isRaw={isRaw} />;
    case 'reasoning':
      return (
        <details class="reasoning">
          <summary>Reasoning</summary>
          <TextView text={part.text} isRaw={isRaw} />
        </details>
      );
    case 'media':
      return <MediaView source={part.source} />;
    case 'json':
      return <JsonTree value={part.value} />;
    case 'call':
      return (
        <div class="tool-call">
          <p class="tool-name">
            <Icon name="TOOL" /> {part.name}
          </p>
          <JsonTree value={part.input} />
          {part.result !== null && (
            <div class="tool-result">
              <p class="role">result</p>
              {part.result.map((one, index) => (
                <PartView key={index} part={one} isRaw={isRaw} />
              ))}
            </div>
          )}
        </div>
      );
    case 'result':
      return (
        <div class="tool-result">
          <p class="role">result{part.name !== null && ` of ${part.name}`}</p>
          {part.parts.map((one, index) => (
            <PartView key={index} part={one} isRaw={isRaw} />
          ))}
        </div>
      );
  }
}

/** A text, as Markdown if it looks like it. Long ones are cut, with a button for the rest. */
export function TextView({ text, isRaw }: { text: string; isRaw: boolean }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? text : text.slice(0, SHOWN_CHARS);
  return (
    <>
      {!isRaw && looksLikeMarkdown(shown) && !shown.includes('@@@langfuseMedia') ? (
        <MarkdownView text={shown} />
      ) : (
        <div class="text">
          <TextWithMedia text={shown} />
        </div>
      )}
      {shown.length < text.length && (
        <button type="button" class="link-button" onClick={() => setWhole(true)}>
          Show all {count(text.length)} characters
        </button>
      )}
    </>
  );
}
