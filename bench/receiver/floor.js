/** The floor of ingestion: as many rows with as many bytes by SQLite alone, in one table with one index, in transactions of a body each. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openDatabase } from '../../dist/receiver/store/sqlite/sqlite.js';

export async function insertBare(folder, made) {
  const database = await openDatabase(join(folder, 'floor.db'));
  database.exec(`PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536;
    CREATE TABLE rows (trace_id TEXT, id TEXT, payload BLOB, UNIQUE (trace_id, id))`);
  const insert = database.prepare('INSERT INTO rows VALUES (?, ?, ?)');
  const startMs = performance.now();
  let count = 0;
  for (const { body, spans } of made) {
    const bytes = Math.floor(body.length / spans);
    const traceId = randomBytes(16).toString('hex');
    database.exec('BEGIN');
    for (let at = 0; at < spans; at++) {
      insert.run(traceId, randomBytes(8).toString('hex'), body.subarray(at * bytes, (at + 1) * bytes));
    }
    database.exec('COMMIT');
    count += spans;
  }
  const perSecond = (count * 1000) / (performance.now() - startMs);
  database.close();
  return { perSecond };
}
