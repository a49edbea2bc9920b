/** Databases of their own on one engine, for the tests of a file. */
import type { ClickhouseTarget } from '../../src/shared/contract/clickhouse-options.js';
import { type ClickhouseServer, startClickhouse } from './clickhouse-server.js';

let server: Promise<ClickhouseServer> | undefined;
let databases = 0;

export function sharedServer(): Promise<ClickhouseServer> {
  server ??= startClickhouse({ isShared: true });
  return server;
}

/** A database that nobody has used. */
export async function newTarget(): Promise<ClickhouseTarget> {
  const { url } = await sharedServer();
  const database = `test_${process.pid}_${++databases}`;
  return {
    ...{ url, database, username: 'default', password: '', tablePrefix: 'tailrace_' },
    ...{ asyncInsert: false, migrate: true },
  };
}
