/** What OpenTelemetry knows of a span besides its attributes. The ingest keeps it in the metadata, as JSON. */

import type { SpanParts } from '../../contract/page.js';
import { bindable, type Database } from '../sqlite.js';

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
