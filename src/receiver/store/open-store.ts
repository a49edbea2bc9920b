/** Chooses the store, and opens it: SQLite in a folder or in memory. */

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
