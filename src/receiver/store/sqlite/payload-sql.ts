/** Tables for reading: with payloads as text, and with the size of each, whatever they are stored as (payload-store.ts). */

const SIDES = ['input', 'output'];

/** Long texts are not passed through a function: SQLite gives their length without reading them. */
const columnsOf = (side: string) => {
  const isParts = `CASE typeof(${side}_payload) WHEN 'blob' THEN`;
  return `${isParts} payload_text(${side}_payload) ELSE ${side}_payload END AS ${side},
    ${isParts} payload_bytes(${side}_payload) ELSE octet_length(${side}_payload) END AS ${side}_bytes`;
};

/** For FROM. SQLite reads what a query uses, by the indices of the table. */
const withTexts = (table: string) =>
  `(SELECT rowid AS rowid, *, ${SIDES.map(columnsOf).join(', ')} FROM ${table})`;

export const TRACE_TEXTS = withTexts('traces');
export const OBSERVATION_TEXTS = withTexts('observations');
