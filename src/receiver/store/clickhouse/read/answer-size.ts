/** Refuses answers that are too large before their rows are read. */

import { AnswerTooLarge, MAX_ANSWER_BYTES } from '../../contract.js';
import type { Connection } from '../connection/connection.js';
import { type Sql, sql } from '../connection/sql.js';
import { countOf } from './row-values.js';

/** `rows`: a query with a column `bytes`. @throws AnswerTooLarge */
export async function requireAnswerable(
  connection: Connection,
  rows: Sql,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const [sum] = await connection.rows(sql`SELECT sum(bytes) AS bytes FROM (${rows})`, { settings });
  if (countOf(sum?.bytes) > MAX_ANSWER_BYTES) throw new AnswerTooLarge();
}
