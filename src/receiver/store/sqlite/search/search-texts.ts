/** The texts of a trace that the search looks into, in pieces: names, status messages, inputs and outputs. */

import { unpackBody } from '../payload-parts.js';
import { bindable, type Database, type SqlRow } from '../sqlite.js';

const ROWS_AT_A_TIME = 100;
const BODIES_AT_A_TIME = 8;

const shortPayload = (side: string) =>
  `CASE typeof(${side}_payload) WHEN 'text' THEN ${side}_payload END AS ${side}`;
const PAYLOADS = ['input', 'output'].map(shortPayload).join(', ');

/** Prepares statements: make one for many traces. Yields as often as it reads. */
export function prepareSearchTexts(database: Database): (traceId: string) => Generator<string[], void, void> {
  const readTrace = database.prepare(
    `SELECT name, user_id, session_id, tags, ${PAYLOADS} FROM traces WHERE id = ?`,
  );
  const readObservations = database.prepare(
    `SELECT name, status_message, model, ${PAYLOADS}, id FROM observations WHERE trace_id = ? AND id > ?
     ORDER BY id LIMIT ${ROWS_AT_A_TIME}`,
  );
  const readBodies = database.prepare(
    `SELECT body, id FROM bodies WHERE trace_id = ? AND id > ? ORDER BY id LIMIT ${BODIES_AT_A_TIME}`,
  );
  return function* textsOf(traceId) {
    const trace = bindable(traceId);
    const row = readTrace.get(trace);
    if (row === undefined) return;
    yield textsIn(row);
    let rows = readObservations.all(trace, '');
    while (rows.length > 0) {
      yield rows.flatMap(({ id: _, ...texts }) => textsIn(texts));
      rows = rows.length < ROWS_AT_A_TIME ? [] : readObservations.all(trace, rows.at(-1)?.id ?? '');
    }
    let bodies = readBodies.all(trace, 0);
    while (bodies.length > 0) {
      yield bodies.map(({ body }) => unpackBody(body as Uint8Array).toString());
      bodies = bodies.length < BODIES_AT_A_TIME ? [] : readBodies.all(trace, bodies.at(-1)?.id ?? 0);
    }
  };
}

function textsIn(row: SqlRow): string[] {
  return Object.values(row).filter((value) => typeof value === 'string');
}
