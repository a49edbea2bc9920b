/**
 * Estimates usage and cost that clients did not give, after the commit: no request waits for a tokenizer.
 *
 * An observation is due while its `estimate` is null; every write to the observation resets it to null. So a later
 * update replaces an estimate, and what is due when the receiver ends is done at its next start on the same file.
 * Estimates have columns of their own, so that they never overwrite figures of a client.
 */

import type { ObservationRow } from '../../../../ingest/rows.js';
import type { PriceOverride } from '../../../../shared/contract/prices.js';
import { totalOf } from '../../../../usage/details.js';
import { createEstimator, type Estimate } from '../../../../usage/estimator.js';
import { type IdleWork, type SliceState, startIdleWork } from '../../idle-work.js';
import { storedEstimate } from '../../stored-estimate.js';
import { OBSERVATION_TEXTS } from '../payload-sql.js';
import { bindable, type Database, type SqlRow, type SqlValue } from '../sqlite.js';

export type Estimates = IdleWork;

/** Time per turn of the event loop. An observation takes about 0.3 ms, at most 300 ms. */
const SLICE_MS = 10;
/** A burst took three times as long with estimates in between (measured, two cores). */
const QUIET_MS = 100;
const MAX_WAIT_MS = 1000;

const DUE_SQL = `SELECT rowid AS row_id, trace_id, id, type, level, start_us, created_us, model, usage_details, cost_details,
  metadata FROM observations WHERE estimate IS NULL AND model IS NOT NULL LIMIT 1`;
/** Read only if text must be counted. */
const PAYLOADS_SQL = `SELECT input, output FROM ${OBSERVATION_TEXTS} WHERE rowid = ?`;

/** The estimate of an observation that leaves nothing to estimate, at the write of it; null: it is due. */
export function estimateOfGiven({ model, costDetails, metadata }: ObservationRow): string | null {
  const mayHaveMarks = metadata?.includes('tailrace_') ?? false;
  return model === null || costDetails === null || mayHaveMarks ? null : '{}';
}

const UPDATE_SQL = `UPDATE observations SET estimate = ?, estimated_tokens = ?, estimated_cost = ?,
  has_estimated_tokens = ?, has_estimated_cost = ? WHERE trace_id = ? AND id = ?`;

export interface EstimateListeners {
  onWarning(message: string): void;
  /** Called with the traces whose observations have been estimated. */
  onEstimate(traceIds: readonly string[]): void;
}

export function startEstimates(
  database: Database,
  touch: (traceId: string, observations: number) => void,
  prices: readonly PriceOverride[],
  { onWarning, onEstimate }: EstimateListeners,
): Estimates {
  const nextDue = database.prepare(DUE_SQL);
  const readPayloads = database.prepare(PAYLOADS_SQL);
  const payloadsOf = ({ row_id }: SqlRow) => {
    let read: SqlRow | undefined;
    return () => (read ??= readPayloads.get(row_id ?? 0) ?? {});
  };
  const update = database.prepare(UPDATE_SQL);
  let estimate: Estimate | undefined;

  /** On an error another process holds the file: the next write tries again. */
  function slice(): SliceState {
    const touched = new Map<string, number>();
    const deadline = performance.now() + SLICE_MS;
    try {
      let row = nextDue.get();
      if (row === undefined) return 'settled';
      // Created for the first observation with a model, as it loads the price list.
      estimate ??= createEstimator(prices, ({ text }) => onWarning(text));
      database.exec('BEGIN IMMEDIATE');
      for (; row !== undefined; row = performance.now() < deadline ? nextDue.get() : undefined) {
        update.run(...updateOf(row, payloadsOf(row), estimate));
        const traceId = String(row.trace_id);
        touched.set(traceId, (touched.get(traceId) ?? 0) + 1);
      }
      for (const [traceId, count] of touched) touch(traceId, count);
      database.exec('COMMIT');
      onEstimate([...touched.keys()]);
      return 'more';
    } catch {
      rollBack(database);
      return 'settled';
    }
  }

  return startIdleWork({ quietMs: QUIET_MS, maxWaitMs: MAX_WAIT_MS, keepsProcess: true, slice });
}

function updateOf(row: SqlRow, payloads: () => SqlRow, estimate: Estimate): SqlValue[] {
  const stored = storedEstimate(
    {
      type: String(row.type),
      model: String(row.model),
      level: textOf(row.level),
      startUs: Number(row.start_us ?? row.created_us),
      usageDetails: textOf(row.usage_details),
      costDetails: textOf(row.cost_details),
      metadata: textOf(row.metadata),
      input: () => textOf(payloads().input),
      output: () => textOf(payloads().output),
    },
    estimate,
  );
  const { usageDetails = null, costDetails = null, marks } = stored;
  return [
    bindable(JSON.stringify(stored)),
    totalOf(usageDetails),
    totalOf(costDetails),
    marks?.usage === 'estimated' ? 1 : 0,
    marks?.cost === 'computed' || marks?.cost === 'estimated' ? 1 : 0,
    bindable(row.trace_id as SqlValue),
    bindable(row.id as SqlValue),
  ];
}

const textOf = (value: SqlValue | undefined) => (typeof value === 'string' ? value : null);

function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // BEGIN itself may have failed: nothing to roll back.
  }
}
