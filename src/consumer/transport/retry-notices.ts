/** Warns the application of requests that fail and are retried, and reports when delivery works again. */

import { message } from '../../messages/message.js';
import { shownDuration } from '../../messages/quantities.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { countRetry, type Ledger } from '../intake/ledger.js';
import { countUntaken, type RingReader } from '../intake/ring-reader.js';
import type { Notices } from '../notices.js';
import type { RetryEvents } from './retrying-transport.js';
import type { TransportRequest } from './transport.js';

/** An outage of one lane: times of its first and its last failed attempt. */
interface Outage {
  readonly since: number;
  until: number;
  isReported: boolean;
}

/** `onFailedAttempt`: called for each failed attempt that will be retried. */
export function createRetryNotices(
  reader: RingReader,
  ledger: Ledger,
  notices: Notices,
  onFailedAttempt: (request: TransportRequest) => void,
): RetryEvents {
  const outages = new Map<string, Outage>();
  return {
    onRetry(request, { reason, misconfigured }, delayMs) {
      const { lane } = request;
      countRetry(ledger);
      onFailedAttempt(request);
      const again = shownDuration(delayMs);
      // Two codes, so that a transient fault does not suppress the warning of a configuration error.
      const isReported = misconfigured
        ? notices.warning(message('TAILRACE_MISCONFIGURED', again, reason))
        : notices.warning(message('TAILRACE_RETRYING', again, reason));
      if (lane === undefined) return;
      const now = monotonicNow();
      const outage = outages.get(lane) ?? { since: now, until: now, isReported: false };
      outage.until = now;
      outage.isReported ||= isReported;
      outages.set(lane, outage);
    },
    onTaken({ lane = '' }, startedAt, isHealthy) {
      const outage = outages.get(lane);
      // An attempt that began before the last failure proves nothing, nor does one while other requests still wait.
      if (outage === undefined || startedAt < outage.until || !isHealthy) return;
      outages.delete(lane);
      if (!outage.isReported) return;
      const seconds = ((monotonicNow() - outage.since) / 1000).toFixed(1);
      const waiting = ledger.next - ledger.oldest + countUntaken(reader);
      notices.tell(message('TAILRACE_DELIVERY_RESUMED', lane, seconds, waiting));
    },
  };
}
