/**
 * Answers that are about the address or the keys, and not about the batch. An exporter may give up on some of them, as it has nowhere
 * to keep the events; here they stay in the source until somebody corrects the configuration.
 */
import type { ExportOutcome } from '../../shared/contract/exporter.js';

const ABOUT_THE_ADDRESS = new Set([401, 403, 404, 405, 407]);

export function keptIfMisconfigured(status: number, outcome: ExportOutcome): ExportOutcome {
  const isRedirection = status >= 300 && status < 400;
  if (outcome.kind !== 'failure' || !(isRedirection || ABOUT_THE_ADDRESS.has(status))) return outcome;
  return { kind: 'retryable', reason: outcome.reason, misconfigured: true };
}
