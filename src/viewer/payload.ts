/** Renders a payload (input, output, metadata): chat messages as a chat, other JSON formatted, text as it is. */

import { count } from './format.js';
import { type Html, html } from './html.js';
import { withMedia } from './media.js';
import type { PayloadView } from './views.js';

/** Nobody reads more of a payload on a page, and it would be slow. */
const MAX_SHOWN_CHARS = 20_000;

/** `fullTextUrl` is the URL of the whole payload. */
export function payloadDetails(
  label: string,
  payload: PayloadView | null,
  fullTextUrl: string,
  open: boolean,
): Html | null {
  if (payload === null) return null;
  const { body, hidden } = renderPayload(payload);
  return html`<details class="payload"${open ? html` open` : null}>
<summary>${label}<span>${count(payload.fullLength)} characters</span></summary>
${body}
${hidden > 0 && html`<p class="note">${count(hidden)} more characters: <a href="${fullTextUrl}">the whole ${label.toLowerCase()} as text</a></p>`}
</details>`;
}

function renderPayload({ text, fullLength }: PayloadView): { body: Html; hidden: number } {
  const value = fullLength > text.length ? text : parsed(text);
  const messages = chatMessages(value);
  if (messages !== null) return renderChat(messages);
  const layout = laidOut(value) ?? text;
  const shown = layout.slice(0, MAX_SHOWN_CHARS);
  const total = fullLength > text.length ? fullLength : layout.length;
  return { body: html`<pre>${withMedia(shown)}</pre>`, hidden: total - shown.length };
}

/** Null if it is nested too deeply for JSON.stringify. */
function laidOut(value: unknown): string | null {
  try {
    return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  } catch {
    return null;
  }
}

function parsed(text: string): unknown {
  try {
    return growsByIndents(text) ? text : JSON.parse(text);
  } catch {
    return text;
  }
}

interface Message {
  role: string;
  /** The tool that the result comes from. */
  name: string | null;
  parts: { text: string; isCode: boolean }[];
}

/** The messages of a chat: an array, a single message, or an object with `messages`; null for anything else. */
function chatMessages(value: unknown): Message[] | null {
  if (!isObject(value)) return null;
  const list = Array.isArray(value) ? value : Array.isArray(value.messages) ? value.messages : [value];
  if (list.length === 0 || !list.every(isMessage)) return null;
  return list.map(toMessage);
}

type RawMessage = Record<string, unknown> & { role: string };

function isMessage(value: unknown): value is RawMessage {
  return isObject(value) && typeof value.role === 'string' && ('content' in value || 'tool_calls' in value);
}

function toMessage({ role, name, content, tool_calls: toolCalls }: RawMessage): Message {
  const parts: Message['parts'] = [];
  for (const part of Array.isArray(content) ? content : [content]) {
    if (part === null || part === undefined || part === '') continue;
    if (typeof part === 'string') parts.push(textPart(part));
    else if (isObject(part) && typeof part.text === 'string') parts.push(textPart(part.text));
    else parts.push({ text: laidOut(part) ?? '…', isCode: true });
  }
  for (const call of Array.isArray(toolCalls) ? toolCalls : []) {
    const tool = isObject(call) && isObject(call.function) ? call.function : call;
    const { name: toolName, arguments: input } = isObject(tool) ? tool : {};
    const argument = typeof input === 'string' ? parsed(input) : input;
    const called = typeof toolName === 'string' ? toolName : 'tool';
    parts.push({ text: `${called}(${laidOut(argument ?? {}) ?? '…'})`, isCode: true });
  }
  return { role, name: typeof name === 'string' ? name : null, parts };
}

/** Tools usually return JSON as a string. */
function textPart(text: string): { text: string; isCode: boolean } {
  const value = /^\s*[[{]/.test(text) ? parsed(text) : text;
  return typeof value === 'string' ? { text, isCode: false } : { text: laidOut(value) ?? text, isCode: true };
}

const INSTRUCTION_ROLES = ['system', 'developer'];
const KNOWN_ROLES = [...INSTRUCTION_ROLES, 'user', 'assistant', 'tool', 'function'];
const MAX_UNFOLDED_INSTRUCTION_CHARS = 500;

function renderChat(messages: Message[]): { body: Html; hidden: number } {
  let room = MAX_SHOWN_CHARS;
  let hidden = 0;
  const take = (text: string) => {
    const shown = text.slice(0, room);
    room -= shown.length;
    hidden += text.length - shown.length;
    return shown;
  };
  const rendered = messages.map(({ role, name, parts }) => {
    const shown = parts
      .map(({ text, isCode }) => ({ text: take(text), isCode }))
      .filter(({ text }) => text !== '');
    if (shown.length === 0 && parts.length > 0) return null;
    const texts = shown.map(({ text, isCode }) =>
      isCode ? html`<pre class="code">${withMedia(text)}</pre>` : html`<pre>${withMedia(text)}</pre>`,
    );
    const length = shown.reduce((sum, { text }) => sum + text.length, 0);
    // Instructions are long and the same in each turn: they are folded.
    const folded = INSTRUCTION_ROLES.includes(role) && length > MAX_UNFOLDED_INSTRUCTION_CHARS;
    return html`<div class="${KNOWN_ROLES.includes(role) ? role : 'other'}"><p class="role">${role}${name !== null && ` · ${name}`}</p>${
      folded ? html`<details><summary>${count(length)} characters</summary>${texts}</details>` : texts
    }</div>
`;
  });
  return { body: html`<div class="chat">${rendered}</div>`, hidden };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const ALLOWED_GROWTH = 10;
const ALWAYS_ALLOWED_CHARS = 100_000;

/** Whether formatting would make a JSON text much longer: deep JSON grows a thousandfold by its indents. */
export function growsByIndents(text: string): boolean {
  let room = ALWAYS_ALLOWED_CHARS + ALLOWED_GROWTH * text.length;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length && room >= 0; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) inString = !inString;
    else if (inString) {
      if (code === 0x5c) index += 1;
    } else if (code === 0x5b || code === 0x7b) depth += 1;
    else if (code === 0x5d || code === 0x7d) depth -= 1;
    else if (code !== 0x2c) continue;
    if (!inString) room -= 2 * depth;
  }
  return room < 0;
}
