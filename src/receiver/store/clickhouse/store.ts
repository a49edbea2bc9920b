/**
 * The store in tables of ClickHouse, which exporters and other servers share: the same tables that the exporter `clickhouse` writes.
 *
 * Rows are never changed: a newer one replaces the older, and one with `is_deleted` removes it. Readers merge them with FINAL. Totals of
 * traces are computed when they are asked for. What is ingested here is merged with the stored rows first (write/).
 */

import { readFileSync } from 'node:fs';
import type { ClickhouseTarget } from '../../../shared/contract/clickhouse-options.js';
import type { PriceOverride } from '../../../shared/contract/prices.js';
import { messageOf } from '../../../shared/untrusted-text/errors.js';
import type { Changes } from '../changes.js';
import { AnswerTooLarge, type Store } from '../contract.js';
import { connect } from './connection/connection.js';
import { ClickhouseProblem } from './connection/problems.js';
import { sql } from './connection/sql.js';
import { storedCounts, storedSize, storedUsage } from './counts.js';
import { listReader } from './lists/list.js';
import { createSearch } from './lists/search.js';
import { timesOfTraces } from './lists/times.js';
import { metricsReader } from './metrics/metrics.js';
import { migrate } from './migrate.js';
import { tracePageReader } from './page/trace-page.js';
import { commentStore } from './read/comments.js';
import { observationReader } from './read/observations.js';
import { scoreReader } from './read/scores.js';
import { sessionReader } from './read/sessions.js';
import { traceReader } from './read/traces.js';
import { summaryReader } from './summaries/summaries.js';
import { tablesOf } from './tables.js';
import { createVersions } from './times.js';
import { arrivalReader } from './transfer/arrivals.js';
import { complaintReader } from './transfer/complaints.js';
import { exportReader } from './transfer/export.js';
import { mediaStore } from './transfer/media.js';
import { watchChanges } from './watch.js';
import { prepareEstimates } from './write/estimate.js';
import { createWriter } from './write/writer.js';

export interface ClickhouseStoreOptions {
  readonly prices?: readonly PriceOverride[] | undefined;
  /** Called with the changes that were stored. */
  readonly onCommit?: ((changes: readonly Changes[]) => void) | undefined;
  /** Called with the traces that somebody has changed, this server included; an empty list: some have changed. */
  readonly onChange?: ((traceIds: readonly string[]) => void) | undefined;
  /** Called with the reason if changes could not be stored. */
  readonly onFailure?: ((message: string) => void) | undefined;
  /** @default process.emitWarning */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Rejects with an Error that says what to do, without user and password. */
export async function openClickhouseStore(
  target: ClickhouseTarget,
  {
    prices = [],
    onCommit = () => {},
    onChange,
    onFailure = () => {},
    onWarning = emitWarning,
  }: ClickhouseStoreOptions = {},
): Promise<Store> {
  const connection = connect({ ...target, ...(target.tls && { tls: tlsOf(target.tls) }) });
  try {
    await migrate(connection, target);
  } catch (error) {
    connection.close();
    throw error;
  }
  const tables = tablesOf(target);
  const versions = createVersions();
  const reading = { connection, tables };
  const times = timesOfTraces(reading);
  const search = createSearch(reading, times);
  const estimate = prepareEstimates(prices, onWarning);
  const watch = onChange && watchChanges(reading, onChange);
  const writer = createWriter(
    { connection, tables, versions, estimate },
    {
      onWritten: (traceIds) => watch?.wrote(traceIds, versions.last()),
      onCommit,
      onFailure: (error) => onFailure(problemOf(error) ?? messageOf(error)),
    },
  );
  const tableNames = Object.keys(tables).map((name) => `${target.tablePrefix}${name}`);
  let closing: Promise<void> | undefined;

  return {
    write: writer.write,
    remove: writer.remove,
    clear: writer.clear,
    close() {
      watch?.close();
      closing ??= writer.close().finally(() => connection.close());
      return closing;
    },
    // Estimates are written with their rows, and there is no index that lags.
    estimated: writer.settled,
    searchable: writer.settled,
    evicted: async () => {},
    size: () => storedSize(reading, target.database, tableNames),
    async ping() {
      await connection.rows(sql`SELECT 1 AS one FROM ${tables.traces} LIMIT 1`);
    },
    counts: () => storedCounts(reading),
    usage: () => storedUsage(reading),
    problemOf,
    traces: traceReader(reading),
    observations: observationReader(reading),
    sessions: sessionReader(reading),
    scores: scoreReader(reading),
    comments: commentStore({ ...reading, versions }),
    metrics: metricsReader(reading),
    list: listReader(reading, search, times),
    tracePage: tracePageReader(reading),
    summaries: summaryReader(reading, search, times),
    complaints: complaintReader(reading),
    media: mediaStore({ ...reading, versions }),
    export: exportReader(reading, search),
    arrivals: arrivalReader(reading),
  };
}

function problemOf(error: unknown): string | undefined {
  if (!(error instanceof ClickhouseProblem)) return undefined;
  return error.isTooLarge ? `${new AnswerTooLarge().message} (${error.message})` : error.message;
}

/** PEM text, or the path of a file. */
function tlsOf(tls: NonNullable<ClickhouseTarget['tls']>) {
  const read = (value: string | undefined) =>
    value === undefined || value.includes('-----BEGIN') ? value : readFileSync(value);
  const entries = (['ca', 'cert', 'key'] as const).map((name) => [name, read(tls[name])] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function emitWarning(message: string): void {
  process.emitWarning(message, 'TailraceWarning');
}
