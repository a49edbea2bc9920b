/** Chooses the store, and opens it: SQLite in a folder or in memory, or tables of ClickHouse. */

import type { ClickhouseTarget } from '../../shared/contract/clickhouse-options.js';
import { openClickhouseStore } from './clickhouse/store.js';
import type { Store } from './contract.js';
import { openSqliteStore } from './sqlite/store.js';
import type { StoreOptions } from './store-options.js';

// What the command says of it.
export { DATABASE_FILE_NAME } from './sqlite/folder.js';
export { NO_SQLITE, PEER_PACKAGE } from './sqlite/sqlite.js';

/** Opens the store in `dataDir`, or in memory without it. Rejects with an Error that says what to do. */
export function openStore(dataDir?: string, options: StoreOptions = {}): Promise<Store> {
  return openSqliteStore(dataDir, options);
}

/** Opens the store in tables of ClickHouse, which has its own bounds (the TTL of the tables). Rejects with an Error that says what to do. */
export function openSharedStore(target: ClickhouseTarget, options: StoreOptions = {}): Promise<Store> {
  return openClickhouseStore(target, { ...options, onChange: options.onEstimate });
}
