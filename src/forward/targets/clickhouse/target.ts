/** Tables of ClickHouse as a target: spans and scores become the rows that the clickhouse exporter writes. */
import { gzip } from '../../../consumer/compression/gzip.js';
import { isNear } from '../../../consumer/delivery/compression.js';
import { type HttpRequest, type Transport, toHttpRequest } from '../../../consumer/transport/transport.js';
import { outcomeOfInsert } from '../../../exporters/clickhouse/answers.js';
import type { TableName } from '../../../exporters/clickhouse/columns.js';
import { createInserts } from '../../../exporters/clickhouse/inserts.js';
import { createMigrations, outcomeOfMissing } from '../../../exporters/clickhouse/migrations.js';
import type { ClickhouseTarget } from '../../../shared/contract/clickhouse-options.js';
import type { ExportOutcome } from '../../../shared/contract/exporter.js';
import { systemNow } from '../../../shared/runtime/real-time.js';
import { partOf, SCORES, SPANS, TRACE_UPDATES } from '../../body.js';
import type { Batch, Target } from '../../contract.js';
import { type BatchRows, rowsOf } from './batch-rows.js';
import { createInsertGroups } from './insert-groups.js';

interface Read extends BatchRows {
  /** Why the body cannot be read. */
  readonly fault?: string;
}

const NOTHING: BatchRows = { rows: new Map(), bytes: 0, refused: [] };

/** `inFlight`: batches at a time. Half of them make an insert, while the other half is under way. */
export function createClickhouseTarget(
  target: ClickhouseTarget,
  inFlight: number,
  http: Transport<HttpRequest>,
  warning: (topic: string, text: string) => void,
): Target {
  const { url, tablePrefix, migrate } = target;
  const inserts = createInserts(target, { warning });
  const migrations = migrate
    ? createMigrations(target, inserts.connection, {
        send: (request, read) => http.send(toHttpRequest(request), read),
      })
    : undefined;
  let begun: Promise<void> | undefined;
  const isFar = !isNear(url);
  const groups = createInsertGroups(insert, Math.ceil(inFlight / 2));
  /** Of batches under way: each is read once, however often it is tried. */
  const reads = new WeakMap<Batch, Read>();

  async function insert(
    table: TableName,
    rows: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<ExportOutcome> {
    begun ??= migrations?.run();
    await begun;
    const request = toHttpRequest(inserts.request(table, rows));
    const onSchema = (reason: string) => outcomeOfMissing(migrations, `${reason}: ${tablePrefix}${table}`);
    return http.send(
      isFar ? compressed(request) : request,
      (response) => outcomeOfInsert(response, url, onSchema),
      signal,
    );
  }

  function read(batch: Batch): Read {
    const known = reads.get(batch);
    if (known !== undefined) return known;
    const found = readRows(batch);
    reads.set(batch, found);
    return found;
  }

  return {
    url,

    async deliver(batch, signal) {
      if (batch.lane !== SPANS && batch.lane !== SCORES) {
        return { kind: 'failure', reason: `this forwarder knows no place for the lane ${batch.lane}` };
      }
      const { fault, rows, refused } = read(batch);
      if (fault !== undefined) return { kind: 'failure', reason: fault };
      if (rows.size > 0) {
        const outcome = await groups.insert(batch, () => read(batch), signal);
        if (outcome.kind !== 'success') return outcome;
      }
      return refused.length === 0 ? { kind: 'success' } : { kind: 'partial', refused };
    },

    // What an update says of a trace, its spans say as well.
    skips: (lane) => lane === TRACE_UPDATES,

    part: partOf,

    close: () => http.close(),
  };
}

/** The text of an error is not shown: that of a parser repeats the body. */
function readRows(batch: Batch): Read {
  try {
    return rowsOf(batch, batch.addedUs ?? Math.round(systemNow() * 1000));
  } catch {
    const what = batch.lane === SPANS ? 'spans of OTLP' : 'events of the ingestion API';
    return { ...NOTHING, fault: `the body cannot be read as ${what}` };
  }
}

function compressed(request: HttpRequest): HttpRequest {
  const byteLength = request.body.reduce((sum, piece) => sum + piece.byteLength, 0);
  return {
    ...request,
    headers: { ...request.headers, 'content-encoding': 'gzip' },
    body: [gzip(request.body, byteLength)],
  };
}
