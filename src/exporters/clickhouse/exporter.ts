/** The built-in exporter to tables of ClickHouse: each batch is one insert over HTTP, in one table. */
import { createHash } from 'node:crypto';
import { readKind } from '../../records/kinds.js';
import { createRecordWriter, createReviser, type Revised } from '../../revision/revision.js';
import { createRevisionsWithoutServer } from '../../revision/revisions.js';
import { withholdPayloads } from '../../revision/withheld.js';
import type { ClickhouseExporterOptions } from '../../shared/contract/clickhouse-options.js';
import type {
  EncodedRecord,
  ExporterContext,
  ExportOutcome,
  ExportRequest,
  HttpExporter,
} from '../../shared/contract/exporter.js';
import { stringifyWellFormed } from '../../shared/json.js';
import { DEFAULT_MAX_EVENT_BYTES } from '../../shared/langfuse-options.js';
import { setTimeout, systemNow } from '../../shared/runtime/real-time.js';
import { readTlsIdentity } from '../connection-options.js';
import { mayHoldMedia } from '../encoding/media-search.js';
import { createSizeLimit, type EncodedEvent } from '../truncation/size-limit.js';
import { outcomeOfInsert } from './answers.js';
import { createMigrations, HOW_TO_CREATE } from './migrations.js';
import { tableFor, toRow } from './rows.js';
import { insertInto, TABLES, type TableName } from './schema.js';

/** The first batch waits so long for the tables, and then finds out by itself whether they are there. */
const FIRST_MIGRATION_MS = 2000;

/** Names of records in messages, for people. */
const CALLED: Readonly<Record<TableName, string>> = {
  observations: 'observation',
  traces: 'trace',
  scores: 'score',
};

export async function createExporter(options: unknown, context: ExporterContext): Promise<HttpExporter> {
  const given = options as ClickhouseExporterOptions;
  const { clickhouse, maxEventBytes = DEFAULT_MAX_EVENT_BYTES } = given;
  const { url, database, tablePrefix, migrate } = clickhouse;
  const revise = createReviser(
    await createRevisionsWithoutServer(given, context, mayHoldMedia),
    context.decode,
  );
  const connection = connectionOf(clickhouse, context);
  const migrations = createMigrations(clickhouse, { ...connection, url }, context);
  const sizeLimit = createSizeLimit(maxEventBytes, createRecordWriter(), context);
  const urls = Object.fromEntries(
    (Object.keys(TABLES) as TableName[]).map((table) => [table, insertUrl(clickhouse, table)]),
  ) as Record<TableName, URL>;

  let writtenUs = 0;
  function encodeRow(event: Buffer): EncodedEvent {
    const record = context.decode(event);
    // `decode` returns a text that says why a record cannot be decoded.
    if (!Array.isArray(record)) throw new Error(String(record));
    const { id, values } = toRow(record, writtenUs);
    return { id, bytes: Buffer.from(`${stringifyWellFormed(values)}\n`) };
  }

  function encode({ event, settlesAfter }: Revised): EncodedRecord {
    const lane = tableFor(readKind(event));
    // Later records have later times, also within a microsecond and if the clock is set back.
    writtenUs = Math.max(Math.round(systemNow() * 1000), writtenUs + 1);
    const { id, bytes } = sizeLimit.json(CALLED[lane], event, encodeRow);
    return { lane, id, bytes, ...(settlesAfter && { settlesAfter }) };
  }

  function onSchema(reason: string): ExportOutcome {
    if (!migrate) {
      return { kind: 'retryable', reason: `${reason}: ${HOW_TO_CREATE}`, misconfigured: true };
    }
    const { fault } = migrations;
    void migrations.run();
    if (fault === undefined) return { kind: 'retryable', reason: `${reason}: creating it` };
    return {
      kind: 'retryable',
      reason: `${reason}, and it cannot be created: ${fault}; ${HOW_TO_CREATE}`,
      misconfigured: true,
    };
  }

  if (migrate) {
    await Promise.race([
      migrations.run(),
      new Promise<void>((resolve) => setTimeout(resolve, FIRST_MIGRATION_MS).unref()),
    ]);
  }

  return {
    encodeBytes: (event) => encode(revise(event)),

    encodeWithheld: (event) => encode({ event: withholdPayloads(event) }),

    bodyBytes: (_lane, _count, recordBytes) => recordBytes,

    spoolIdentity: `clickhouse/1 ${url} ${database} ${tablePrefix}`,

    request(lane, records) {
      const body = records.map(({ bytes }) => bytes);
      const into = new URL(urls[lane as TableName]);
      into.searchParams.set('insert_deduplication_token', tokenOf(body));
      return { ...connection, url: into.href, body };
    },

    outcome: (lane, _records, response) =>
      outcomeOfInsert(response, url, (reason) => onSchema(`${reason}: ${tablePrefix}${lane}`)),
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
  { username, password, tls }: ClickhouseExporterOptions['clickhouse'],
  context: ExporterContext,
): Pick<ExportRequest, 'headers' | 'tls'> {
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
function insertUrl(target: ClickhouseExporterOptions['clickhouse'], table: TableName): URL {
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
