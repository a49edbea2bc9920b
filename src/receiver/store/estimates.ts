/**
 * Fills in usage and cost where clients gave none, after the commit: a request never waits for a tokenizer.
 *
 * An observation is due as long as its `estimate` is null, which every write to it makes it again. So what a later
 * update gives replaces an estimate, and what is due when the receiver ends is done when it starts on the same file.
 * Estimates have columns of their own: a figure that was given is never overwritten by one that was not.
 */

import type { PriceOverride } from '../../shared/usage-options.js';
import { type Details, totalOf } from '../../usage/details.js';
import { createEstimator, type Estimate } from '../../usage/estimator.js';
import { type Figures, type Marks, marksFromMetadata } from '../../usage/figures.js';
import { parseIfJson } from '../ingest/json-text.js';
import { bindable, type Database, type SqlRow, type SqlValue } from './sqlite.js';

/** What the column `estimate` holds as JSON. Without marks: there was nothing to add. */
export interface StoredEstimate extends Partial<Figures> {}

export interface Estimates {
  /** Something may be due. */
  wake(): void;
  /** Resolves when nothing is. */
  settled(): Promise<void>;
  close(): void;
}

/** Of each turn of the event loop; an observation takes some 0.3 ms, and 300 ms at most. */
const SLICE_MS = 10;
/** Requests go first: a burst of them took three times as long with estimates in between (measured, on two cores). */
const QUIET_MS = 100;
/** Where they never cease, a slice is due all the same. */
const MAX_WAIT_MS = 1000;

const dueSql = `SELECT trace_id, id, type, level, start_us, created_us, model, usage_details, cost_details, metadata,
  input, output FROM observations WHERE estimate IS NULL AND model IS NOT NULL LIMIT 1`;

const updateSql = `UPDATE observations SET estimate = ?, estimated_tokens = ?, estimated_cost = ?,
  has_estimated_tokens = ?, has_estimated_cost = ? WHERE trace_id = ? AND id = ?`;

export function startEstimates(
  database: Database,
  rollUp: (traceId: string) => void,
  prices: readonly PriceOverride[],
  warn: (message: string) => void,
): Estimates {
  const nextDue = database.prepare(dueSql);
  const update = database.prepare(updateSql);
  let estimate: Estimate | undefined;
  let scheduled: NodeJS.Timeout | undefined;
  let waiting: (() => void)[] = [];
  let lastWriteMs = 0;
  let lastSliceMs = 0;

  function turn(): void {
    scheduled = undefined;
    const nowMs = performance.now();
    const isBusy = nowMs - lastWriteMs < QUIET_MS && nowMs - lastSliceMs < MAX_WAIT_MS;
    if (isBusy && waiting.length === 0) {
      schedule(QUIET_MS);
      return;
    }
    const mayBeMore = estimateSlice();
    lastSliceMs = performance.now();
    if (mayBeMore) {
      schedule(0);
      return;
    }
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  /** True if there may be more. An error is another process that holds the file: the next write tries again. */
  function estimateSlice(): boolean {
    const touched = new Set<string>();
    const deadline = performance.now() + SLICE_MS;
    try {
      let row = nextDue.get();
      if (row === undefined) return false;
      // With the first observation that has a model, not before: it loads the price list.
      estimate ??= createEstimator(prices, ({ text }) => warn(text));
      database.exec('BEGIN IMMEDIATE');
      for (; row !== undefined; row = performance.now() < deadline ? nextDue.get() : undefined) {
        update.run(...updateOf(row, estimate));
        touched.add(String(row.trace_id));
      }
      for (const traceId of touched) rollUp(traceId);
      database.exec('COMMIT');
      return true;
    } catch {
      rollBack(database);
      return false;
    }
  }

  function schedule(delayMs: number): void {
    scheduled ??= setTimeout(turn, delayMs);
  }

  return {
    wake() {
      lastWriteMs = performance.now();
      // What came while nothing was due has not waited yet.
      if (scheduled === undefined) lastSliceMs = lastWriteMs;
      schedule(QUIET_MS);
    },
    settled() {
      clearTimeout(scheduled);
      scheduled = undefined;
      schedule(0);
      return new Promise((resolve) => waiting.push(resolve));
    },
    close() {
      clearTimeout(scheduled);
      for (const resolve of waiting) resolve();
    },
  };
}

function updateOf(row: SqlRow, estimate: Estimate): SqlValue[] {
  const metadata = parse(row.metadata);
  const figures = estimateRow(row, metadata, estimate);
  // A client that counts for itself says so in the metadata: its figures are given here, and are estimates all the same.
  const marks: Marks | undefined = figures?.marks ?? marksFromMetadata(metadata);
  const stored: StoredEstimate = { ...figures, ...(marks && { marks }) };
  return [
    bindable(JSON.stringify(stored)),
    totalOf(figures?.usageDetails ?? null),
    totalOf(figures?.costDetails ?? null),
    marks?.usage === 'estimated' ? 1 : 0,
    marks?.cost === 'computed' || marks?.cost === 'estimated' ? 1 : 0,
    bindable(row.trace_id as SqlValue),
    bindable(row.id as SqlValue),
  ];
}

function estimateRow(row: SqlRow, metadata: unknown, estimate: Estimate): Figures | undefined {
  return estimate({
    type: String(row.type).toLowerCase(),
    model: String(row.model),
    provider: providerOf(metadata),
    isError: row.level === 'ERROR',
    startTime: new Date(Number(row.start_us ?? row.created_us) / 1000),
    usageDetails: parse(row.usage_details) as Details | null,
    costDetails: parse(row.cost_details) as Details | null,
    input: () => payload(row.input),
    output: () => payload(row.output),
  });
}

/** OpenTelemetry's two names for it, the newer first. */
function providerOf(metadata: unknown): string | undefined {
  const { attributes } = (metadata ?? {}) as { attributes?: Record<string, unknown> };
  const provider = attributes?.['gen_ai.provider.name'] ?? attributes?.['gen_ai.system'];
  return typeof provider === 'string' ? provider : undefined;
}

function payload(text: SqlValue | undefined): unknown {
  return typeof text === 'string' ? parseIfJson(text) : null;
}

function parse(json: SqlValue | undefined): unknown {
  return typeof json === 'string' ? (JSON.parse(json) as unknown) : null;
}

function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // BEGIN itself may have failed: then there is nothing to roll back.
  }
}
