/** What the application is told of requests that fail and are tried again, and of the end of such a time. */
import { monotonicNow } from '../../shared/runtime/real-time.js';
import { countRetry } from '../delivery/delivery.js';
import type { Ledger } from '../intake/ledger.js';
import { countUntaken, type RingReader } from '../intake/ring-reader.js';
import type { Notices } from '../notices.js';
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
      const again = delayMs < 10_000 ? `${Math.round(delayMs)} ms` : `${Math.round(delayMs / 1000)} s`;
      // Apart from the rest: what needs somebody's hand must not wait behind a fault that passes.
      const told = misconfigured
        ? notices.warning(
            'misconfigured',
            `something has to be put right; tried again in ${again}: ${reason}`,
          )
        : notices.warning('retry', `a request failed and is tried again in ${again}: ${reason}`);
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
      notices.tell(
        `delivery of ${lane} works again, after ${seconds} s; events that have waited: ${waiting}`,
      );
    },
  };
}
