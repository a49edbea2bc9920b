/** Makes each message that an application can see, from the table: a text and a stable code. */
import type { Level } from './entry.js';
import { textOf } from './render.js';
import { BROWSER } from './table/browser.js';
import { CLIENT } from './table/client.js';
import { DELIVERY } from './table/delivery.js';
import { EDGE } from './table/edge.js';
import { ENGINE } from './table/engine.js';
import { INTEGRATIONS } from './table/integrations.js';
import { OTEL } from './table/otel.js';
import { PAYLOADS } from './table/payloads.js';
import { SPOOL } from './table/spool.js';

export const MESSAGES = {
  ...CLIENT,
  ...PAYLOADS,
  ...ENGINE,
  ...DELIVERY,
  ...SPOOL,
  ...OTEL,
  ...INTEGRATIONS,
  ...EDGE,
  ...BROWSER,
};

/** Names a message for programs. Texts may change between versions, codes do not. See `src/messages/README.md`. */
export type MessageCode = keyof typeof MESSAGES;

/** The codes of one level. */
export type CodeOf<L extends Level> = {
  [C in MessageCode]: (typeof MESSAGES)[C]['level'] extends L ? C : never;
}[MessageCode];

/** Plain data, which the worker posts to the application's thread. */
export interface Message<C extends MessageCode = MessageCode> {
  readonly code: C;
  /** With the remedy, without the code. */
  readonly text: string;
}

export type ErrorMessage = Message<CodeOf<'error'>>;
export type WarningMessage = Message<CodeOf<'warning'>>;

/** @example message('TAILRACE_RING_FULL', ring.capacity) */
export function message<C extends MessageCode>(
  code: C,
  ...args: Parameters<(typeof MESSAGES)[C]['text']>
): Message<C> {
  return { code, text: textOf(MESSAGES[code], args) };
}

/** What an exporter warns by: `warning` of its context, with a topic of any text. */
export type Warn = (topic: string, text: string) => void;

/** Warns from an exporter of tailrace's own, with the code as topic. `about` keeps messages of one code apart. */
export function warnBy(warning: Warn, { code, text }: WarningMessage, about?: string): void {
  warning(about === undefined ? code : `${code} ${about}`, text);
}

/** The message of such a call: its own where the topic is a code, else one for all exporters of the application's own. */
export function warningOf(topic: string, text: string): WarningMessage {
  const [code = ''] = topic.split(' ', 1);
  return isWarningCode(code) ? { code, text } : message('TAILRACE_EXPORTER_WARNING', text);
}

function isWarningCode(code: string): code is CodeOf<'warning'> {
  return Object.hasOwn(MESSAGES, code) && MESSAGES[code as MessageCode].level === 'warning';
}
