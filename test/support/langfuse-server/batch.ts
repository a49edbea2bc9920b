/** The batch of an ingestion request: which events a server takes, and its words for each that it refuses. */
import { ingestionEvent } from './schemas.js';
import type { Dropped, IngestionEvent, ServerVersion } from './types.js';
import { isRecord } from './values.js';

export interface Accepted {
  readonly id: string;
  /** As the schema has read it. */
  readonly event: IngestionEvent;
  readonly sent: IngestionEvent;
}

export interface Verdict {
  /** Without `sdk-log`, which a server takes and does not store. */
  readonly accepted: Accepted[];
  readonly dropped: Dropped[];
}

/** Null: no batch at all, which is a 400 for the whole request. */
export function judgeBatch(version: ServerVersion, body: Uint8Array): Verdict | null {
  let batch: unknown;
  try {
    batch = JSON.parse(Buffer.from(body).toString('utf8')).batch;
  } catch {
    return null;
  }
  if (!Array.isArray(batch)) return null;
  const taken = version === 4 ? batch.filter(isTakenByEventsOnly) : batch;
  const refused = version === 4 ? batch.filter((event) => !isTakenByEventsOnly(event)) : [];
  const verdict = judgeEvents(taken);
  return {
    accepted: sorted(verdict.accepted.filter(({ event }) => event.type !== 'sdk-log')),
    dropped: [...verdict.dropped, ...refused.map(refusalByEventsOnly)],
  };
}

/** By the schema, each alone (`processEventBatch.ts` in Langfuse's packages/shared/src/server/ingestion). */
export function judgeEvents(events: readonly unknown[]): Verdict {
  const verdict: Verdict = { accepted: [], dropped: [] };
  for (const sent of events) {
    const { data, error } = ingestionEvent.safeParse(sent);
    if (data) {
      const event = data as unknown as IngestionEvent;
      verdict.accepted.push({ id: event.id, event, sent: sent as IngestionEvent });
    } else {
      verdict.dropped.push({
        ...nameOf(sent),
        status: 400,
        message: 'Invalid request data',
        error: error.message,
      });
    }
  }
  return verdict;
}

const TAKEN_BY_EVENTS_ONLY = ['score-create', 'sdk-log'];

/** Langfuse 4's default mode (`filterBatchForEventsOnly` in Langfuse's web/src/pages/api/public/ingestion.ts). */
function isTakenByEventsOnly(event: unknown): boolean {
  return isRecord(event) && TAKEN_BY_EVENTS_ONLY.includes(event.type as string);
}

function refusalByEventsOnly(event: unknown): Dropped {
  const { id, type } = nameOf(event);
  const error =
    `Event type "${type}" is not accepted by /api/public/ingestion when LANGFUSE_MIGRATION_V4_WRITE_MODE ` +
    'is events_only. This endpoint only accepts score and log events.';
  return { id, type, status: 400, message: 'Event type not accepted', error };
}

function nameOf(event: unknown): { id: string; type: string } {
  const { id, type } = isRecord(event) ? event : {};
  return {
    id: typeof id === 'string' ? id : 'unknown',
    type: typeof type === 'string' ? type : 'unknown',
  };
}

/** Updates last, each half by time (`sortBatch` in Langfuse's packages/shared/src/server/ingestion/processEventBatch.ts). */
function sorted(accepted: readonly Accepted[]): Accepted[] {
  const isUpdate = ({ event }: Accepted): number => Number(event.type.endsWith('-update'));
  const timeOf = ({ event }: Accepted): number => Date.parse(event.timestamp);
  return accepted.toSorted((a, b) => isUpdate(a) - isUpdate(b) || timeOf(a) - timeOf(b));
}
