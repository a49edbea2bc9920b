/** A payload: as a chat, a JSON tree or a text, with copy, download and "show all". */

import { useMemo, useState } from 'preact/hooks';
import type { PayloadView as Payload } from '../../page-data.js';
import { Copy } from '../ui/copy.js';
import { count } from '../ui/format.js';
import { chatMessages } from './chat.js';
import { ChatView, TextView } from './chat-view.js';
import { JsonTree } from './json-tree.js';

type Mode = 'chat' | 'json' | 'text';

const LABELS: Record<Mode, string> = { chat: 'Formatted', json: 'JSON', text: 'Raw' };

interface PayloadSectionProps {
  label: string;
  payload: Payload | null;
  /** The whole as a text. */
  url: string;
  isOpen: boolean;
  /** Reads more of it. */
  onShowAll(): void;
}

export function PayloadSection({ label, payload, url, isOpen, onShowAll }: PayloadSectionProps) {
  const isCut = payload !== null && payload.text.length < payload.length;
  const value = useMemo(
    () => (payload === null || isCut ? payload?.text : parsed(payload.text)),
    [payload, isCut],
  );
  const messages = useMemo(() => chatMessages(value), [value]);
  const modes: Mode[] =
    messages !== null
      ? ['chat', 'json', 'text']
      : typeof value === 'string'
        ? ['chat', 'text']
        : ['json', 'text'];
  const [chosen, choose] = useState<Mode | null>(null);
  if (payload === null) return null;
  const mode = chosen !== null && modes.includes(chosen) ? chosen : (modes[0] as Mode);
  return (
    <details class="payload" open={isOpen}>
      <summary>
        <h3>{label}</h3>
        <span class="muted">{count(payload.length)} characters</span>
      </summary>
      <div class="payload-tools">
        <div class="segments" role="group" aria-label={`View of the ${label.toLowerCase()}`}>
          {modes.map((name) => (
            <button key={name} type="button" aria-pressed={name === mode} onClick={() => choose(name)}>
              {LABELS[name]}
            </button>
          ))}
        </div>
        <Copy text={payload.text} label={`Copy the ${label.toLowerCase()}`} />
        <a href={url} target="_blank" rel="noreferrer noopener">
          As text
        </a>
      </div>
      {mode === 'chat' && messages !== null && <ChatView messages={messages} isRaw={false} />}
      {mode === 'chat' && messages === null && <TextView text={String(value)} isRaw={false} />}
      {mode === 'json' && <JsonTree value={value} />}
      {mode === 'text' && <RawView text={payload.text} />}
      {isCut && (
        <p class="note">
          {count(payload.length - payload.text.length)} more characters.{' '}
          <button type="button" class="link-button" onClick={onShowAll}>
            Show all
          </button>
        </p>
      )}
    </details>
  );
}

function RawView({ text }: { text: string }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? text : text.slice(0, RAW_CHARS);
  return (
    <>
      <pre class="raw">{shown}</pre>
      {shown.length < text.length && (
        <button type="button" class="link-button" onClick={() => setWhole(true)}>
          Show all {count(text.length)} characters
        </button>
      )}
    </>
  );
}

const RAW_CHARS = 20_000;

/** Text that is no JSON stays text; a number that JavaScript would change too. */
function parsed(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'number' && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}
