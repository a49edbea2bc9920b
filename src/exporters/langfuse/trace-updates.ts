/**
 * Updates of traces beside spans: `trace-create` events over the ingestion endpoint, for servers that keep traces of their
 * own (Langfuse 3, and Langfuse 4 while it writes the older tables). A server of Langfuse 4 refuses them, and needs none: it
 * reads the spans. So a refusal is no failure.
 */
import type { ExportOutcome, ExportResponse } from '../../shared/contract/exporter.js';
import type { IngestionOutcome } from './ingestion.js';

/** The endpoint is not there, or not for this. */
const NO_ENDPOINT = new Set([404, 405, 410, 501]);

/** `read` says what the answer means for other events. */
export function outcomeOfTraceUpdate(
  { status }: ExportResponse,
  read: () => IngestionOutcome,
): ExportOutcome {
  if (NO_ENDPOINT.has(status)) return { kind: 'success' };
  const outcome = read();
  if (outcome.kind !== 'partial') return outcome;
  const refused = outcome.refused.filter(({ meaning }) => meaning !== 'notAccepted');
  return refused.length === 0 ? { kind: 'success' } : { kind: 'partial', refused };
}
