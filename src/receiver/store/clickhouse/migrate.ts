/** Brings the tables to this version, or says which statements somebody must run. */

import {
  createDatabase,
  createStatements,
  MIGRATIONS_TABLE,
  SCHEMA_VERSION,
  tableOf,
} from '../../../exporters/clickhouse/schema.js';
import type { ClickhouseTarget } from '../../../shared/contract/clickhouse-options.js';
import type { Connection } from './connection/connection.js';
import { ClickhouseProblem } from './connection/problems.js';
import { raw, sql } from './connection/sql.js';
import { countOf } from './read/row-values.js';

/** Any number of processes may do that at once: each statement can run again. */
export async function migrate(connection: Connection, target: ClickhouseTarget): Promise<void> {
  const version = await versionOf(connection, target);
  if (version !== undefined && version >= SCHEMA_VERSION) return;
  if (!target.migrate) {
    throw new Error(
      `the tables of tailrace are missing or of an earlier version in ClickHouse at ${connection.host}: \`npx tailrace clickhouse-schema\` prints the statements`,
    );
  }
  const statements = createStatements(target, version !== undefined);
  if (version === undefined) {
    try {
      await connection.run(raw(createDatabase(target)));
    } catch (error) {
      // A user without the right may still have the tables.
      if (!(error instanceof ClickhouseProblem) || error.code !== NO_RIGHT) throw error;
    }
  }
  for (const statement of statements) await connection.run(raw(statement));
}

const NO_RIGHT = 497;

async function versionOf(connection: Connection, target: ClickhouseTarget): Promise<number | undefined> {
  try {
    const [row] = await connection.rows(
      sql`SELECT max(version) AS version FROM ${raw(tableOf(target, MIGRATIONS_TABLE))}`,
    );
    return countOf(row?.version);
  } catch (error) {
    if (error instanceof ClickhouseProblem && error.isMissingTable) return undefined;
    throw error;
  }
}
