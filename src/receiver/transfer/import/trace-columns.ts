/**
 * What observations of Langfuse 4 say of their trace: it has no table of traces, and writes name, user, session, tags, release and
 * whether it is public on each observation. An export of traces says more, so each of its values takes precedence.
 */

import { isIsoTime, normalEnvironment } from '../../../ingest/server-values.js';
import { emptyState, setField, type TraceState } from '../../../ingest/trace-state.js';

type Row = Record<string, unknown>;

/** Names of columns in exports of the page, of the API's second version, and, with underscores, of a blob storage. */
const TEXTS = { name: 'traceName', userId: 'userId', sessionId: 'sessionId', release: 'release' } as const;

/** Before the time of any event, in the order of the observations: as by events, the latest value wins. */
const EARLIEST_MS = -8.64e15;

/**
 * `row`: an observation, with names in camel case. `tags`, `isPublic`: as its columns say. Undefined: it says nothing of its trace.
 */
export function traceOfColumns(
  row: Row,
  { startTime, tags, isPublic }: { startTime: string | undefined; tags: string[]; isPublic: boolean },
): TraceState | undefined {
  if (!given(row.traceId)) return undefined;
  const state = emptyState(row.traceId);
  const timeMs = EARLIEST_MS + (isIsoTime(startTime) ? Date.parse(startTime) : 0);
  for (const [field, column] of Object.entries(TEXTS) as [keyof typeof TEXTS, string][]) {
    const value = row[column];
    if (given(value)) setField(state, field, value, timeMs);
  }
  if (isPublic) setField(state, 'public', 1, timeMs);
  if (tags.length > 0) state.tags = [...new Set(tags)].sort();
  if (Object.keys(state.times).length === 0 && state.tags === null) return undefined;
  // The version of an observation is one of its own, but that of a root is the trace's too.
  if (given(row.version) && !given(row.parentObservationId)) setField(state, 'version', row.version, timeMs);
  if (given(row.environment)) state.environment = normalEnvironment(row.environment);
  return state;
}

const given = (value: unknown): value is string => typeof value === 'string' && value !== '';
