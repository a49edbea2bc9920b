/** Whose exporter gives the reasons: those of this package hold nothing of what was sent, others may hold a server's words. */
import type { Exporter, ExportOutcome } from '../../shared/contract/exporter.js';

const ours = new WeakSet<Exporter>();

export function trustWords(exporter: Exporter): void {
  ours.add(exporter);
}

export function passesOwnWords(exporter: Exporter): boolean {
  return ours.has(exporter);
}

/** An application's exporter may give anything for an outcome, and for a reason. */
export function withReasons(outcome: ExportOutcome, change: (reason: string) => string): ExportOutcome {
  const changed = <T extends object>(one: T): T =>
    'reason' in Object(one) ? { ...one, reason: change(String((one as { reason?: unknown }).reason)) } : one;
  if (outcome.kind !== 'partial') return changed(outcome);
  const { refused } = outcome;
  return Array.isArray(refused) ? { ...outcome, refused: refused.map(changed) } : outcome;
}
