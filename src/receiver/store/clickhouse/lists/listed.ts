/** Rows of the page's list: totals, scores, and beginning and end of input and output. */

import type { ScoreSummary } from '../../../../viewer/data/list.js';
import type { ListedTrace, PayloadEnds } from '../../contract/page.js';
import type { Row } from '../connection/connection.js';
import { integer, raw, sql, texts } from '../connection/sql.js';
import { groupedBy } from '../read/grouped.js';
import { numberOf, textOf } from '../read/row-values.js';
import { inOrder, type Reading, summaryOf, traceRows } from '../read/trace-rows.js';

const MAX_PREVIEWED_BYTES = 1024 * 1024;
const HEAD_CHARS = 300;
const TAIL_CHARS = 2000;
/** Of the traces of one page. */
const MAX_SCORES = 50_000;

/** A long payload has no preview: cutting it means reading all of it. */
export const endsColumns = (column: string, name: string) => {
  const cut = (of: string) => `if(length(${column}) <= ${MAX_PREVIEWED_BYTES}, ${of}, NULL)`;
  const tail = `substringUTF8(${column}, greatest(1, toInt64(lengthUTF8(${column})) - ${TAIL_CHARS - 1}))`;
  return `, ${cut(`substringUTF8(${column}, 1, ${HEAD_CHARS})`)} AS ${name}_head, ${cut(tail)} AS ${name}_tail, length(${column}) AS ${name}_bytes`;
};

export function endsOf(row: Row, name: string): PayloadEnds | null {
  const bytes = numberOf(row[`${name}_bytes`]);
  if (bytes === null) return null;
  return { head: textOf(row[`${name}_head`]), tail: textOf(row[`${name}_tail`]), bytes };
}

/** In the order of the ids. */
export async function listedTraces(reading: Reading, ids: readonly string[]): Promise<ListedTrace[]> {
  if (ids.length === 0) return [];
  const [rows, scores] = await Promise.all([
    traceRows(reading, ids, raw(endsColumns('t.input', 'input') + endsColumns('t.output', 'output'))),
    reading.connection.rows(
      sql`SELECT s.trace_id AS trace_id, s.name AS name, s.value AS value, s.string_value AS text FROM ${reading.tables.scores} AS s FINAL
        WHERE s.trace_id IN ${texts(ids)} ORDER BY s.timestamp, s.id LIMIT ${integer(MAX_SCORES)}`,
    ),
  ]);
  const byTrace = groupedBy(scores, ({ trace_id }) => String(trace_id));
  const listed = rows.map(
    (row): ListedTrace => ({
      ...summaryOf(row),
      scores: summarize(byTrace.get(String(row.id)) ?? []),
      input: endsOf(row, 'input'),
      output: endsOf(row, 'output'),
    }),
  );
  return inOrder(ids, listed);
}

const MAX_LAST_CHARS = 100;

/** By name: the mean of numbers, or the last text. In the order of their time. */
export function summarize(scores: readonly Row[]): ScoreSummary[] {
  return Array.from(
    groupedBy(scores, ({ name }) => String(name)),
    ([name, ofName]) => {
      const numbers = ofName.flatMap(({ value }) => numberOf(value) ?? []);
      return {
        name,
        count: ofName.length,
        mean: numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length,
        last: textOf(ofName.at(-1)?.text)?.slice(0, MAX_LAST_CHARS) ?? null,
      };
    },
  );
}
