/** What the application is told of requests that fail and are tried again, and of the end of such a time. */
import { message } from '../../messages/message.js';
import { shownDuration } from '../../messages/quantities.js';
import { monotonicNow } from '../../shared/runtime/real-time.js';
import type { Ledger } from '../intake/ledger.js';
import { countUntaken, type RingReader } from '../intake/ring-reader.js';
import type { Notices } from '../notices.js';
import { countRetry } from './delivery.js';
import type { RetryOptions } from './retrying-transport.js';
import type { TransportRequest } from './transport.js';

export function createTrouble(
  reader: RingReader,
  ledger: Ledger,
  notices: Notices,
  onTrouble: (request: TransportRequest) => void,
): Pick<RetryOptions, 'onRetry' | 'onTaken'> {
  /** By lane: since when it has been in trouble, until when by all that is known, and whether that was told. */
  const troubles = new Map<string, { readonly since: number; until: number; told: boolean }>();
  return {
    onRetry(request, { reason, misconfigured }, delayMs) {
      const { lane } = request;
      countRetry(ledger);
      onTrouble(request);
      const again = shownDuration(delayMs);
      // Apart from the rest: what needs somebody's hand must not wait behind a fault that passes.
      const told = misconfigured
        ? notices.warning(message('TAILRACE_MISCONFIGURED', again, reason))
        : notices.warning(message('TAILRACE_RETRYING', again, reason));
      if (lane === undefined) return;
      const now = monotonicNow();
      const trouble = troubles.get(lane) ?? { since: now, until: now, told: false };
      trouble.until = now;
      trouble.told ||= told;
      troubles.set(lane, trouble);
    },
    onTaken({ lane = '' }, startedAt, isSound) {
      const trouble = troubles.get(lane);
      // One that was under way beside the last failure proves nothing, nor does one while the others still wait.
      if (trouble === undefined || startedAt < trouble.until || !isSound) return;
      troubles.delete(lane);
      if (!trouble.told) return;
      const seconds = ((monotonicNow() - trouble.since) / 1000).toFixed(1);
      const waiting = ledger.next - ledger.oldest + countUntaken(reader);
      notices.tell(message('TAILRACE_DELIVERY_RESUMED', lane, seconds, waiting));
    },
  };
}
