/** Digests of inputs and outputs: two traces are compared without sending what is equal. */

import { createHash } from 'node:crypto';
import { OBSERVATION_TEXTS, TRACE_TEXTS } from './payload-sql.js';
import { bindable, type Database, type SqlValue } from './sqlite.js';

export interface PayloadDigest {
  id: string;
  input: string | null;
  output: string | null;
}

const CHUNK_ROWS = 20;

/** Of the observations of a trace, in order of their ids, in chunks. */
export function* digestsOfTrace(database: Database, traceId: string): Generator<PayloadDigest[], void, void> {
  const chunk = database.prepare(
    `SELECT id, input, output FROM ${OBSERVATION_TEXTS} WHERE trace_id = ? AND id > ? ORDER BY id LIMIT ${CHUNK_ROWS}`,
  );
  let last = '';
  for (;;) {
    const rows = chunk.all(bindable(traceId), bindable(last));
    yield rows.map(({ id, input, output }) => ({
      id: String(id),
      input: digestOf(input),
      output: digestOf(output),
    }));
    if (rows.length < CHUNK_ROWS) return;
    last = String(rows.at(-1)?.id);
  }
}

/** Of the trace itself, or of its root where it has none; undefined: there is no such trace. */
export function digestOfTrace(database: Database, traceId: string): Omit<PayloadDigest, 'id'> | undefined {
  const row = database
    .prepare(
      `SELECT coalesce(t.input, r.input) AS input, coalesce(t.output, r.output) AS output FROM ${TRACE_TEXTS} AS t
       LEFT JOIN ${OBSERVATION_TEXTS} AS r ON r.trace_id = t.id AND r.id = t.root_id WHERE t.id = ?`,
    )
    .get(bindable(traceId));
  return row && { input: digestOf(row.input), output: digestOf(row.output) };
}

/** Short, as only equality counts: 60 bits of a hash that nobody can aim at. */
function digestOf(text: SqlValue | undefined): string | null {
  if (text === null || text === undefined) return null;
  return createHash('sha256').update(String(text)).digest('base64url').slice(0, 10);
}
