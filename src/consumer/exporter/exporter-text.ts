/**
 * Texts that come from an exporter, before they go into a message. Exporters of this package put nothing of what was sent into
 * their reasons. An application's exporter may pass on a server's text, or throw an error that shows its input.
 */
import type { Exporter, ExportOutcome } from '../../shared/contract/exporter.js';
import { messageOf, nameOf } from '../../shared/untrusted-text/errors.js';
import { redactField, type Sent } from '../../shared/untrusted-text/untrusted-text.js';

const trusted = new WeakSet<Exporter>();

export function trustReasons(exporter: Exporter): void {
  trusted.add(exporter);
}

function areReasonsTrusted(exporter: Exporter): boolean {
  return trusted.has(exporter);
}

/** The message of an error that an exporter threw, redacted. JSON.parse() shows pieces of its input too small to find. */
export function redactedMessage(error: unknown, bodies: readonly Uint8Array[]): string {
  if (error instanceof SyntaxError) return nameOf(error);
  return redactField(messageOf(error), { secrets: [], bodies });
}

const NO_OUTCOME: ExportOutcome = { kind: 'failure', reason: 'the exporter gave no outcome' };

/** What an exporter says of a request, with reasons that may be shown. `sent`: what the server may have repeated. */
export function checkedOutcome(
  exporter: Exporter,
  outcome: ExportOutcome | undefined | null,
  sent: Sent,
): ExportOutcome {
  if (outcome === undefined || outcome === null) return NO_OUTCOME;
  return areReasonsTrusted(exporter) ? outcome : withReasons(outcome, (reason) => redactField(reason, sent));
}

/** An outcome with changed reasons. An application's exporter may return anything as outcome and as reason. */
export function withReasons(outcome: ExportOutcome, change: (reason: string) => string): ExportOutcome {
  const changed = <T extends object>(one: T): T =>
    'reason' in Object(one) ? { ...one, reason: change(String((one as { reason?: unknown }).reason)) } : one;
  if (outcome.kind !== 'partial') return changed(outcome);
  const { refused } = outcome;
  return Array.isArray(refused) ? { ...outcome, refused: refused.map(changed) } : outcome;
}
