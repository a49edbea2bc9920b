/**
 * Searches payloads without putting them together: what the payloads of a trace have in common is read once.
 *
 * A match that reaches from one message of a list into the next is not found, as payloads are divided there. A text that a later
 * version of an observation has replaced is found until its trace is deleted.
 */

import { unpackBody } from './payload-parts.js';
import type { Database } from './sqlite.js';

/** Payloads that are stored as text are short or very long (payload-store.ts). */
const MAX_SHORT_BYTES = 4096;

const onSides = (condition: (column: string) => string) =>
  ['input', 'output'].map((side) => `(${condition(`${side}_payload`)})`).join(' OR ');

/** Conditions on a table. A pattern of LIKE is bound for each side. */
export const SHORT_PAYLOAD_MATCHES = onSides(
  (column) =>
    `typeof(${column}) = 'text' AND octet_length(${column}) <= ${MAX_SHORT_BYTES} AND ${column} LIKE ? ESCAPE '\\'`,
);
export const LONG_PAYLOAD_MATCHES = onSides(
  (column) => `typeof(${column}) = 'text' AND ${column} LIKE ? ESCAPE '\\'`,
);
export const HAS_LONG_PAYLOAD = onSides(
  (column) => `typeof(${column}) = 'text' AND octet_length(${column}) > ${MAX_SHORT_BYTES}`,
);

export interface BodySearch {
  /** The first and the last id; zeros: there are none. */
  bounds(): { first: number; last: number };
  /** The traces with a body that matches, of ids after `after` up to `last`. Those that are known already are not read. */
  find(
    after: number,
    last: number,
    matches: (text: string) => boolean,
    isKnown: (traceId: string) => boolean,
  ): string[];
}

export function prepareBodySearch(database: Database): BodySearch {
  const bounds = database.prepare('SELECT min(id) AS first, max(id) AS last FROM bodies');
  const list = database.prepare('SELECT id, trace_id FROM bodies WHERE id > ? AND id <= ?');
  const read = database.prepare('SELECT body FROM bodies WHERE id = ?');
  return {
    bounds() {
      const { first, last } = bounds.get() ?? {};
      return { first: Number(first ?? 0), last: Number(last ?? 0) };
    },
    find(after, last, matches, isKnown) {
      const found = new Set<string>();
      for (const row of list.all(after, last)) {
        const traceId = String(row.trace_id);
        if (found.has(traceId) || isKnown(traceId)) continue;
        const body = read.get(row.id ?? 0)?.body;
        if (body instanceof Uint8Array && matches(unpackBody(body).toString())) found.add(traceId);
      }
      return [...found];
    },
  };
}
