/** The built-in exporter to tables of ClickHouse: each batch is one insert over HTTP, in one table. */
import { readKind } from '../../records/kinds.js';
import { createRecordWriter, createReviser, type Revised } from '../../revision/revision.js';
import { createRevisionsWithoutServer } from '../../revision/revisions.js';
import { withholdPayloads } from '../../revision/withheld.js';
import type { ClickhouseExporterOptions } from '../../shared/contract/clickhouse-options.js';
import type { EncodedRecord, ExporterContext, HttpExporter } from '../../shared/contract/exporter.js';
import { stringifyWellFormed } from '../../shared/json.js';
import { DEFAULT_MAX_EVENT_BYTES } from '../../shared/langfuse-options.js';
import { setTimeout, systemNow } from '../../shared/runtime/real-time.js';
import { mayHoldMedia } from '../encoding/media-search.js';
import { createSizeLimit, type EncodedEvent } from '../truncation/size-limit.js';
import { outcomeOfInsert } from './answers.js';
import type { TableName } from './columns.js';
import { createInserts } from './inserts.js';
import { createMigrations, outcomeOfMissing } from './migrations.js';
import { tableFor, toRow } from './rows.js';

/** The first batch waits so long for the tables, and then finds out by itself whether they are there. */
const FIRST_MIGRATION_MS = 2000;
/**
 * And so long for a server that gives no answer. Meanwhile nothing is taken from the ring: the end of a process (`exitTimeoutMs`, 2 s) has
 * to have time left to put it on disk.
 */
const FIRST_ANSWER_MS = 1000;

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
  const inserts = createInserts(clickhouse, context);
  const migrations = migrate ? createMigrations(clickhouse, inserts.connection, context) : undefined;
  const sizeLimit = createSizeLimit(maxEventBytes, createRecordWriter(), context);

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

  if (migrations !== undefined) {
    const end = migrations.run();
    await Promise.race([end, after(FIRST_ANSWER_MS)]);
    if (migrations.isAnswered) await Promise.race([end, after(FIRST_MIGRATION_MS - FIRST_ANSWER_MS)]);
  }

  return {
    encodeBytes: (event) => encode(revise(event)),

    encodeWithheld: (event) => encode({ event: withholdPayloads(event) }),

    bodyBytes: (_lane, _count, recordBytes) => recordBytes,

    spoolIdentity: `clickhouse/1 ${url} ${database} ${tablePrefix}`,

    request: (lane, records) =>
      inserts.request(
        lane as TableName,
        records.map(({ bytes }) => bytes),
      ),

    outcome: (lane, _records, response) =>
      outcomeOfInsert(response, url, (reason) =>
        outcomeOfMissing(migrations, `${reason}: ${tablePrefix}${lane}`),
      ),
  };
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
