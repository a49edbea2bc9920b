/**
 * Columns that the exports of Langfuse's page add to a trace or an observation: its comments, and a column for each name of a score with
 * a list of values. The page writes averages and no ids there; its export of scores has each score.
 */

import { createHash } from 'node:crypto';
import { isObject, parsedOrUndefined } from '../../../ingest/json-text.js';
import { isIsoTime, microsOfIso } from '../../../ingest/server-values.js';
import type { CommentRow } from '../../store/comment-rows.js';

type Row = Record<string, unknown>;

/** What the columns are on. */
interface Target {
  traceId: string;
  observationId: string | null;
}

/** Lists that are no scores. */
const OTHER_LISTS = new Set(
  'tags traceTags comments toolCalls toolCallNames toolDefinitions input output metadata modelParameters scores'.split(
    ' ',
  ),
);

/** Only exports of the page have this column, and always. */
export function isPageExport(row: Row): boolean {
  return 'comments' in row;
}

export function commentsOf(row: Row, { traceId, observationId }: Target): CommentRow[] {
  const list = listOf(row.comments) ?? [];
  return list.filter(isObject).flatMap(({ id, content, author_email: author, created_at: createdAt }) => {
    const createdUs = isIsoTime(createdAt) ? microsOfIso(createdAt) : null;
    if (typeof id !== 'string' || id === '' || typeof content !== 'string' || content === '') return [];
    const timeUs = createdUs ?? Date.now() * 1000;
    return {
      id,
      objectType: observationId === null ? ('TRACE' as const) : ('OBSERVATION' as const),
      objectId: observationId ?? traceId,
      traceId,
      content,
      authorUserId: typeof author === 'string' ? author : null,
      createdUs: timeUs,
      updatedUs: timeUs,
    };
  });
}

/** Bodies of scores. An id follows from what the score is on, so that an import can be repeated. */
export function scoreColumns(row: Row, { traceId, observationId }: Target, timestamp: unknown): Row[] {
  if (!isPageExport(row)) return [];
  return Object.entries(row).flatMap(([name, column]) => {
    if (name === '' || OTHER_LISTS.has(name)) return [];
    const values = listOf(column) ?? [];
    const isOfOneType = ['number', 'string'].some((type) => values.every((value) => typeof value === type));
    if (!isOfOneType) return [];
    return values.map((value, index) => ({
      id: createHash('sha256')
        .update(JSON.stringify([traceId, observationId, name, index]))
        .digest('hex')
        .slice(0, 32),
      traceId,
      ...(observationId !== null && { observationId }),
      name,
      value,
      timestamp,
    }));
  });
}

/** In CSV a list is its JSON. */
function listOf(value: unknown): unknown[] | undefined {
  const read = typeof value === 'string' && value.startsWith('[') ? parsedOrUndefined(value) : value;
  return Array.isArray(read) ? read : undefined;
}
