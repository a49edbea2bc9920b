/** Says something in the console, once: a page has no other place for it. */
import { logLine, textOf } from '../messages/render.js';
import { BROWSER } from '../messages/table/browser.js';

/** Names a message in the console. */
export type FeedbackCode =
  | 'TAILRACE_FEEDBACK_SECRET_KEY'
  | 'TAILRACE_FEEDBACK_OPTION'
  | 'TAILRACE_FEEDBACK_INVALID'
  | 'TAILRACE_FEEDBACK_REFUSED'
  | 'TAILRACE_FEEDBACK_DROPPED'
  | 'TAILRACE_FEEDBACK_NO_PAGE';

export interface Problem {
  readonly code: FeedbackCode;
  readonly detail?: string | number;
}

const said = new Set<string>();

export function warnOnce({ code, detail }: Problem): void {
  const entry = BROWSER[code];
  const line = logLine({ code, text: textOf(entry, [detail]) });
  if (said.has(line)) return;
  said.add(line);
  // biome-ignore lint/suspicious/noConsole: there is no other way to warn
  console[entry.level === 'error' ? 'error' : 'warn'](line);
}
