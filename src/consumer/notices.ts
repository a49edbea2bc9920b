/** What the consumer has to tell the application, posted to its thread; a repeated warning only now and then. */

import { type ExportNotice, type Notice, REPORT_BATCHES, REPORT_EXPORTS } from '../shared/control.js';
import { monotonicNow } from '../shared/real-time.js';

export interface Notices {
  error(message: string, events: number): void;
  /** At most one message of a `topic` in `REPEAT_AFTER_MS`; the next one says how many were left out. Whether it is told. */
  warning(topic: string, message: string): boolean;
  /** A warning that is told each time. */
  tell(message: string): void;
  /** A message for each batch, while debugging is on. */
  debug(message: () => string): void;
  /** A batch begins or ends, while somebody measures. */
  export(notice: Omit<ExportNotice, 'kind' | 'ring'>): void;
}

const REPEAT_AFTER_MS = 30_000;

/** The same for one of several rings: what became of its events is told where they come from. */
export function noticesOf(ring: number, notices: Notices, post: (notice: Notice) => void): Notices {
  return { ...notices, error: (message, events) => post({ kind: 'error', ring, message, events }) };
}

/** Of one destination, by its ring. `reports`: the bits of what is asked for at this moment. */
export function createNotices(ring: number, post: (notice: Notice) => void, reports: () => number): Notices {
  const topics = new Map<string, { saidAt: number; leftOut: number }>();
  return {
    error: (message, events) => post({ kind: 'error', ring, message, events }),
    debug(message) {
      if (reports() & REPORT_BATCHES) post({ kind: 'debug', ring, message: message() });
    },
    export(notice) {
      if (reports() & REPORT_EXPORTS) post({ kind: 'export', ring, ...notice });
    },
    warning(topic, message) {
      const said = topics.get(topic);
      if (said !== undefined && monotonicNow() - said.saidAt < REPEAT_AFTER_MS) {
        said.leftOut++;
        return false;
      }
      const leftOut = said?.leftOut ? ` (and ${said.leftOut} times since the last message)` : '';
      topics.set(topic, { saidAt: monotonicNow(), leftOut: 0 });
      post({ kind: 'warning', ring, message: message + leftOut });
      return true;
    },
    tell: (message) => post({ kind: 'warning', ring, message }),
  };
}
