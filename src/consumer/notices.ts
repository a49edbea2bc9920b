/** What the consumer has to tell the application, posted to its thread; a repeated warning only now and then. */

import type { CodeOf, ErrorMessage, Message, WarningMessage } from '../messages/message.js';
import {
  type ExportNotice,
  type Notice,
  REPORT_BATCHES,
  REPORT_EXPORTS,
} from '../shared/contract/control.js';
import { monotonicNow } from '../shared/runtime/real-time.js';

export interface Notices {
  /** `number`: of the notice, among those of failed events of this ring. See telling.ts. */
  error(message: ErrorMessage, events: number, number: number): void;
  /** Reports an error that no event has failed of yet. */
  fault(message: ErrorMessage): void;
  /** At most one message of a `topic`, by default of a code, in `REPEAT_AFTER_MS`; the next one says how many were left out. Whether it is told. */
  warning(message: WarningMessage, topic?: string): boolean;
  /** A warning that is told each time. */
  tell(message: WarningMessage): void;
  /** A message for each batch, while debugging is on. */
  debug(message: () => Message<CodeOf<'debug'>>): void;
  /** A batch begins or ends, while somebody measures. */
  export(notice: Omit<ExportNotice, 'kind' | 'ring'>): void;
}

const REPEAT_AFTER_MS = 30_000;
/** An exporter of the application's own may name any number of topics. Beyond these the one said longest ago is forgotten. */
const MAX_TOPICS = 100;

/** The same for one of several rings: what became of its events is told where they come from. */
export function noticesOf(ring: number, notices: Notices, post: (notice: Notice) => void): Notices {
  return { ...notices, error: (...told) => post(errorNotice(ring, ...told)) };
}

/** Of one destination, by its ring. `reports`: the bits of what is asked for at this moment. */
export function createNotices(ring: number, post: (notice: Notice) => void, reports: () => number): Notices {
  const topics = new Map<string, { saidAt: number; leftOut: number }>();
  return {
    error: (...told) => post(errorNotice(ring, ...told)),
    fault: (message) => post(errorNotice(ring, message, 0, undefined)),
    debug(message) {
      if (reports() & REPORT_BATCHES) post({ kind: 'debug', ring, ...message() });
    },
    export(notice) {
      if (reports() & REPORT_EXPORTS) post({ kind: 'export', ring, ...notice });
    },
    warning(message, topic = message.code) {
      const said = topics.get(topic);
      if (said !== undefined && monotonicNow() - said.saidAt < REPEAT_AFTER_MS) {
        said.leftOut++;
        return false;
      }
      const leftOut = said?.leftOut ? ` (${said.leftOut} more like this since the last message)` : '';
      // At the end: the map stands in the order in which topics were said.
      topics.delete(topic);
      topics.set(topic, { saidAt: monotonicNow(), leftOut: 0 });
      if (topics.size > MAX_TOPICS) topics.delete(topics.keys().next().value as string);
      post({ kind: 'warning', ring, code: message.code, text: message.text + leftOut });
      return true;
    },
    tell: (message) => post({ kind: 'warning', ring, ...message }),
  };
}

function errorNotice(
  ring: number,
  message: ErrorMessage,
  events: number,
  number: number | undefined,
): Notice {
  return { kind: 'error', ring, ...message, events, number };
}
