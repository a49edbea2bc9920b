/** `tailrace clickhouse-schema`: the statements that create the tables of the clickhouse exporter, for a user who may. */
import { resolveClickhouse } from '../config/clickhouse-options.js';
import { createDatabase, createStatements } from '../exporters/clickhouse/schema.js';
import { type SchemaOptions, UsageError } from './arguments.js';
import { type Io, printLine } from './io.js';

/** The statements need no server. */
const NO_SERVER = 'http://localhost';

/** @throws UsageError for a name that the exporter would not take. */
export function printClickhouseSchema(options: SchemaOptions, io: Io): number {
  const target = resolveClickhouse({ ...options, url: NO_SERVER }, io.env);
  if ('fault' in target) throw new UsageError(target.fault);
  // Of whichever version the tables are that may be there.
  for (const statement of [createDatabase(target), ...createStatements(target, true)]) {
    printLine(io.stdout, `${statement};\n`);
  }
  return 0;
}
