/** The request of an insert: its address with the settings, its headers, and the token by which the server knows a repeat. */
import { createHash } from 'node:crypto';
import type { ClickhouseTarget } from '../../shared/contract/clickhouse-options.js';
import type { ExporterContext, ExportRequest } from '../../shared/contract/exporter.js';
import { readTlsIdentity } from '../connection-options.js';
import { TABLES, type TableName } from './columns.js';
import { insertInto } from './schema.js';

type Connection = Pick<ExportRequest, 'headers' | 'tls'>;

export interface Inserts {
  /** What each request to the server has. */
  readonly connection: Connection & Pick<ExportRequest, 'url'>;
  /** `rows`: a line of JSON each. */
  request(table: TableName, rows: readonly Uint8Array[]): ExportRequest;
}

export function createInserts(target: ClickhouseTarget, context: Pick<ExporterContext, 'warning'>): Inserts {
  const connection = connectionOf(target, context);
  const urls = Object.fromEntries(
    (Object.keys(TABLES) as TableName[]).map((table) => [table, insertUrl(target, table)]),
  ) as Record<TableName, URL>;
  return {
    connection: { ...connection, url: target.url },
    request(table, rows) {
      const into = new URL(urls[table]);
      into.searchParams.set('insert_deduplication_token', tokenOf(rows));
      return { ...connection, url: into.href, body: rows };
    },
  };
}

/** The same for the same rows: the server drops a batch that it has taken before the connection was cut. */
function tokenOf(body: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of body) hash.update(piece);
  return hash.digest('base64url');
}

/** User and password go into headers: servers and proxies log addresses. */
function connectionOf(
  { username, password, tls }: ClickhouseTarget,
  context: Pick<ExporterContext, 'warning'>,
): Connection {
  const identity = tls && readTlsIdentity(tls, context);
  return {
    headers: {
      'content-type': 'application/octet-stream',
      'x-clickhouse-user': username,
      'x-clickhouse-key': password,
    },
    ...(identity && { tls: identity }),
  };
}

/** Settings that decide about duplicates, and how values are read, are always said: their defaults differ between versions. */
function insertUrl(target: ClickhouseTarget, table: TableName): URL {
  const insert = new URL(target.url);
  const isAsync = target.asyncInsert;
  const settings = {
    query: insertInto(target, table),
    async_insert: isAsync ? '1' : '0',
    ...(isAsync && { wait_for_async_insert: '1', async_insert_deduplicate: '1' }),
    insert_deduplicate: '1',
    deduplicate_blocks_in_dependent_materialized_views: '1',
    input_format_skip_unknown_fields: '0',
    input_format_json_read_objects_as_strings: '1',
    input_format_json_read_arrays_as_strings: '1',
  };
  for (const [name, value] of Object.entries(settings)) insert.searchParams.set(name, value);
  return insert;
}
