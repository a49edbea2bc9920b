/** Finds a trace by what somebody types: its id, the beginning of it, or "the last one". */

import { bindable, type Database } from './sqlite.js';

export function hasTrace(database: Database, id: string): boolean {
  return database.prepare('SELECT 1 FROM traces WHERE id = ?').get(bindable(id)) !== undefined;
}

/** Ids that begin with a text, by the index of ids. */
export function tracesWithPrefix(database: Database, prefix: string, limit: number): string[] {
  const rows = database
    .prepare('SELECT id FROM traces WHERE id >= ? AND id < ? ORDER BY id LIMIT ?')
    .all(bindable(prefix), bindable(`${prefix}\u{10ffff}`), limit);
  return rows.map(({ id }) => String(id));
}

/** The trace that began last. */
export function lastTrace(database: Database, hasFailed: boolean): string | undefined {
  const where = hasFailed ? 'WHERE error_count > 0' : '';
  const row = database
    .prepare(`SELECT id FROM traces ${where} ORDER BY timestamp_us DESC, rowid DESC LIMIT 1`)
    .get();
  return row === undefined ? undefined : String(row.id);
}
