/** When the first and the last stored trace begin. Rows that were replaced or deleted may make the range longer. */

import { raw, sql } from '../connection/sql.js';
import { numberOf } from '../read/row-values.js';
import type { Reading } from '../read/trace-rows.js';
import { microsSql } from '../tables.js';

export type TimesOfTraces = () => Promise<{ firstUs: number; lastUs: number } | null>;

export function timesOfTraces({ connection, tables }: Reading): TimesOfTraces {
  return async () => {
    const [row] = await connection.rows(
      sql`SELECT min(${raw(microsSql('t.timestamp'))}) AS first, max(${raw(microsSql('t.timestamp'))}) AS last, count() AS count
        FROM ${tables.traces} AS t FINAL`,
    );
    const [firstUs, lastUs] = [numberOf(row?.first), numberOf(row?.last)];
    return Number(row?.count ?? 0) === 0 || firstUs === null || lastUs === null ? null : { firstUs, lastUs };
  };
}
