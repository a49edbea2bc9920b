/** Writes the changes of one request: observations, traces, scores, complaints, and what an import restores. */

import type { Finding } from '../../../../ingest/findings.js';
import type { Steps } from '../../../slices.js';
import type { Changes } from '../../changes.js';
import type { Database } from '../sqlite.js';
import type { prepareComplaints } from './complaint-writer.js';
import { type Touched, touch } from './due-rollups.js';
import { prepareObservations } from './observation-store.js';
import type { PayloadWriter } from './payload-store.js';
import { prepareRestore } from './restore.js';
import type { prepareTraces } from './trace-store.js';

interface Writers {
  payloads: PayloadWriter;
  traceRows: ReturnType<typeof prepareTraces>;
  complaints: ReturnType<typeof prepareComplaints>;
}

/** Adds to `touched` the traces whose roll-up is due. */
export function prepareChanges(
  database: Database,
  { payloads, traceRows, complaints }: Writers,
): (changes: Changes, touched: Touched) => Steps<void> {
  const rows = prepareObservations(database, payloads, traceRows.recordId);
  const restore = prepareRestore(database);
  return function* apply(changes, touched) {
    const { traces, observations, scores, findings, restored } = changes;
    const nowUs = Date.now() * 1000;
    const late: Finding[] = [];
    const withoutTrace = new Set<string>();
    // First the observations: traces may copy their payloads.
    for (const change of observations) {
      const traceId = rows.observation(change, nowUs, late);
      withoutTrace.add(traceId);
      touch(touched, traceId, 1);
      yield;
    }
    for (const change of traces) {
      traceRows.merge(change, nowUs);
      touch(touched, change.id);
      withoutTrace.delete(change.id);
      yield;
    }
    for (const id of withoutTrace) {
      // Classic clients may send an observation before its trace, or never send the trace.
      traceRows.touch(id, nowUs);
      yield;
    }
    for (const row of scores) {
      const previousTraceId = rows.score(row, nowUs);
      if (previousTraceId !== null) touch(touched, previousTraceId);
      // A score alone creates no trace; if the trace comes later, its roll-up finds the score.
      if (row.traceId !== null) touch(touched, row.traceId);
      yield;
    }
    yield* complaints.write(findings, nowUs);
    yield* complaints.write(late, nowUs);
    if (restored !== undefined) yield* restore(restored);
  };
}
