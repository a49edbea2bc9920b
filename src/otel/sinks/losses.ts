/** Spans that are lost before they are accepted: counted by reason; want of room is told when it begins and when it ends. */
import { message } from '../../messages/message.js';
import type { Notifier } from '../../producer/messages/notifier.js';
import type { Counts, DropReason } from '../../shared/contract/counts.js';

export interface Losses {
  readonly notifier: Notifier;
  readonly dropped: Counts['dropped'];
  /** Whether the application has been told that spans are being lost, and not that it is over. */
  losing: boolean;
}

export function createLosses(notifier: Notifier): Losses {
  return { notifier, dropped: { total: 0 }, losing: false };
}

export function countLoss(losses: Losses, reason: DropReason): void {
  const { dropped, notifier } = losses;
  dropped.total++;
  dropped[reason] = (dropped[reason] ?? 0) + 1;
  if (losses.losing || reason !== 'queue-full') return;
  losses.losing = true;
  notifier.drop(message('TAILRACE_QUEUE_FULL'), { reason, dropped: dropped.total });
}

/** At the brim refused and accepted spans alternate: it is over once at most half of the queue is in use. */
export function endLoss(losses: Losses, pending: number, maxQueueSize: number): void {
  if (!losses.losing || pending > maxQueueSize / 2) return;
  losses.losing = false;
  const dropped = losses.dropped.total;
  losses.notifier.drop(message('TAILRACE_QUEUE_ACCEPTING_AGAIN', dropped), { dropped });
}
