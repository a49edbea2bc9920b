/**
 * The receiver of a test, on the store that the run is about: SQLite, or with TAILRACE_STORE=clickhouse tables of ClickHouse, each receiver
 * in a database of its own.
 */
import { startReceiver as start } from '../../src/receiver/receiver.js';
import { newTarget } from './clickhouse-target.js';

export type { Receiver } from '../../src/receiver/receiver.js';

export const isClickhouse = process.env.TAILRACE_STORE === 'clickhouse';

type Options = NonNullable<Parameters<typeof start>[0]>;

/** A folder is one of SQLite, whatever the run is about. */
export async function startReceiver(options: Options = {}): ReturnType<typeof start> {
  const isOwn = isClickhouse && options.dataDir === undefined;
  return start({ ...options, ...(isOwn && { clickhouse: await newTarget() }) });
}
