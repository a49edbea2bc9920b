/** Reads rows for answers: pages, and the next rows after a position. Their size is checked before they are read. */

import type { Page, Paging } from '../../contract/rows.js';
import { AnswerTooLarge, MAX_ANSWER_BYTES } from '../../contract.js';
import { OBSERVATION_TEXTS, TRACE_TEXTS } from '../payload-sql.js';
import type { Database, SqlRow, SqlValue } from '../sqlite.js';
import { type Where, whereClause } from './conditions.js';

/** If a trace has no name, input or output of its own, those of its root observation are used. */
export const TRACES_WITH_ROOT = `${TRACE_TEXTS} AS t
  LEFT JOIN ${OBSERVATION_TEXTS} AS r ON r.trace_id = t.id AND r.id = t.root_id`;

/** Columns without a limit of length. */
export const PAYLOADS = ['input', 'output', 'metadata'] as const;

/** What is read: `from` is the text after FROM, `longTexts` its columns without a limit of length. */
export interface Selection {
  columns: string;
  from: string;
  where: Where;
  order: string;
  longTexts: readonly string[];
}

const bytesOf = (column: string) =>
  /\.(input|output)$/.test(column) ? `${column}_bytes` : `octet_length(${column})`;

/** @throws AnswerTooLarge before rows are read: a hundred payloads of 64 MiB do not fit into memory. */
export function boundRows(
  database: Database,
  columns: string,
  rest: string,
  longTexts: readonly string[],
  values: readonly SqlValue[],
): SqlRow[] {
  requireBound(database, rest, longTexts, values);
  return database.prepare(`SELECT ${columns} ${rest}`).all(...values);
}

/** @throws AnswerTooLarge */
export function requireBound(
  database: Database,
  rest: string,
  longTexts: readonly string[],
  values: readonly SqlValue[],
): void {
  if (longTexts.length === 0) return;
  // SQLite returns the length of a text without reading it.
  const bytes = longTexts.map((column) => `coalesce(${bytesOf(column)}, 0)`).join(' + ');
  const sum = database
    .prepare(`SELECT sum(bytes) AS bytes FROM (SELECT ${bytes} AS bytes ${rest})`)
    .get(...values);
  if (Number(sum?.bytes ?? 0) > MAX_ANSWER_BYTES) throw new AnswerTooLarge();
}

export function nextRows(database: Database, selection: Selection, limit: number): SqlRow[] {
  const { columns, from, where, order, longTexts } = selection;
  const rest = `FROM ${from} ${whereClause(where)} ORDER BY ${order} LIMIT ?`;
  return boundRows(database, columns, rest, longTexts, [...where.values, limit]);
}

export function pageOfRows<Row>(
  database: Database,
  { columns, from, where, order, longTexts }: Selection,
  { page, limit }: Paging,
  rowOf: (row: SqlRow) => Row,
): Page<Row> {
  const clause = whereClause(where);
  const count = database.prepare(`SELECT count(*) AS count FROM ${from} ${clause}`).get(...where.values);
  const rest = `FROM ${from} ${clause} ORDER BY ${order} LIMIT ? OFFSET ?`;
  const values = [...where.values, limit, (page - 1) * limit];
  return {
    rows: boundRows(database, columns, rest, longTexts, values).map(rowOf),
    totalItems: Number(count?.count ?? 0),
  };
}
