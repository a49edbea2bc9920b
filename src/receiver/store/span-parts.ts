/** What OpenTelemetry knows of a span besides its attributes. The ingest keeps it in the metadata, as JSON. */

import { bindable, type Database } from './sqlite.js';

/** JSON texts; null: there is none. A client may have metadata of the same name, so each may hold anything. */
export interface SpanParts {
  events: string | null;
  links: string | null;
  scope: string | null;
  resource: string | null;
}

export function readSpanParts(database: Database, traceId: string, id: string): SpanParts {
  const row = database
    .prepare(
      `SELECT m -> '$.events' AS events, m -> '$.links' AS links, m -> '$.scope' AS scope,
         m -> '$.resourceAttributes' AS resource
       FROM (
         SELECT iif(json_valid(metadata), metadata, NULL) AS m FROM observations WHERE trace_id = ? AND id = ?
       )`,
    )
    .get(bindable(traceId), bindable(id));
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    events: text(row?.events),
    links: text(row?.links),
    scope: text(row?.scope),
    resource: text(row?.resource),
  };
}

/** Those of the traces that are stored. */
export function storedTraces(database: Database, ids: readonly string[]): ReadonlySet<string> {
  const rows = database
    .prepare('SELECT id FROM traces WHERE id IN (SELECT value FROM json_each(?))')
    .all(JSON.stringify(ids));
  return new Set(rows.map(({ id }) => String(id)));
}
