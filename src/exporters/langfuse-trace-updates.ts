/**
 * Updates of traces beside spans: `trace-create` events over the ingestion endpoint, for servers that keep traces of their
 * own (Langfuse 3, and Langfuse 4 while it writes the older tables). A server of Langfuse 4 refuses them, and needs none: it
 * reads the spans. So a refusal is no failure.
 */
import type { ExportOutcome, ExportResponse } from '../shared/exporter.js';

/** The endpoint is not there, or not for this. */
const NO_ENDPOINT = new Set([404, 405, 410, 501]);
/** `filterBatchForEventsOnly` in Langfuse's web/src/pages/api/public/ingestion.ts. */
const NOT_ACCEPTED = /event type\b.*\bnot accepted/i;

/** `read` says what the answer means for other events. */
export function outcomeOfTraceUpdate({ status }: ExportResponse, read: () => ExportOutcome): ExportOutcome {
  if (NO_ENDPOINT.has(status)) return { kind: 'success' };
  const outcome = read();
  if (outcome.kind !== 'partial') return outcome;
  const refused = outcome.refused.filter(({ reason }) => !NOT_ACCEPTED.test(reason));
  return refused.length === 0 ? { kind: 'success' } : { kind: 'partial', refused };
}
