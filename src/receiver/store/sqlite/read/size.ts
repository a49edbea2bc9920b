/** How large the database is, read from its header: no reader waits for the writer. */

import type { StoreSize } from '../../contract.js';
import type { Database } from '../sqlite.js';

export interface FilePages {
  readonly pageBytes: number;
  all(): number;
  /** Used again by later rows. */
  free(): number;
  usedBytes(): number;
}

export function pagesOf(database: Database): FilePages {
  const pragma = (name: string) => {
    const statement = database.prepare(`PRAGMA ${name}`);
    return () => Number(statement.get()?.[name]);
  };
  const [all, free, pageBytes] = [pragma('page_count'), pragma('freelist_count'), pragma('page_size')()];
  return { pageBytes, all, free, usedBytes: () => (all() - free()) * pageBytes };
}

export function sizeReader(database: Database, maxBytes: number | undefined): () => StoreSize {
  const { usedBytes } = pagesOf(database);
  const evicted = database.prepare('SELECT traces FROM evicted');
  return () => ({ usedBytes: usedBytes(), maxBytes, evictedTraces: Number(evicted.get()?.traces) });
}
