/** Inserts merged rows, in pieces of bounded size. */

import { ADDED, OTHER_TABLES, TABLES, type TableName } from '../../../../exporters/clickhouse/columns.js';
import type { Connection } from '../connection/connection.js';
import type { Tables } from '../tables.js';

const MAX_ROWS = 10_000;
/** An insert is held in memory as text, and by the server as well. */
const MAX_CHARS = 32 * 1024 * 1024;

type Values = Readonly<Record<string, unknown>>;

export async function insertRows(
  connection: Connection,
  tables: Tables,
  name: keyof Tables,
  rows: readonly Values[],
): Promise<void> {
  const table = tables[name].parts[0] as string;
  const into = `INSERT INTO ${table} (${columnsOf(name).join(', ')})`;
  let some: Values[] = [];
  let chars = 0;
  for (const row of rows) {
    some.push(row);
    chars += charsOf(row);
    if (some.length < MAX_ROWS && chars < MAX_CHARS) continue;
    await connection.insert(into, some);
    some = [];
    chars = 0;
  }
  await connection.insert(into, some);
}

function columnsOf(name: keyof Tables): string[] {
  const own =
    name in TABLES
      ? { columns: [...TABLES[name as TableName], ...ADDED[name as TableName]] }
      : OTHER_TABLES[name as keyof typeof OTHER_TABLES];
  const columns = own.columns.map(([column]) => column);
  return name in TABLES ? columns.filter((column) => !UNWRITTEN.has(column)) : columns;
}

/** Of the roots of the exporter: the receiver writes the rows of traces itself. */
const UNWRITTEN = new Set([
  'is_trace_root',
  'trace_version',
  'trace_environment',
  'trace_metadata',
  'trace_input',
  'trace_output',
]);

function charsOf(row: Values): number {
  return Object.values(row).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 16),
    0,
  );
}
