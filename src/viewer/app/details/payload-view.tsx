/** A payload: as a chat, a JSON tree or a text, with copy, download and "show all". */

import { useMemo, useState } from 'preact/hooks';
import type { PayloadView as Payload } from '../../data/details.js';
import { Copy } from '../ui/copy.js';
import { count } from '../ui/format.js';
import { Icon } from '../ui/icons.js';
import { chatMessages } from './chat.js';
import { ChatView, TextView } from './chat-view.js';
import { JsonTree } from './json-tree.js';
import { valueOfPayload } from './payload-values.js';

type Mode = 'chat' | 'json' | 'text';

const LABELS: Record<Mode, string> = { chat: 'Formatted', json: 'JSON', text: 'Raw' };

interface PayloadSectionProps {
  label: string;
  payload: Payload | null;
  /** The whole as a text. */
  url: string;
  /** Begins the name of the downloaded file. */
  name: string;
  isOpen: boolean;
  /** Reads more of it. */
  onShowAll(): void;
}

export function PayloadSection({ label, payload, url, name, isOpen, onShowAll }: PayloadSectionProps) {
  const isCut = payload !== null && payload.text.length < payload.length;
  const value = useMemo(
    () => (payload === null || isCut ? payload?.text : valueOfPayload(payload.text)),
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
        <Copy text={isCut ? () => readText(url) : payload.text} label={`Copy the ${label.toLowerCase()}`} />
        <a
          class="icon-button"
          href={url}
          download={fileName(name, label, typeof value !== 'string')}
          title={`Download the ${label.toLowerCase()}`}
          aria-label={`Download the ${label.toLowerCase()}`}
        >
          <Icon name="download" />
        </a>
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

async function readText(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return response.text();
}

/** Ids come from outside: only plain characters may be in the name of a file. */
function fileName(name: string, label: string, isJson: boolean): string {
  const safe = name.replaceAll(/[^\w-]+/g, '_').slice(0, 80);
  return `${safe}-${label.toLowerCase()}.${isJson ? 'json' : 'txt'}`;
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
