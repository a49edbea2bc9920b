/** Digests of inputs and outputs: two traces are compared without sending what is equal. */

import { createHash } from 'node:crypto';
import type { Steps } from '../../../slices.js';
import type { TraceDigests } from '../../contract/page.js';
import { OBSERVATION_TEXTS } from '../payload-sql.js';
import { TRACES_WITH_ROOT } from '../read/bounded-rows.js';
import { bindable, type Database, type SqlValue } from '../sqlite.js';

const CHUNK_ROWS = 20;

/** Undefined: there is no such trace. */
export function* digestSteps(
  database: Database,
  traceId: string,
  maxMs: number,
): Steps<TraceDigests | undefined> {
  const trace = digestOfTrace(database, traceId);
  if (trace === undefined) return undefined;
  const digests: TraceDigests = { trace, observations: [], isComplete: true };
  const endsAtMs = performance.now() + maxMs;
  const chunk = database.prepare(
    `SELECT id, input, output FROM ${OBSERVATION_TEXTS} WHERE trace_id = ? AND id > ? ORDER BY id LIMIT ${CHUNK_ROWS}`,
  );
  let last = '';
  for (;;) {
    const rows = chunk.all(bindable(traceId), bindable(last));
    for (const { id, input, output } of rows) {
      digests.observations.push({ id: String(id), input: digestOf(input), output: digestOf(output) });
    }
    yield;
    if (performance.now() > endsAtMs) return { ...digests, isComplete: false };
    if (rows.length < CHUNK_ROWS) return digests;
    last = String(rows.at(-1)?.id);
  }
}

function digestOfTrace(database: Database, traceId: string): TraceDigests['trace'] | undefined {
  const row = database
    .prepare(
      `SELECT coalesce(t.input, r.input) AS input, coalesce(t.output, r.output) AS output
       FROM ${TRACES_WITH_ROOT} WHERE t.id = ?`,
    )
    .get(bindable(traceId));
  return row && { input: digestOf(row.input), output: digestOf(row.output) };
}

/** Short, as only equality counts: 60 bits of a hash that nobody can aim at. */
function digestOf(text: SqlValue | undefined): string | null {
  if (text === null || text === undefined) return null;
  return createHash('sha256').update(String(text)).digest('base64url').slice(0, 10);
}
