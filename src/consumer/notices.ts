/** Notices of the consumer for the application, posted to its thread. Repeated warnings are rate-limited. */

import type { CodeOf, ErrorMessage, Message, WarningMessage } from '../messages/message.js';
import {
  type ExportNotice,
  type Notice,
  REPORT_BATCHES,
  REPORT_EXPORTS,
} from '../shared/contract/control.js';
import { monotonicNow } from '../shared/runtime/real-time.js';

export interface Notices {
  /** Reports failed events. `number`: of the notice, among those of this ring. See delivery/failure-notices.ts. */
  error(message: ErrorMessage, events: number, number: number): void;
  /** Reports an error of which no event has failed yet. */
  fault(message: ErrorMessage): void;
  /**
   * Reports at most one message of a `topic`, by default the code, in `REPEAT_AFTER_MS`. The next message says how many were left
   * out. Returns whether this one was reported.
   */
  warning(message: WarningMessage, topic?: string): boolean;
  /** Reports a warning each time. */
  tell(message: WarningMessage): void;
  /** Reports a batch, if the application listens to debug messages. */
  debug(message: () => Message<CodeOf<'debug'>>): void;
  /** Reports the begin or end of a batch, if metrics are on. */
  export(notice: Omit<ExportNotice, 'kind' | 'ring'>): void;
}

const REPEAT_AFTER_MS = 30_000;
/** An application's exporter may name any number of topics. Above this number the least recently reported one is dropped. */
const MAX_TOPICS = 100;

/** Notices for another ring of the same destination: failed events are reported to the thread that they come from. */
export function noticesOf(ring: number, notices: Notices, post: (notice: Notice) => void): Notices {
  return { ...notices, error: (...told) => post(errorNotice(ring, ...told)) };
}

/** Notices of one destination, named by its ring. `reports`: bits of what the application wants reported at the moment. */
export function createNotices(ring: number, post: (notice: Notice) => void, reports: () => number): Notices {
  const topics = new Map<string, { reportedAt: number; leftOut: number }>();
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
      const last = topics.get(topic);
      if (last !== undefined && monotonicNow() - last.reportedAt < REPEAT_AFTER_MS) {
        last.leftOut++;
        return false;
      }
      const leftOut = last?.leftOut ? ` (${last.leftOut} more like this since the last message)` : '';
      // Deleted first, so that the map is in the order in which topics were last reported.
      topics.delete(topic);
      topics.set(topic, { reportedAt: monotonicNow(), leftOut: 0 });
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
