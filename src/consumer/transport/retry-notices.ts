/** Warns the application of requests that fail and are retried, and reports when a lane or an endpoint works again. */

import { message } from '../../messages/message.js';
import { shownDuration } from '../../messages/quantities.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { countRetry, type Ledger } from '../intake/ledger.js';
import { countUntaken, type RingReader } from '../intake/ring-reader.js';
import type { Notices } from '../notices.js';
import type { RetryEvents } from './retrying-transport.js';
import { hostOf, type TransportRequest } from './transport.js';

/** An outage of one lane, or of one of several endpoints: times of its first and its last failed attempt. */
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
  /** By address. */
  const away = new Map<string, Outage>();
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
      noteFailure(outages, lane, isReported);
    },
    onMoved(_, { reason }, from, to) {
      countRetry(ledger);
      const host = hostOf(from);
      const code = 'TAILRACE_ENDPOINT_AWAY';
      noteFailure(
        away,
        from.url,
        notices.warning(message(code, host, reason, hostOf(to)), `${code} ${from.url}`),
      );
    },
    onTaken({ lane = '' }, startedAt, isHealthy, endpoint) {
      if (endpoint !== undefined) {
        const seconds = endOutage(away, endpoint.url, startedAt, isHealthy);
        if (seconds !== undefined) notices.tell(message('TAILRACE_ENDPOINT_BACK', hostOf(endpoint), seconds));
      }
      const seconds = endOutage(outages, lane, startedAt, isHealthy);
      if (seconds === undefined) return;
      const waiting = ledger.next - ledger.oldest + countUntaken(reader);
      notices.tell(message('TAILRACE_DELIVERY_RESUMED', lane, seconds, waiting));
    },
  };
}

function noteFailure(outages: Map<string, Outage>, key: string, isReported: boolean): void {
  const now = monotonicNow();
  const outage = outages.get(key) ?? { since: now, until: now, isReported: false };
  outage.until = now;
  outage.isReported ||= isReported;
  outages.set(key, outage);
}

/** Returns how many seconds the outage took, if it is over and was reported. */
function endOutage(
  outages: Map<string, Outage>,
  key: string,
  startedAt: number,
  isHealthy: boolean,
): string | undefined {
  const outage = outages.get(key);
  // An attempt that began before the last failure proves nothing, nor does one while other requests still wait.
  if (outage === undefined || startedAt < outage.until || !isHealthy) return undefined;
  outages.delete(key);
  return outage.isReported ? ((monotonicNow() - outage.since) / 1000).toFixed(1) : undefined;
}
