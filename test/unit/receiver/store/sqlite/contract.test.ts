/** SQLite as a store: in memory, and in a folder. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openSqliteStore } from '../../../../../src/receiver/store/sqlite/store.js';
import { describeStore } from '../contract/describe-store.js';

describeStore('SQLite in memory', {
  open: (options) => openSqliteStore(undefined, options),
  evicts: true,
});

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describeStore('SQLite in a folder', {
  open(options) {
    const folder = mkdtempSync(join(tmpdir(), 'tailrace-contract-'));
    folders.push(folder);
    return openSqliteStore(folder, options);
  },
  reopen: (options) => openSqliteStore(folders.at(-1), options),
  evicts: true,
});
