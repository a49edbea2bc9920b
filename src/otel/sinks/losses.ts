/** Counts spans that are lost before they are accepted. Reports a full queue when the loss begins and when it ends. */

import { message } from '../../messages/message.js';
import type { Notifier } from '../../producer/messages/notifier.js';
import { beginLoss, endLoss, type LossState } from '../../producer/push/loss.js';
import type { Counts, DropReason } from '../../shared/contract/counts.js';

export interface Losses extends LossState {
  readonly notifier: Notifier;
  readonly dropped: Counts['dropped'];
}

export function createLosses(notifier: Notifier): Losses {
  return { notifier, dropped: { total: 0 }, losing: false };
}

export function countLoss(losses: Losses, reason: DropReason): void {
  const { dropped, notifier } = losses;
  dropped.total++;
  dropped[reason] = (dropped[reason] ?? 0) + 1;
  if (reason !== 'queue-full' || !beginLoss(losses)) return;
  notifier.drop(message('TAILRACE_QUEUE_FULL'), { reason, dropped: dropped.total });
}

/** To be called when spans are accepted again. */
export function endLossAt(losses: Losses, pending: number, maxQueueSize: number): void {
  if (!endLoss(losses, pending <= maxQueueSize / 2)) return;
  const dropped = losses.dropped.total;
  losses.notifier.drop(message('TAILRACE_QUEUE_ACCEPTING_AGAIN', dropped), { dropped });
}
